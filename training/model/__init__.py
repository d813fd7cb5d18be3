"""The networks of `match` in PyTorch, and the files their weights travel in."""

from training.model.compact import Compact, Features, Matches
from training.model.configuration import CompactConfiguration
from training.model.modelfile import load_compact, read_model, write_model

__all__ = ["Compact", "CompactConfiguration", "Features", "Matches", "load_compact", "read_model", "write_model"]
