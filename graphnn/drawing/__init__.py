"""The drawing room: coordinates, DOT text, and the programs that draw it."""
