"""Fine matching of the compact network: from a pair of coarse cells to a point, in two or three looks.

The fine maps are [batch, channels, height, width] at 1/2 of the images; cells are indices of coarse cells, row by row.
Fine pixel k is centred at 2 k + 0.5, so that a cell's centre lies between the middle ones of its 4x4 fine pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.model.configuration import COARSE_STRIDE, FINE_STRIDE, PatchConfiguration

MASKED_LOGIT = -1e4  # of window positions outside the map: their probability becomes 0
SOFT_ARGMAX_RADIUS = 2  # fine pixels about the maximum that the expectation is taken over
PATCH = COARSE_STRIDE // FINE_STRIDE  # side of image 0's patch of the second fine step: the cell, in fine pixels
MIDDLE = slice(PATCH // 2 - 1, PATCH // 2 + 1)  # the fine pixels about the cell's centre, of a patch
PATCH_REACH = 6.0  # fine pixels: the second step's window is centred at most so far from the cell's centre


@dataclass
class FineEstimates:
    """Where matches lie, in pixels (x, y) from the centres of their cells in image 1."""

    logits: Tensor  # [matches, window^2]
    first: Tensor  # [matches, 2]: after the first step
    final: Tensor  # [matches, 2]


class FineMatching(nn.Module):
    """Refines a match inside a window of image 1: a local soft-argmax and a small regression.

    Where the settings have a `patch`, a second step looks closer: all features of image 0's cell are correlated with
    a small window re-centred on the first estimate, and a small network reads the rest of the way from that.
    """

    def __init__(self, channels: int, window: int, patch: PatchConfiguration | None) -> None:
        super().__init__()
        self.window = window
        self.patch = patch
        self.log_scale = nn.Parameter(torch.tensor(math.log(12.0)))
        self.regression = nn.Sequential(nn.Linear(window**2 + 2 * channels, 64), nn.ReLU(), nn.Linear(64, 2))
        if patch:
            first, second = patch.channels
            self.patch_regression = nn.Sequential(
                nn.Linear(PATCH**2 * patch.window**2, first),
                nn.ReLU(),
                nn.Linear(first, second),
                nn.ReLU(),
                nn.Linear(second, 2),
            )
        # Both steps start without a correction: the soft-argmax alone.
        for correction in [self.regression[2]] + ([self.patch_regression[4]] if patch else []):
            nn.init.zeros_(correction.weight)
            nn.init.zeros_(correction.bias)

    def forward(self, fine0: Tensor, fine1: Tensor, pairs: Tensor, cells0: Tensor, cells1: Tensor) -> FineEstimates:
        """Estimates of matches [matches], given by pair and cells of the maps of a whole batch."""
        patch = patches(fine0, pairs, cells0)
        query = F.normalize(patch[:, MIDDLE, MIDDLE].mean((1, 2)), dim=1)
        window, is_on_map = self.windows(fine1, pairs, cells1)
        window = F.normalize(window, dim=2)
        logits = torch.einsum("mc,mkc->mk", query, window) * self.log_scale.exp()
        logits = logits.masked_fill(~is_on_map, MASKED_LOGIT)
        probability = logits.softmax(1)
        offset = self.soft_argmax(logits, probability)
        context = torch.einsum("mk,mkc->mc", probability, window)
        offset = offset + self.regression(torch.cat([probability, query, context], 1))
        first = offset * FINE_STRIDE
        if not self.patch:
            return FineEstimates(logits, first, first)
        centre = offset.clamp(-PATCH_REACH, PATCH_REACH)
        # The window's place is no path for gradients: the second step learns from where the first happens to land.
        correlation = self.patch_correlation(patch, fine1, pairs, cells1, centre.detach())
        return FineEstimates(logits, first, (centre + self.patch_regression(correlation)) * FINE_STRIDE)

    def windows(self, fine: Tensor, pairs: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
        """[matches, window^2, channels] about the cells' centres, and which of these positions are on the map."""
        height, width = fine.shape[2:]
        steps = torch.arange(self.window, device=fine.device) - (self.window - PATCH) // 2
        top, left = cell_corners(fine, cells)
        y, x = top[:, None] + steps, left[:, None] + steps
        on_y, on_x = (y >= 0) & (y < height), (x >= 0) & (x < width)
        is_on_map = (on_y[:, :, None] & on_x[:, None, :]).flatten(1)
        window = pick(fine, pairs[:, None, None], y[:, :, None], x[:, None, :])
        return window.flatten(1, 2), is_on_map

    def soft_argmax(self, logits: Tensor, probability: Tensor) -> Tensor:
        """[matches, 2]: the expected position in the 5x5 about the maximum, in fine pixels from the window's centre."""
        steps = torch.arange(self.window, device=logits.device) - (self.window - 1) / 2
        y, x = torch.meshgrid(steps, steps, indexing="ij")
        positions = torch.stack([x.flatten(), y.flatten()], 1)
        maximum = positions[logits.argmax(1)]
        distance = (positions[None] - maximum[:, None]).abs().amax(2)
        local = probability * (distance <= SOFT_ARGMAX_RADIUS + 0.01)
        return local / local.sum(1, keepdim=True).clamp_min(1e-6) @ positions

    def patch_correlation(self, patch: Tensor, fine1: Tensor, pairs: Tensor, cells1: Tensor, centre: Tensor) -> Tensor:
        """[matches, patch^2 * window^2]: products of unit features, for each patch pixel those of the whole window.

        `centre` [matches, 2] is where the window lies, in fine pixels from the centres of `cells1`.
        """
        patch = F.normalize(patch.flatten(1, 2), dim=2)
        top, left = cell_corners(fine1, cells1)
        reach = (self.patch.window - PATCH) / 2
        window = interpolate(fine1, pairs, top + centre[:, 1] - reach, left + centre[:, 0] - reach, self.patch.window)
        window = F.normalize(window.flatten(1, 2), dim=2)
        return torch.einsum("mac,mbc->mab", patch, window).flatten(1)


