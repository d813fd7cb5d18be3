"""Reference evaluations in Python, for comparison with the program's own."""
