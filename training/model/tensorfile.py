"""Write safetensors files whose bytes depend on their content alone.

The reference library puts the metadata in a random order; here metadata and tensors are sorted by name,
so that a fixture made again is the same file. Data starts at a multiple of 8 bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

_TYPE_NAMES = {np.dtype(np.float32): "F32", np.dtype(np.float16): "F16", np.dtype(np.int32): "I32"}


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> None:
    """Writes `tensors` to `path`: float16 as they are, other floats as float32, integers as int32."""
    header: dict[str, object] = {"__metadata__": dict(sorted(metadata.items()))}
    chunks: list[bytes] = []
    offset = 0
    for name, tensor in sorted(tensors.items()):
        dtype = torch.int32
        if tensor.is_floating_point():
            dtype = torch.float16 if tensor.dtype == torch.float16 else torch.float32
        array = np.asarray(tensor.detach().to("cpu", dtype).contiguous().numpy())
        data = array.tobytes()
        header[name] = {
            "dtype": _TYPE_NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(chunks))
