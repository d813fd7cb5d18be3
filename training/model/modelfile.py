"""Model files: float32 or float16 weights in safetensors, with the configuration as JSON in the metadata.

Metadata keys: `format` ("match-model/1") and `model` (the JSON text).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from training.model.compact import Compact
from training.model.configuration import CompactConfiguration
from training.model.tensorfile import write_tensors

FORMAT = "match-model/1"


def write_model(path: Path, model: Mapping[str, Any], weights: Mapping[str, torch.Tensor], half: bool = False) -> None:
    """Writes `weights` and the configuration `model`; batch norm's counters, of training only, are left out.

    `half` stores the weights, but not batch norm's statistics, in 16 bits.
    """
    kept = {name: tensor for name, tensor in weights.items() if not name.endswith("num_batches_tracked")}
    if half:
        kept = {name: tensor if "running" in name else tensor.half() for name, tensor in kept.items()}
    write_tensors(path, kept, {"format": FORMAT, "model": json.dumps(model, separators=(",", ":"))})


def read_model(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Reads the configuration and the weights of `path`; raises ValueError for a file of another format."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        if metadata.get("format") != FORMAT:
            raise ValueError(f"{path}: metadata format is {metadata.get('format')!r}, expected {FORMAT!r}")
        weights = {name: file.get_tensor(name).float() for name in file.keys()}
        return json.loads(metadata["model"]), weights


def load_compact(path: Path) -> Compact:
    """The compact network of the model file `path`, in evaluation mode."""
    model, weights = read_model(path)
    network = Compact(CompactConfiguration.from_model(model))
    missing, unexpected = network.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise ValueError(f"{path}: missing keys {missing}, unexpected keys {unexpected}")
    return network.eval()
