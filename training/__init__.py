"""Weights and reference tensors for `match`, made with PyTorch; run as `python -m training.NAME` from the repository root."""
