"""The mutable shell: the layered graph and its rules."""
