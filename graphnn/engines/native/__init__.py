"""The native engine: generated source, compiled by Numba, bit for bit the node engine.

Print `program.source(engine="native")` first, then read `loops`, `dense` and `edges`, which write
it, and `engine`, which runs it.
"""
