"""The parts of the comparison with others, one module each; `peers.py` runs them."""
