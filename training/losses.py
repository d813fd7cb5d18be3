"""The training loss: which cell, whether any, and where exactly.

Coarse: negative log-likelihood of the true cell along rows and columns of the similarity matrix. Matchability: binary
cross-entropy with visibility, where that is known. Fine: cross-entropy with the true position in the window, and the
distance of both steps' estimates from it, from a fixed number of cells a pair, so that shapes are fixed and nothing
waits for a GPU; cells that do not count weigh nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.coarse_loss import coarse_loss
from training.data.truth import Pairs
from training.model.compact import Compact, Features, cell_centres
from training.model.configuration import COARSE_STRIDE, FINE_STRIDE

FINE_CELLS = 40  # a pair
JITTERED = 0.3  # share of fine matches that start in a neighbouring cell, as wrong coarse matches will
LARGEST_OFFSET = 6.5  # pixels from the cell's centre: what the window can express
LEAST_CONFIDENCE = 0.05  # weight of a fine match whose coarse match is hopeless
ROUNDING = 0.1  # pixels: the distance is smooth below
LARGEST_DISTANCE = 8.0  # pixels: farther counts as this far


@dataclass(frozen=True)
class LossWeights:
    """What each part counts."""

    coarse: float = 1.0
    matchability: float = 0.5
    window: float = 1.0
    first: float = 0.4
    final: float = 0.4


def true_cells(points: Tensor, visible: Tensor, width: int) -> Tensor:
    """Index of the cell that holds each point [pairs, cells, 2] of a map so wide; 0 where nothing is visible."""
    cell = torch.where(visible[..., None], ((points + 0.5) / COARSE_STRIDE).floor(), 0.0)
    column, row = cell.long().unbind(-1)
    return row * width + column


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """The mean where `mask`; 0 where nothing is."""
    mask = mask.to(values.dtype)
    return (values * mask).sum() / mask.sum().clamp_min(1)


def cell_distance(cells0: Tensor, cells1: Tensor, width: int) -> Tensor:
    """Chebyshev distance of cells given by index."""
    return torch.maximum((cells0 % width - cells1 % width).abs(), (cells0 // width - cells1 // width).abs())


@dataclass
class FineSample:
    """Matches to learn the fine stage from; all [pairs * FINE_CELLS]."""

    pairs: Tensor
    cells0: Tensor
    cells1: Tensor
    offset: Tensor  # [..., 2]: true position from the centre of cells1, in pixels
    weight: Tensor  # sums to 1


def draw_fine_sample(pairs: Pairs, cells: Tensor, confidence: Tensor, width: int, height: int) -> FineSample:
    """Random visible cells of every pair; `cells` and `confidence` [pairs, cells] of their true matches."""
    device = cells.device
    count = min(FINE_CELLS, cells.shape[1])
    priority = torch.where(pairs.visible0, torch.rand(cells.shape, device=device), -1.0)
    priority, drawn = priority.topk(count, 1)
    pair = torch.arange(len(cells), device=device)[:, None].expand_as(drawn)
    target = pairs.points0.gather(1, drawn[..., None].expand(-1, -1, 2))
    true = cells.gather(1, drawn)
    step = torch.randint(-1, 2, (*drawn.shape, 2), device=device)
    step = torch.where(torch.rand(*drawn.shape, 1, device=device) < JITTERED, step, 0)
    column = (true % width + step[..., 0]).clamp(0, width - 1)
    row = (true // width + step[..., 1]).clamp(0, height - 1)
    start = row * width + column
    offset = target - cell_centres(start.flatten(), width).view_as(target)
    counts = (priority >= 0) & (offset.abs().amax(-1) < LARGEST_OFFSET)
    weight = confidence.gather(1, drawn).clamp(LEAST_CONFIDENCE, 1) * pairs.exact[:, None] * counts
    weight = weight / weight.sum().clamp_min(1e-6)
    offset = torch.where(counts[..., None], offset, 0.0)
    return FineSample(pair.flatten(), drawn.flatten(), start.flatten(), offset.flatten(0, 1), weight.flatten())


def window_loss(logits: Tensor, offset: Tensor, side: int) -> Tensor:
    """[matches]: cross-entropy with the true position, shared between the four fine pixels about it."""
    place = offset / FINE_STRIDE + (side - 1) / 2
    corner = place.floor().clamp(0, side - 2)
    right, down = (place - corner).clamp(0, 1).unbind(1)
    column, row = corner.long().unbind(1)
    # No single far-off pixel may drown the rest.
    likelihood = logits.log_softmax(1).clamp_min(-20)

    def at(dy: int, dx: int) -> Tensor:
        return likelihood.gather(1, ((row + dy) * side + column + dx)[:, None])[:, 0]

    upper = torch.lerp(at(0, 0), at(0, 1), right)
    lower = torch.lerp(at(1, 0), at(1, 1), right)
    return -torch.lerp(upper, lower, down)


def robust_distance(difference: Tensor) -> Tensor:
    """[matches]: Euclidean, rounded near 0 and bounded."""
    return (difference.square().sum(1) + ROUNDING**2).sqrt().clamp_max(LARGEST_DISTANCE)


def losses(
    network: Compact, features: tuple[Features, Features], pairs: Pairs, weights: LossWeights
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss, and its parts by name (detached, on the device)."""
    features0, features1 = features
    width0, width1 = features0.coarse_width, features1.coarse_width
    cells1 = true_cells(pairs.points0, pairs.visible0, width1)
    cells0 = true_cells(pairs.points1, pairs.visible1, width0)
    scale = network.coarse_matching.log_scale
    projections = (features0.projection, features1.projection)
    coarse, found = coarse_loss(*projections, scale, cells1, pairs.visible0, cells0, pairs.visible1)
    matchability = sum(
        masked_mean(F.binary_cross_entropy_with_logits(logits, visible.float(), reduction="none"), known)
        for logits, visible, known in (
            (features0.matchability, pairs.visible0, pairs.known0),
            (features1.matchability, pairs.visible1, pairs.known1),
        )
    )
    sample = draw_fine_sample(pairs, cells1, found.along_rows.exp(), width1, features1.valid.shape[0] // width1)
    fine = network.fine_matching(features0.fine, features1.fine, sample.pairs, sample.cells0, sample.cells1)
    window = (window_loss(fine.logits, sample.offset, network.configuration.window) * sample.weight).sum()
    first = (robust_distance(fine.first - sample.offset) * sample.weight).sum()
    final = (robust_distance(fine.final - sample.offset) * sample.weight).sum()
    loss = (
        weights.coarse * coarse
        + weights.matchability * matchability
        + weights.window * window
        + weights.first * first
        # Without a second step both are one; it keeps its weight then.
        + (weights.final * final if network.configuration.patch else 0.0)
    )
    parts = {
        "loss": loss,
        "rows": found.rows,
        "columns": found.columns,
        "matchability": matchability,
        "window": window,
        "first": first,
        "final": final,
        "exact": found.exact,
    }
    return loss, {name: part.detach() for name, part in parts.items()}
