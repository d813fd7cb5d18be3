"""The same place in another world: tones that change by region, night, fog, another sensor's greys, a drawing of it.

Each takes images [images, height, width] in [0, 1] and `strength` [images, 1, 1] in 0..1, and may leave that range.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.draws import Draws

KNOTS = 5  # of a tone curve
LAMPS = 4
COARSE = 4  # cells along a side of a random field


def field(draws: Draws, images: Tensor) -> Tensor:
    """Smooth random fields in about -1..1, of the shape of the images."""
    coarse = draws.uniform(-1.2, 1.2, len(images), 1, COARSE, COARSE)
    return F.interpolate(coarse, images.shape[1:], mode="bicubic")[:, 0]


def curve(draws: Draws, images: Tensor, strength: Tensor, monotone: bool) -> Tensor:
    """A random curve of grey values, a line of few knots; one that is not monotone is another sensor's view."""
    count = len(images)
    if monotone:
        knots = draws.uniform(0.1, 1.0, count, KNOTS - 1).cumsum(1)
        knots = F.pad(knots / knots[:, -1:], (1, 0))
    else:
        knots = draws.uniform(0, 1, count, KNOTS)
    line = torch.linspace(0, 1, KNOTS, device=images.device)
    knots = torch.lerp(line.expand(count, -1), knots, strength[:, 0].clamp(0, 1))
    place = images.flatten(1).clamp(0, 1) * (KNOTS - 1)
    index = place.long().clamp_max(KNOTS - 2)
    values = torch.lerp(knots.gather(1, index), knots.gather(1, index + 1), place - index)
    return values.view_as(images)


def tone(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """Two curves, each where a smooth field has its sign; now and then of another sensor."""
    first = curve(draws, images, strength, monotone=True)
    other = curve(draws, images, strength, monotone=False)
    is_other = draws.chance(0.3, len(images), 1, 1)
    second = torch.where(is_other, other, curve(draws, images, strength, monotone=True))
    whole = draws.chance(0.3, len(images), 1, 1)  # one curve everywhere
    share = torch.where(whole, 1.0, torch.sigmoid(draws.log_uniform(2, 20, len(images), 1, 1) * field(draws, images)))
    return torch.lerp(first, second, share)


def night(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """Dark but for some lamps and what they light, and noise."""
    count, height, width = images.shape
    dark = images * torch.exp2(-draws.uniform(1.0, 4.0, count, 1, 1) * strength)
    y = (torch.arange(height, device=images.device) / height)[:, None]
    x = (torch.arange(width, device=images.device) / width)[None]
    lamps = torch.zeros_like(images)
    for _ in range(LAMPS):
        radius = draws.log_uniform(0.03, 0.35, count, 1, 1)
        dx, dy = (place - draws.uniform(0, 1, count, 1, 1) for place in (x, y))
        glow = torch.exp(-(dx.square() + dy.square()) / radius.square())
        lamps += draws.uniform(0, 1, count, 1, 1) * glow
    noise = draws.normal(1, count, height, width) * draws.uniform(0, 0.05, count, 1, 1)
    return dark + strength * (lamps * (0.6 * images + 0.3) + noise)


def fog(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """A veil, thicker in places; mostly towards the top, where a scene is far."""
    height = images.shape[1]
    upward = torch.linspace(0.5, -0.5, height, device=images.device)[:, None]
    thickness = draws.uniform(0.2, 0.9, len(images), 1, 1) + 0.5 * upward + 0.15 * field(draws, images)
    return torch.lerp(images, draws.uniform(0.5, 0.95, len(images), 1, 1), (thickness * strength).clamp(0, 0.92))


def redrawn(draws: Draws, images: Tensor, strength: Tensor) -> Tensor:
    """Lines where grey values change, as of a pencil, or a print of few tones."""
    wide = F.pad(images[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    across = wide[:, 1:-1, 2:] - wide[:, 1:-1, :-2]
    down = wide[:, 2:, 1:-1] - wide[:, :-2, 1:-1]
    edges = (across.square() + down.square() + 1e-8).sqrt()
    pencil = 1 - (draws.uniform(1.5, 5.0, len(images), 1, 1) * edges).clamp(0, 1)
    middle = images.mean((1, 2), keepdim=True) + draws.uniform(-0.1, 0.1, len(images), 1, 1)
    printed = torch.sigmoid((images - middle) * draws.log_uniform(8, 40, len(images), 1, 1))
    chosen = torch.where(draws.chance(0.5, len(images), 1, 1), pencil, printed)
    return torch.lerp(images, chosen, strength.clamp(0, 1).sqrt())
