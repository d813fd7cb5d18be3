"""Writes reference.safetensors with Hugging Face's own library: `python make_reference.py` (torch, safetensors)."""

from pathlib import Path

import torch
from safetensors.torch import save_file

ramp = torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4 - 0.5
tensors = {
    "float32": ramp,
    "float16": ramp.half(),
    "brain_float16": ramp.bfloat16(),
    "float64": ramp.double(),
    "int64": torch.tensor([-3, 2**40]),
    "int32": torch.tensor([[7], [-8]], dtype=torch.int32),
    "scalar": torch.tensor(1.5),
    "empty": torch.zeros(3, 0),
}
save_file(tensors, Path(__file__).with_name("reference.safetensors"), metadata={"note": 'quoted "é" \\ \n 😀'})
