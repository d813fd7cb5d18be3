"""Smooth bending of views: radial (a lens) or thin-plate (paper, cloth), as displacements that can be undone.

`undistort` maps a pixel of the bent view to the flat one, exactly; `distort` is its inverse by fixed-point iteration.
The thin-plate spline (Bookstein 1989) interpolates random displacements of a 4x4 grid of control points.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.draws import Draws
from training.data.geometry import centred_grid

CONTROLS = 4  # along each side
STEPS = 10  # of the inverse
TOLERANCE = 0.02  # pixels that the inverse may miss
LARGEST_BEND = 0.035  # deviation of a control point, as a share of the side
LARGEST_RADIAL = 0.10  # displacement of the border's middle, as a share of half the side


def kernel(points: Tensor, controls: Tensor) -> Tensor:
    """[..., points, controls]: r^2 log r."""
    x, y = (points[..., None, :] - controls).unbind(-1)
    squared = x * x + y * y
    return 0.5 * squared * torch.log(squared.clamp_min(1e-12))


def control_points(device: torch.device) -> Tensor:
    """[controls, 2], in -1..1 across the view."""
    return (centred_grid(CONTROLS, CONTROLS, device) + 0.5) / CONTROLS * 2 - 1


def spline_solution(device: torch.device) -> Tensor:
    """[controls + 3, controls]: coefficients of the spline from the displacements of its control points."""
    controls = control_points(torch.device("cpu")).double()
    affine = torch.cat([torch.ones(len(controls), 1, dtype=torch.float64), controls], 1)
    system = torch.zeros(len(controls) + 3, len(controls) + 3, dtype=torch.float64)
    system[: len(controls), : len(controls)] = kernel(controls, controls)
    system[: len(controls), len(controls) :] = affine
    system[len(controls) :, : len(controls)] = affine.T
    return torch.linalg.inv(system)[:, : len(controls)].float().to(device)


@dataclass
class Distortion:
    """One bend a view."""

    size: int
    radial: Tensor  # [views]
    coefficients: Tensor  # [views, controls + 3, 2], in units of half the side
    controls: Tensor  # [controls, 2], likewise

    @staticmethod
    def draw(draws: Draws, size: int, strength: Tensor, solution: Tensor) -> Distortion:
        """Radial in a fifth of the views, thin-plate in a fifth, none in the others; `strength` [views] in 0..1."""
        views = len(strength)
        kind = draws.uniform(0, 1, views)
        radial = torch.where(kind < 0.2, draws.uniform(-LARGEST_RADIAL, LARGEST_RADIAL, views) * strength, 0.0)
        moved = draws.normal(2 * LARGEST_BEND, views, CONTROLS**2, 2).clamp(-4 * LARGEST_BEND, 4 * LARGEST_BEND)
        moved = moved * torch.where(kind > 0.8, strength, 0.0)[:, None, None]
        # Sums of products of [views, controls + 3, controls, 2], not a matrix product: see geometry.
        return Distortion(
            size, radial, (solution[None, :, :, None] * moved[:, None]).sum(2), control_points(draws.device)
        )

    def displacement(self, points: Tensor) -> Tensor:
        """[views, points, 2] in pixels."""
        half = (self.size - 1) / 2
        unit = (points - half) / half
        radial = unit * unit.square().sum(-1, keepdim=True) * self.radial[:, None, None]
        weights = kernel(unit, self.controls)  # [views, points, controls]
        c = self.coefficients
        bend = c[:, None, -3] + unit[..., :1] * c[:, None, -2] + unit[..., 1:] * c[:, None, -1]
        return (radial + bend + torch.bmm(weights, c[:, : CONTROLS**2])) * half

    def undistort(self, points: Tensor) -> Tensor:
        """Pixels of the bent view to the flat one, [views, points, 2]."""
        return points + self.displacement(points)

    def undistorted_pixels(self) -> Tensor:
        """`undistort` of all pixels [views, size^2, 2]: of every second one, linear between (mostly within 0.01 px)."""
        nodes = torch.arange(0, self.size + 1, 2, device=self.radial.device).float()
        y, x = torch.meshgrid(nodes, nodes, indexing="ij")
        sparse = torch.stack([x.flatten(), y.flatten()], 1).expand(len(self.radial), -1, -1)
        sparse = self.displacement(sparse).unflatten(1, (len(nodes), len(nodes))).permute(0, 3, 1, 2)
        side = self.size + 1
        dense = F.interpolate(sparse, size=(side, side), mode="bilinear", align_corners=True)[..., :-1, :-1]
        return centred_grid(self.size, self.size, self.radial.device) + dense.flatten(2).transpose(1, 2)

    def distort(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels of the flat view to the bent one, and whether the inverse was found [views, points]."""
        found = points
        # Beyond the view the bend grows without bound; no point there is of use.
        low, high = -0.5 * self.size, 1.5 * self.size
        for _ in range(STEPS):
            found = (points - self.displacement(found)).clamp(low, high)
        missed = (self.undistort(found) - points).abs().amax(-1)
        return found, missed < TOLERANCE
