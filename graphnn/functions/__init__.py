"""Pure mathematics of one neuron, one output, one weight: each function written once."""
