"""What JPEG compression leaves of an image: its 8x8 cosine transform, quantised by the standard luminance table."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# ITU-T T.81, table K.1.
LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_tables: dict[torch.device, Tensor] = {}  # one copy a device: another would wait for it every time


def luminance(device: torch.device) -> Tensor:
    """The table on the device."""
    if device not in _tables:
        _tables[device] = torch.tensor(LUMINANCE, dtype=torch.float32, device=device)
    return _tables[device]


def compress(images: Tensor, quality: Tensor) -> Tensor:
    """Images [images, height, width] in [0, 1], sides multiples of 8, at `quality` [images] in 1..100."""
    rows, columns = (side // 8 for side in images.shape[1:])
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality) / 100
    table = (luminance(images.device) * scale[:, None, None]).round().clamp_min(1)[:, None, None]
    frequency = torch.arange(8, device=images.device).float()
    cosines = torch.cos((2 * frequency[None] + 1) * frequency[:, None] * math.pi / 16) / 2
    cosines = torch.cat([cosines[:1] / math.sqrt(2), cosines[1:]])
    blocks = (images * 255 - 128).unflatten(2, (columns, 8)).unflatten(1, (rows, 8)).transpose(2, 3)
    kept = (cosines @ blocks @ cosines.T / table).round() * table
    restored = cosines.T @ kept @ cosines
    return (restored.transpose(2, 3).flatten(3).flatten(1, 2) + 128) / 255
