"""Reference tensors for the Swift side, and comparisons with it."""