def patches(fine: Tensor, pairs: Tensor, cells: Tensor) -> Tensor:
    """[matches, patch, patch, channels]: all fine pixels of each cell."""
    steps = torch.arange(PATCH, device=fine.device)
    top, left = cell_corners(fine, cells)
    y, x = (top[:, None] + steps)[:, :, None], (left[:, None] + steps)[:, None, :]
    return pick(fine, pairs[:, None, None], y, x)


def cell_corners(fine: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column of the first fine pixel of each coarse cell."""
    width = fine.shape[3] // PATCH
    return cells // width * PATCH, cells % width * PATCH


def pick(fine: Tensor, pairs: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """[..., channels], float32: the features at integer positions, the border repeated beyond it; shapes broadcast."""
    height, width = fine.shape[2:]
    index = (pairs * height + y.clamp(0, height - 1)) * width + x.clamp(0, width - 1)
    # index_select on rows: unlike that of general indexing, its backward needs no sorting on a GPU.
    rows = fine.permute(0, 2, 3, 1).reshape(-1, fine.shape[1])
    return rows.index_select(0, index.flatten()).unflatten(0, index.shape).float()


def interpolate(fine: Tensor, pairs: Tensor, top: Tensor, left: Tensor, side: int) -> Tensor:
    """[matches, side, side, channels]: bilinear, at steps of one fine pixel from rows `top` and columns `left`.

    All share the fraction, so that a window of one more pixel each way has every corner.
    """
    steps = torch.arange(side + 1, device=fine.device)
    first_row, first_column = top.floor(), left.floor()
    down, right = ((a - b)[:, None, None, None] for a, b in ((top, first_row), (left, first_column)))
    y, x = first_row.long()[:, None] + steps, first_column.long()[:, None] + steps
    corners = pick(fine, pairs[:, None, None], y[:, :, None], x[:, None, :])
    rows = torch.lerp(corners[:, :-1], corners[:, 1:], down)
    return torch.lerp(rows[:, :, :-1], rows[:, :, 1:], right)
