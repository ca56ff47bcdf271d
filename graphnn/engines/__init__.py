"""The engines: the specification along the edges, and the textbook's matrices."""
