"""Learning: optimisers, stopping rules, the training loop and its result."""
