"""Weights and reference tensors for `match`, in PyTorch; run as `python -m training.NAME` from the repository root."""

import os

# OpenMP's threads spin while they wait for each other, which on a machine with other work costs them the processors
# that they wait for: a training step was 11 times slower. This has to be said before PyTorch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
