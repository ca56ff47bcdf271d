"""The comparison of the engines: the promise of equal numbers, checked for the user."""
