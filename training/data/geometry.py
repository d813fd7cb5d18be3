"""Plane and space geometry on batches of points [..., points, 2 or 3], in float32 throughout.

Matrices are applied column by column rather than by matrix products: on a GPU those may round to ten bits (TF32),
which is a quarter of a pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor


def centred_grid(size: int, count: int, device: torch.device) -> Tensor:
    """[count^2, 2]: the centres of a division of a square image into count x count cells, row by row."""
    step = size / count
    along = torch.arange(count, device=device).float() * step + (step - 1) / 2
    y, x = torch.meshgrid(along, along, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], 1)


def apply_linear(matrix: Tensor, points: Tensor) -> Tensor:
    """Matrices [..., rows, columns] times points [..., points, columns]: [..., points, rows]."""
    columns = [points[..., i : i + 1] * matrix[..., None, :, i] for i in range(matrix.shape[-1])]
    return sum(columns[1:], columns[0])


def apply_homogeneous(matrix: Tensor, points: Tensor) -> Tensor:
    """[..., points, 3]: matrices [..., 3, 3] times (x, y, 1)."""
    return (
        points[..., 0:1] * matrix[..., None, :, 0]
        + points[..., 1:2] * matrix[..., None, :, 1]
        + matrix[..., None, :, 2]
    )


def project(matrix: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Points [..., points, 2] under homographies [..., 3, 3], and the third coordinate [..., points]."""
    moved = apply_homogeneous(matrix, points)
    return moved[..., :2] / moved[..., 2:], moved[..., 2]


def inverse(matrix: Tensor) -> Tensor:
    """Inverses of [..., 3, 3], up to rounding; by cross products, as the library's own waits for the GPU."""
    first, second, third = matrix.unbind(-2)
    columns = [torch.linalg.cross(second, third), torch.linalg.cross(third, first), torch.linalg.cross(first, second)]
    return torch.stack(columns, -1) / (first * columns[0]).sum(-1)[..., None, None]


def matrix_of(*entries: Tensor | float) -> Tensor:
    """[..., 3, 3] from nine entries, row by row; numbers and tensors of broadcastable shapes."""
    shape = torch.broadcast_shapes(*[e.shape for e in entries if isinstance(e, Tensor)])
    like = next(e for e in entries if isinstance(e, Tensor))
    filled = [e.expand(shape) if isinstance(e, Tensor) else like.new_full(shape, e) for e in entries]
    return torch.stack(filled, -1).unflatten(-1, (3, 3))


def rotation(axis: str, angle: Tensor) -> Tensor:
    """[..., 3, 3]: the right-handed rotation about a coordinate axis."""
    c, s = angle.cos(), angle.sin()
    if axis == "x":
        return matrix_of(1.0, 0.0, 0.0, 0.0, c, -s, 0.0, s, c)
    if axis == "y":
        return matrix_of(c, 0.0, s, 0.0, 1.0, 0.0, -s, 0.0, c)
    return matrix_of(c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0)


def intrinsics(focal: Tensor, size: int) -> Tensor:
    """[..., 3, 3]: a pinhole camera of square pixels whose axis meets the middle of a square image."""
    centre = (size - 1) / 2
    return matrix_of(focal, 0.0, centre, 0.0, focal, centre, 0.0, 0.0, 1.0)


def within(points: Tensor, size: int, margin: float) -> Tensor:
    """[..., points]: whether points lie on a square image and at least `margin` pixels off its border."""
    return ((points > margin) & (points < size - 1 - margin)).all(-1)


def gather_candidate(chosen: Tensor, *tensors: Tensor) -> tuple[Tensor, ...]:
    """Candidate `chosen` [pairs] of tensors [pairs, candidates, ...]."""
    pairs = torch.arange(len(chosen), device=chosen.device)
    return tuple(t[pairs, chosen] for t in tensors)
