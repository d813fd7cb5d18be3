"""The surfaces of synthetic scenes: drawing them at random, and hitting them with rays.

Flat ones come first, in this order: background, floor, wall (without end); the faces of two boxes; free patches. Then
round ones: ellipsoids, and columns without caps, of which only the front is there. Each has a slot, empty in many
scenes, so that shapes stay fixed. Slots are [pairs, slots]; a surface without end is one of half extent `ENDLESS`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.camera import Camera
from training.data.draws import Draws
from training.data.geometry import apply_homogeneous, apply_linear, inverse, rotation
from training.data.photos import Pool

UNBOUNDED = 3  # background, floor, wall
FACES = 6  # of two boxes, those that face the first camera
PATCHES = 5
FLAT = UNBOUNDED + FACES + PATCHES
ROUND = 2
SLOTS = FLAT + ROUND
ENDLESS = 1e4
NO_TILE = 1e6  # texels
LEAST_NEARNESS = 1e-3  # 1 / depth: farther surfaces are not seen
POINTS_AT_ONCE = 2048  # rays that a CPU traces at once, of every pair


@dataclass
class RoundView:
    """Round surfaces as a camera sees them, in coordinates where each is the unit sphere or cylinder."""

    origin: Tensor  # [pairs, ROUND, 3]: the camera's position
    direction: Tensor  # [pairs, ROUND, 3, 3]: from pixels (x, y, 1) to the ray that gains depth 1 a unit

    def hit(self, weight: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        """1 / depth [pairs, ROUND, points], 0 where missed, and the place on the unit surface [..., points, 3]."""
        ray = apply_homogeneous(self.direction, points[:, None])
        start, weight = self.origin[:, :, None], weight[:, :, None]  # of a column, the axis weighs nothing
        a, b = (weight * ray * ray).sum(-1), (weight * ray * start).sum(-1)
        c = (weight * start * start).sum(-1) - 1
        discriminant = b * b - a * c
        # The nearer root; from inside (c < 0) the surface is not seen.
        is_hit = (discriminant > 0) & (b < 0) & (c > 1e-3)
        nearness = torch.where(is_hit, (discriminant.clamp_min(0).sqrt() - b) / c.clamp_min(1e-3), 0.0)
        place = start + ray / nearness.clamp_min(LEAST_NEARNESS)[..., None]
        return torch.where(place[..., 1].abs() < 1.0001, nearness, 0.0), place


@dataclass
class Surfaces:
    """One scene a pair."""

    centre: Tensor  # [pairs, FLAT, 3]
    axes: Tensor  # [pairs, FLAT, 3, 3]: rows are the unit axes along, across and out of the surface
    half: Tensor  # [pairs, FLAT, 2]: half extents
    present: Tensor  # [pairs, FLAT]: 1, or 0 for an empty slot
    ellipse: Tensor  # [pairs, PATCHES]: bound of s^2 + t^2 for s, t in -1..1; 4 leaves the rectangle whole
    cut: Tensor  # [pairs, PATCHES, 3]: a s + b t < c is kept
    round_centre: Tensor  # [pairs, ROUND, 3]
    round_frame: Tensor  # [pairs, ROUND, 3, 3]: rows are the axes over the radii, 0 for an empty slot's
    round_weight: Tensor  # [pairs, ROUND, 3]: (1, 1, 1) of an ellipsoid, (1, 0, 1) of a column
    photo: Tensor  # [pairs, SLOTS]
    texels: Tensor  # [pairs, SLOTS, 2]: texels across half of the surface; of round ones, to a radian and a radius
    start: Tensor  # [pairs, SLOTS, 2]: texel at the surface's middle
    tile: Tensor  # [pairs, SLOTS]: texels after which the texture repeats
    shade: Tensor  # [pairs, SLOTS]: brightness
    depth: Tensor  # [pairs]: of the background, on the first camera's axis

    @property
    def pairs(self) -> int:
        return len(self.photo)

    @property
    def count(self) -> int:
        return self.photo.shape[1]

    def repeated(self, count: int) -> Surfaces:
        """Every scene `count` times in succession."""
        return Surfaces(*(getattr(self, f.name).repeat_interleave(count, 0) for f in fields(self)))

    def seen_from(self, camera: Camera) -> tuple[Tensor, RoundView]:
        """What `trace` needs: for flat surfaces [pairs, FLAT, 3, 3] from (x, y, 1) to (s, t, 1) over the depth."""
        along, across, _ = self.axes.unbind(2)
        columns = [
            along * self.half[..., :1],
            across * self.half[..., 1:],
            self.centre - camera.position[:, None],
        ]
        to_image = (camera.calibration @ camera.rotation)[:, None] @ torch.stack(columns, -1)
        flat = inverse(to_image) * self.present[..., None, None]
        ray = camera.rotation.transpose(1, 2) @ inverse(camera.calibration)
        origin = (self.round_frame @ (camera.position[:, None] - self.round_centre)[..., None])[..., 0]
        return flat, RoundView(origin, self.round_frame @ ray[:, None])

    def trace(self, flat: Tensor, round_view: RoundView, points: Tensor) -> tuple[Tensor, Tensor]:
        """Slot [pairs, points] of the nearest surface behind pixels [pairs, points, 2], or -1, and 1 / depth."""
        if points.device.type != "cpu":
            return self.trace_all(flat, round_view, points)
        # A CPU works in its cache.
        parts = [self.trace_all(flat, round_view, part) for part in points.split(POINTS_AT_ONCE, 1)]
        return torch.cat([hit for hit, _ in parts], 1), torch.cat([nearness for _, nearness in parts], 1)

    def trace_all(self, flat: Tensor, round_view: RoundView, points: Tensor) -> tuple[Tensor, Tensor]:
        """`trace`, all slots at once."""
        x, y = points[:, None].unbind(-1)
        # s, t and 1, all over the depth, [pairs, FLAT, points]: no division needed to compare them.
        s, t, nearness = (
            flat[:, :, row, 0, None] * x + flat[:, :, row, 1, None] * y + flat[:, :, row, 2, None] for row in range(3)
        )
        inside = (s.abs() < nearness) & (t.abs() < nearness)
        first = UNBOUNDED + FACES
        s, t, depth = s[:, first:], t[:, first:], nearness[:, first:]
        a, b, c = self.cut[..., None].unbind(2)
        whole = (s * s + t * t < self.ellipse[..., None] * depth * depth) & (a * s + b * t < c * depth)
        inside = torch.cat([inside[:, :first], inside[:, first:] & whole], 1)
        round_nearness, _ = round_view.hit(self.round_weight, points)
        best, hit = torch.cat([torch.where(inside, nearness, 0.0), round_nearness], 1).max(1)
        return torch.where(best > LEAST_NEARNESS, hit, -1), best.clamp_min(LEAST_NEARNESS)

    def texture_points(self, flat: Tensor, round_view: RoundView, hit: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        """Texture points [pairs, points, 2] and unit normals [pairs, points, 3] of what pixels [points, 2] hit."""
        scale = torch.cat([self.texels[:, :FLAT], torch.ones_like(self.texels[:, :FLAT, :1])], -1)
        of_slot = flat * scale[..., None]
        index = hit.clamp_max(FLAT - 1)
        rows = of_slot.flatten(2).gather(1, index[..., None].expand(-1, -1, 9)).unflatten(2, (3, 3))
        moved = rows[..., 0] * points[:, :1] + rows[..., 1] * points[:, 1:] + rows[..., 2]
        texture = moved[..., :2] / moved[..., 2:].clamp_min(LEAST_NEARNESS)
        normal = self.axes[:, :, 2].gather(1, index[..., None].expand(-1, -1, 3))
        _, places = round_view.hit(self.round_weight, points.expand(len(hit), -1, 2))
        for slot, place in enumerate(places.clamp(-1, 1).unbind(1)):
            angles = torch.stack([torch.atan2(place[..., 0], -place[..., 2]), torch.asin(place[..., 1])], -1)
            is_here = (hit == FLAT + slot)[..., None]
            texture = torch.where(is_here, angles * self.texels[:, None, FLAT + slot], texture)
            outward = apply_linear(self.round_frame[:, slot].transpose(1, 2), place * self.round_weight[:, slot, None])
            normal = torch.where(is_here, F.normalize(outward, dim=-1), normal)
        return texture + self.start.gather(1, hit[..., None].expand(-1, -1, 2)), normal

    def wrapped(self, hit: Tensor, texture: Tensor) -> tuple[Tensor, Tensor]:
        """The photo of each pixel, and its texture point within the part that repeats."""
        tile = self.tile.gather(1, hit)[..., None]
        start = self.start.gather(1, hit[..., None].expand(-1, -1, 2))
        return self.photo.gather(1, hit), torch.where(
            tile < NO_TILE, start + torch.remainder(texture - start, tile), texture
        )


def draw_surfaces(draws: Draws, size: int, focal: Tensor, pool: Pool, photos: Tensor) -> Surfaces:
    """Random scenes for a first camera of `focal` [pairs] pixels; textures are photos of the pool, by index."""
    pairs = len(focal)
    depth = draws.uniform(5, 12, pairs)
    spread = size / focal  # a view's width over the depth
    width = depth * spread
    centre = torch.zeros(pairs, FLAT, 3, device=draws.device)
    axes = torch.zeros(pairs, FLAT, 3, 3, device=draws.device)
    half = torch.full((pairs, FLAT, 2), ENDLESS, device=draws.device)
    present = torch.ones(pairs, FLAT, device=draws.device)

    # Background, floor, wall: one room, turned a little. Rows of a rotation's transpose are its axes.
    tilt = rotation("x", draws.normal(0.15, pairs))
    room = (tilt @ rotation("y", draws.normal(0.45, pairs))).transpose(1, 2)
    axes[:, 0] = room
    centre[:, 0, 2] = depth
    along, up, ahead = tilt.unbind(-1)
    axes[:, 1] = torch.stack([along, ahead, up], 1)
    centre[:, 1, 1:] = torch.stack([width * draws.uniform(0.15, 0.4, pairs), depth / 2], 1)
    axes[:, 2] = room.flip(1)
    side = torch.where(draws.chance(0.5, pairs), 1.0, -1.0)
    centre[:, 2, ::2] = torch.stack([side * width * draws.uniform(0.2, 0.5, pairs), 0.6 * depth], 1)
    present[:, 1], present[:, 2] = draws.chance(0.4, pairs).float(), draws.chance(0.25, pairs).float()

    def place(count: int, across: float, nearest: float, farthest: float) -> tuple[Tensor, Tensor]:
        """Random places in the first view [pairs, count, 3], and the view's width there."""
        z = depth[:, None] * draws.uniform(nearest, farthest, pairs, count)
        visible = z * spread[:, None]
        xy = draws.uniform(-across, across, pairs, count, 2) * visible[..., None]
        return torch.cat([xy, z[..., None]], -1), visible

    # Boxes: the three faces towards the camera.
    boxes = FACES // 3
    middle, visible = place(boxes, 0.4, 0.4, 0.85)
    turn = rotation("x", draws.uniform(-0.6, 0.1, pairs, boxes)) @ rotation("y", draws.uniform(0.2, 1.4, pairs, boxes))
    edges = turn.transpose(-1, -2)
    reach = visible[..., None] * draws.uniform(0.08, 0.3, pairs, boxes, 3)
    for face, (first, second, out) in enumerate(((1, 2, 0), (2, 0, 1), (0, 1, 2))):
        slots = slice(UNBOUNDED + face, UNBOUNDED + FACES, 3)
        outward = edges[:, :, out]
        outward = outward * -torch.sign((outward * middle).sum(-1, keepdim=True))
        centre[:, slots] = middle + outward * reach[..., out : out + 1]
        axes[:, slots] = torch.stack([edges[:, :, first], edges[:, :, second], outward], 2)
        half[:, slots] = torch.stack([reach[..., first], reach[..., second]], -1)
    with_box = torch.stack([draws.chance(0.45, pairs), draws.chance(0.2, pairs)], 1).float()
    present[:, UNBOUNDED : UNBOUNDED + FACES] = with_box.repeat_interleave(3, 1)

    # Patches: rectangles, ellipses, rectangles less a corner.
    free = slice(UNBOUNDED + FACES, FLAT)
    centre[:, free], visible = place(PATCHES, 0.5, 0.35, 0.95)
    turns = [rotation(axis, draws.normal(d, pairs, PATCHES)) for axis, d in (("y", 0.6), ("x", 0.4), ("z", 0.3))]
    axes[:, free] = (turns[0] @ turns[1] @ turns[2]).transpose(-1, -2)
    half[:, free] = visible[..., None] * draws.uniform(0.08, 0.35, pairs, PATCHES, 2)
    count = draws.uniform(1, PATCHES + 1, pairs, 1).floor()
    present[:, free] = (torch.arange(PATCHES, device=draws.device) < count).float()
    kind, turn = draws.uniform(0, 1, pairs, PATCHES), draws.angle(pairs, PATCHES)
    ellipse = torch.where(kind < 0.25, 1.0, 4.0)
    kept = torch.where(kind > 0.75, draws.uniform(0.2, 0.8, pairs, PATCHES), 4.0)
    cut = torch.stack([turn.cos(), turn.sin(), kept], -1)
    # Normals towards the first camera, for the light.
    towards = -torch.sign((axes[:, :, 2] * centre).sum(-1, keepdim=True))
    axes[:, :, 2] = axes[:, :, 2] * towards

    # Round ones.
    round_centre, visible = place(ROUND, 0.4, 0.4, 0.9)
    is_column = draws.chance(0.5, pairs, ROUND)
    radii = (
        visible[..., None] * draws.uniform(0.07, 0.25, pairs, ROUND, 1) * draws.log_uniform(0.75, 1.33, pairs, ROUND, 3)
    )
    height = visible * draws.uniform(0.15, 0.6, pairs, ROUND)
    radii[..., 1] = torch.where(is_column, height, radii[..., 1])
    lean = draws.normal(0.3, 2, pairs, ROUND)
    turn = rotation("x", lean[0]) @ rotation("z", lean[1])
    with_round = torch.stack([draws.chance(0.45, pairs), draws.chance(0.25, pairs)], 1)
    round_frame = turn.transpose(-1, -2) / radii[..., None]
    # An empty slot lies behind everything, small.
    round_centre[..., 2] = torch.where(with_round, round_centre[..., 2], 1e5)
    round_weight = torch.ones_like(radii)
    round_weight[..., 1] = torch.where(is_column, 0.0, 1.0)

    # Textures: a part of a photo on each, repeating on some.
    photo = photos[draws.index(len(photos), pairs, SLOTS)]
    extent = pool.size[photo]
    share = draws.uniform(0.35, 1.0, pairs, SLOTS)
    # Texels a scene unit; a photo is one to two views wide on what has no end.
    density = torch.cat(
        [
            extent[:, :UNBOUNDED, 0] / (width[:, None] * draws.uniform(0.9, 2.2, pairs, UNBOUNDED)),
            (extent.amin(-1) * share)[:, UNBOUNDED:FLAT] / (2 * half[:, UNBOUNDED:].amax(-1)),
            (extent.amin(-1) * share)[:, FLAT:] / (3 * radii.amax(-1)),
        ],
        1,
    )
    repeats = draws.chance(0.15, pairs, SLOTS)
    density = torch.where(repeats, density * draws.uniform(1.0, 2.5, pairs, SLOTS), density)
    tile = torch.where(repeats, draws.uniform(25, 80, pairs, SLOTS), NO_TILE)
    texels = torch.cat([half, radii[..., :2]], 1) * density[..., None]
    margin = torch.minimum(texels, extent / 2)
    start = margin + (extent - 2 * margin) * draws.uniform(0, 1, pairs, SLOTS, 2)
    shade = draws.normal(0.18, pairs, SLOTS).exp()
    return Surfaces(
        centre=centre,
        axes=axes,
        half=half,
        present=present,
        ellipse=ellipse,
        cut=cut,
        round_centre=round_centre,
        round_frame=round_frame,
        round_weight=round_weight,
        photo=photo,
        texels=texels,
        start=start,
        tile=tile,
        shade=shade,
        depth=depth,
    )
