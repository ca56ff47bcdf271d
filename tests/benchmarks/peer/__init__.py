"""Others' ways to take the same training steps, one module each, for benchmarks to time."""
