"""Weights and reference tensors for `match`, in PyTorch; run as `python -m training.NAME` from the repository root."""
