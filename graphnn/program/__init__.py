"""The frozen core: what engines run, and the one bridge between graph and arrays."""
