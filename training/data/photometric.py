"""What happens to a picture between the scene and the file: optics, exposure, light, shadow, noise, compression.

Every image draws its own changes, so both views of a pair differ. Costly effects go to a fixed share of the images,
for fixed shapes. Images are [images, height, width] in [0, 1].
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.appearance import fog, night, redrawn, tone
from training.data.draws import Draws
from training.data.jpeg import compress

BLUR_REACH = 4  # pixels
MOTION_STEPS = 7
SOFTEST, SHARPEST = 0.06, 0.004  # width of a shadow's edge, as a share of the image
Change = Callable[[Draws, Tensor, Tensor], Tensor]  # of images with their strength [images, 1, 1]
PIXELS_AT_ONCE = 4 * 192 * 256  # that a CPU changes at once: what its cache holds


def change_light(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """Images with `strength` [images] in 0..1, quantised to 8 bits."""
    if images.device.type != "cpu":
        return change_light_of_all(draws, images, strength)
    # Every other image of a part: the parts' fixed shares fall on both views of pairs alike.
    parts = max(1, images.numel() // PIXELS_AT_ONCE)
    changed = torch.empty_like(images)
    for start in range(parts):
        changed[start::parts] = change_light_of_all(draws, images[start::parts], strength[start::parts])
    return changed


def change_light_of_all(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """`change_light`, all at once."""
    count, height, width = images.shape
    strength = strength[:, None, None]

    def uniform(low: float, high: float) -> Tensor:
        return draws.uniform(low, high, count, 1, 1)

    def chance(probability: float) -> Tensor:
        return draws.uniform(0, 1, count, 1, 1) < probability * strength

    def to_some(share: float, change: Change) -> None:
        """Changes a share of the images."""
        nonlocal images
        chosen = draws.subset(count, share)
        if len(chosen):
            images = images.index_copy(0, chosen, change(draws, images[chosen], strength[chosen]))

    # Optics: fewer pixels, out of focus, moved.
    to_some(0.2, coarser)
    to_some(0.2, unfocused)
    to_some(0.1, move)

    # Light: a gradient, shadows and highlights. y, x in -0.5..0.5.
    y = (torch.arange(height, device=draws.device) / (height - 1) - 0.5)[:, None]
    x = (torch.arange(width, device=draws.device) / (width - 1) - 0.5)[None]
    gradient = uniform(-0.6, 0.6) * x + uniform(-0.6, 0.6) * y
    images = images * torch.where(chance(0.4), 1 + gradient, 1.0)
    for mask in (ellipse(draws, count, x, y), polygon(draws, count, x, y)):
        factor = torch.where(draws.chance(0.75, count, 1, 1), uniform(0.3, 0.8), 1.5)
        images = images * torch.where(chance(0.25), 1 + (factor - 1) * mask, 1.0)
    falloff = 1 - uniform(0, 1.2) * (x * x + y * y)
    images = images * torch.where(chance(0.15), falloff, 1.0)

    # Now and then another world: tones that change by region, night, fog, another sensor, a drawing.
    for share, change in ((0.15, tone), (0.08, night), (0.06, fog), (0.05, redrawn)):
        to_some(share, change)
    images = images.clamp(0, 1)

    # Camera: exposure that clips, gamma, contrast, brightness, the negative now and then.
    stops = torch.where(chance(0.25), uniform(-2.0, 1.2), uniform(-0.3, 0.3) * strength)
    images = (images * torch.exp2(stops)).clamp(1e-4, 1)
    images = images ** (uniform(-0.6, 0.6) * strength).exp()
    images = (images - 0.5) * (uniform(-0.7, 0.35) * strength).exp() + 0.5 + uniform(-0.2, 0.2) * strength
    images = torch.where(chance(0.04), 1 - images, images)
    noise = draws.normal(6 / 255, count, 1, 1).abs() * torch.where(uniform(0, 1) < 0.7, strength, 0.0)
    images = (images + noise * draws.normal(1, count, height, width)).clamp(0, 1)

    to_some(0.25, compressed)
    return (images.clamp(0, 1) * 255).round() / 255


def compressed(draws: Draws, images: Tensor, _: Tensor) -> Tensor:
    """As a JPEG file of some quality."""
    return compress(images, draws.uniform(20, 85, len(images)))


def unfocused(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """Gaussian blur of up to 1.6 pixels."""
    return blur(images, 0.05 + draws.uniform(0.4, 1.6, len(images), 1, 1) * strength.sqrt())


def coarser(draws: Draws, images: Tensor, _: Tensor) -> Tensor:
    """A smaller image scaled back: the factor is one of a few, so that shapes are known without asking a GPU."""
    size = images.shape[1:]
    reduced = [F.interpolate(images[:, None], scale_factor=f, mode="area") for f in (0.4, 0.55, 0.75)]
    scaled = torch.stack([F.interpolate(r, size, mode="bilinear") for r in reduced])[:, :, 0]
    which = draws.index(len(reduced), len(images))
    return scaled[which, torch.arange(len(images), device=images.device)]


def blur(images: Tensor, deviation: Tensor) -> Tensor:
    """Gaussian blur, `deviation` [images, 1, 1] pixels."""
    steps = torch.arange(-BLUR_REACH, BLUR_REACH + 1, device=images.device)
    weights = torch.exp(-0.5 * (steps / deviation).square())
    weights = weights / weights.sum(-1, keepdim=True)
    for dimension, pad in ((-1, (BLUR_REACH, BLUR_REACH, 0, 0)), (-2, (0, 0, BLUR_REACH, BLUR_REACH))):
        wide = F.pad(images[:, None], pad, mode="reflect")[:, 0]
        parts = (
            wide.narrow(dimension, i, images.shape[dimension]) * weights[:, :, i : i + 1] for i in range(len(steps))
        )
        images = sum(parts)
    return images


def move(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """Motion blur along a line of up to 4 pixels."""
    count, height, width = images.shape
    angle, length = draws.angle(count, 1), draws.uniform(1, 4, count, 1) * strength[:, 0]
    direction = torch.stack([angle.cos(), angle.sin()], -1) * length[..., None]
    y, x = (torch.arange(side, device=images.device) / (side - 1) * 2 - 1 for side in (height, width))
    pixels = torch.stack(torch.broadcast_tensors(x[None], y[:, None]), -1)
    # From pixels to the sampler's -1..1.
    direction = direction / (torch.tensor([width - 1, height - 1], device=images.device) / 2)
    total = torch.zeros_like(images)
    for i in range(MOTION_STEPS):
        grid = pixels + direction[:, None] * (i / (MOTION_STEPS - 1) - 0.5)
        total += F.grid_sample(images[:, None], grid, padding_mode="border", align_corners=True)[:, 0]
    return total / MOTION_STEPS


def ellipse(draws: Draws, count: int, x: Tensor, y: Tensor) -> Tensor:
    """[count, height, width]: 1 inside a random ellipse, 0 outside, its edge more or less soft."""

    def uniform(low: float, high: float) -> Tensor:
        return draws.uniform(low, high, count, 1, 1)

    angle, long, short = uniform(0, math.pi), uniform(0.15, 0.7), uniform(0.1, 0.4)
    dx, dy = x - uniform(-0.5, 0.5), y - uniform(-0.5, 0.5)
    along, across = dx * angle.cos() + dy * angle.sin(), dy * angle.cos() - dx * angle.sin()
    inside = 1 - (along / long).square() - (across / short).square()
    return torch.sigmoid(inside * short / draws.log_uniform(SHARPEST, SOFTEST, count, 1, 1))


def polygon(draws: Draws, count: int, x: Tensor, y: Tensor) -> Tensor:
    """[count, height, width]: 1 within four random half-planes."""

    def uniform(low: float, high: float) -> Tensor:
        return draws.uniform(low, high, count, 1, 1)

    softness = draws.log_uniform(SHARPEST, SOFTEST, count, 1, 1)
    dx, dy = x - uniform(-0.5, 0.5), y - uniform(-0.5, 0.5)
    nearest = torch.full_like(dx + dy, math.inf)
    for side in range(4):
        angle = side * math.pi / 2 + uniform(-0.7, 0.7)
        nearest = torch.minimum(nearest, uniform(0.05, 0.5) - dx * angle.cos() - dy * angle.sin())
    return torch.sigmoid(nearest / softness)
