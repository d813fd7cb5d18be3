"""What happens to a picture between the scene and the file: optics, exposure, light, shadow, noise, compression.

Every image draws its own changes, so both views of a pair differ. Costly effects go to a fixed share of the images,
for fixed shapes.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.draws import Draws
from training.data.geometry import centred_grid
from training.data.jpeg import compress

BLUR_REACH = 4  # pixels
MOTION_STEPS = 7
SOFTEST, SHARPEST = 0.06, 0.004  # width of a shadow's edge, as a share of the image


def change_light(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """Images [images, size, size] in [0, 1] with `strength` [images] in 0..1, quantised to 8 bits."""
    count, size = len(images), images.shape[-1]
    strength = strength[:, None, None]

    def uniform(low: float, high: float) -> Tensor:
        return draws.uniform(low, high, count, 1, 1)

    def chance(probability: float) -> Tensor:
        return draws.uniform(0, 1, count, 1, 1) < probability * strength

    # Optics: fewer pixels, out of focus, moved.
    chosen = draws.subset(count, 0.2)
    images = images.index_copy(0, chosen, coarser(draws, images[chosen]))
    deviation = torch.where(chance(0.35), uniform(0.4, 1.6), 0.05)
    images = blur(images, deviation)
    chosen = draws.subset(count, 0.1)
    images = images.index_copy(0, chosen, move(draws, images[chosen], strength[chosen, 0]))

    # Light: a gradient, shadows and highlights. y, x in -0.5..0.5.
    x, y = (centred_grid(size, size, draws.device) / (size - 1) - 0.5).view(size, size, 2).unbind(-1)
    gradient = uniform(-0.6, 0.6) * x + uniform(-0.6, 0.6) * y
    images = images * torch.where(chance(0.4), 1 + gradient, 1.0)
    for mask in (ellipse(draws, count, x, y), polygon(draws, count, x, y)):
        factor = torch.where(draws.chance(0.75, count, 1, 1), uniform(0.3, 0.8), 1.5)
        images = images * torch.where(chance(0.25), 1 + (factor - 1) * mask, 1.0)
    falloff = 1 - uniform(0, 1.2) * (x * x + y * y)
    images = images * torch.where(chance(0.15), falloff, 1.0)

    # Camera: exposure that clips, gamma, contrast, brightness, the negative now and then.
    stops = torch.where(chance(0.25), uniform(-2.0, 1.2), uniform(-0.3, 0.3) * strength)
    images = (images * torch.exp2(stops)).clamp(1e-4, 1)
    images = images ** (uniform(-0.6, 0.6) * strength).exp()
    images = (images - 0.5) * (uniform(-0.7, 0.35) * strength).exp() + 0.5 + uniform(-0.2, 0.2) * strength
    images = torch.where(chance(0.04), 1 - images, images)
    noise = draws.normal(6 / 255, count, 1, 1).abs() * torch.where(uniform(0, 1) < 0.7, strength, 0.0)
    images = (images + noise * draws.normal(1, count, size, size)).clamp(0, 1)

    chosen = draws.subset(count, 0.25)
    images = images.index_copy(0, chosen, compress(images[chosen], draws.uniform(20, 85, len(chosen))))
    return (images.clamp(0, 1) * 255).round() / 255


def coarser(draws: Draws, images: Tensor) -> Tensor:
    """A smaller image scaled back: the factor is one of a few, so that shapes are known without asking a GPU."""
    size = images.shape[-1]
    reduced = [F.interpolate(images[:, None], scale_factor=f, mode="area") for f in (0.4, 0.55, 0.75)]
    scaled = torch.stack([F.interpolate(r, (size, size), mode="bilinear") for r in reduced])[:, :, 0]
    which = draws.index(len(reduced), len(images))
    return scaled[which, torch.arange(len(images), device=images.device)]


def blur(images: Tensor, deviation: Tensor) -> Tensor:
    """Gaussian blur, `deviation` [images, 1, 1] pixels."""
    steps = torch.arange(-BLUR_REACH, BLUR_REACH + 1, device=images.device)
    weights = torch.exp(-0.5 * (steps / deviation).square())
    weights = weights / weights.sum(-1, keepdim=True)
    size = images.shape[-1]
    for dimension, pad in ((-1, (BLUR_REACH, BLUR_REACH, 0, 0)), (-2, (0, 0, BLUR_REACH, BLUR_REACH))):
        wide = F.pad(images[:, None], pad, mode="reflect")[:, 0]
        parts = (wide.narrow(dimension, i, size) * weights[:, :, i : i + 1] for i in range(len(steps)))
        images = sum(parts)
    return images


def move(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """Motion blur along a line of up to 4 pixels; `strength` [images, 1]."""
    count, size = images.shape[:2]
    angle, length = draws.angle(count, 1), draws.uniform(1, 4, count, 1) * strength
    direction = torch.stack([angle.cos(), angle.sin()], -1) * length[..., None]
    pixels = centred_grid(size, size, images.device)
    total = torch.zeros_like(images)
    for i in range(MOTION_STEPS):
        places = (pixels + direction * (i / (MOTION_STEPS - 1) - 0.5)) / (size - 1) * 2 - 1
        grid = places.view(count, size, size, 2)
        total += F.grid_sample(images[:, None], grid, padding_mode="border", align_corners=True)[:, 0]
    return total / MOTION_STEPS


def ellipse(draws: Draws, count: int, x: Tensor, y: Tensor) -> Tensor:
    """[count, size, size]: 1 inside a random ellipse, 0 outside, its edge more or less soft."""

    def uniform(low: float, high: float) -> Tensor:
        return draws.uniform(low, high, count, 1, 1)

    angle, long, short = uniform(0, math.pi), uniform(0.15, 0.7), uniform(0.1, 0.4)
    dx, dy = x - uniform(-0.5, 0.5), y - uniform(-0.5, 0.5)
    along, across = dx * angle.cos() + dy * angle.sin(), dy * angle.cos() - dx * angle.sin()
    inside = 1 - (along / long).square() - (across / short).square()
    return torch.sigmoid(inside * short / draws.log_uniform(SHARPEST, SOFTEST, count, 1, 1))


def polygon(draws: Draws, count: int, x: Tensor, y: Tensor) -> Tensor:
    """[count, size, size]: 1 within four random half-planes."""

    def uniform(low: float, high: float) -> Tensor:
        return draws.uniform(low, high, count, 1, 1)

    softness = draws.log_uniform(SHARPEST, SOFTEST, count, 1, 1)
    dx, dy = x - uniform(-0.5, 0.5), y - uniform(-0.5, 0.5)
    nearest = torch.full_like(dx, math.inf)
    for side in range(4):
        angle = side * math.pi / 2 + uniform(-0.7, 0.7)
        nearest = torch.minimum(nearest, uniform(0.05, 0.5) - dx * angle.cos() - dy * angle.sin())
    return torch.sigmoid(nearest / softness)
