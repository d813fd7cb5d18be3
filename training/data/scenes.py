"""Two views of a synthetic scene: textured planes, boxes, balls and columns before a background, with exact visibility.

The first camera is at the origin and looks along +z, y down; the second orbits something in the scene. A surface is
hit by the ray of every pixel in closed form, so depth is exact, and a point is visible in the other view where the
ray there hits the same surface at the same depth.
"""

from __future__ import annotations

import torch
from torch import Tensor

from training.data.camera import Camera
from training.data.draws import Draws
from training.data.geometry import (
    apply_homogeneous,
    centred_grid,
    gather_candidate,
    intrinsics,
    inverse,
    rotation,
    within,
)
from training.data.photos import Pool, level_of
from training.data.surfaces import Surfaces, draw_surfaces
from training.data.truth import LEAST_MARGIN, Rendering, Truth, Views

CANDIDATES = 6
OVERLAP_CELLS = 10
OVERLAP = (0.12, 0.97)
SAME_DEPTH = 0.003  # relative: two points of one surface closer than this along the ray are one
LEAST_DEPTH = 0.05


class Scenes:
    """Generator of pairs of views of random scenes."""

    def __init__(self, pool: Pool, photos: Tensor, draws: Draws) -> None:
        self.pool, self.photos, self.draws = pool, photos, draws
        self.trace = Surfaces.trace  # replaceable by a compiled one

    def views(self, pairs: int, size: int, hardness: Tensor, rendering: Rendering) -> Views:
        """`hardness` [pairs] in 0..1 scales how far apart the views are."""
        draws = self.draws
        focal = size * draws.uniform(0.75, 1.6, pairs)
        surfaces = draw_surfaces(draws, size, focal, self.pool, self.photos)
        eye = torch.eye(3, device=draws.device).expand(pairs, 3, 3)
        camera0 = Camera(intrinsics(focal, size), eye, torch.zeros(pairs, 3, device=draws.device))
        camera1 = self.second_camera(pairs, size, focal, hardness, surfaces, camera0)
        # Either may be image 0.
        swaps = draws.chance(0.5, pairs)
        first, second = camera0.where(swaps, camera1), camera1.where(swaps, camera0)
        cells = centred_grid(size, size // 8, draws.device)
        truth0 = Truth(*self.transfer(cells, surfaces, first, second, size))
        truth1 = Truth(*self.transfer(cells, surfaces, second, first, size))
        images = [self.draw_view(surfaces, camera, size, rendering) for camera in (first, second)]
        return Views(*images, truth0, truth1)

    def second_camera(
        self, pairs: int, size: int, focal: Tensor, hardness: Tensor, surfaces: Surfaces, camera0: Camera
    ) -> Camera:
        """One of several candidates, such that the views overlap."""
        draws, shape = self.draws, (pairs, CANDIDATES)
        hard = hardness[:, None].expand(shape)
        depth = surfaces.depth[:, None].expand(shape)
        zero = torch.zeros_like(hard)
        pivot = torch.stack([zero, zero, depth * draws.uniform(0.5, 0.95, *shape)], -1)
        # About a mostly vertical axis, seldom far: the orbit that people walk.
        lean = rotation("z", draws.normal(0.35, *shape))
        orbit = lean @ rotation("y", draws.normal(0.42, *shape) * hard) @ lean.transpose(-1, -2)
        distance = pivot[..., 2] * (draws.uniform(-0.8, 0.8, *shape) * hard).exp()
        shake = draws.normal(0.06, *shape, 3) * (depth * size / focal[:, None])[..., None]
        position = pivot - orbit[..., 2] * distance[..., None] + shake
        any_roll = draws.chance(0.2, *shape)
        roll = torch.where(any_roll, draws.angle(*shape), draws.normal(0.25, *shape) * hard)
        aim = (
            rotation("z", roll) @ rotation("x", draws.normal(0.12, *shape)) @ rotation("y", draws.normal(0.15, *shape))
        )
        zoom = draws.log_uniform(0.8, 1.25, *shape)
        calibration, turn = intrinsics(focal[:, None] * zoom, size), aim @ orbit.transpose(-1, -2)
        flat = Camera(calibration.flatten(0, 1), turn.flatten(0, 1), position.flatten(0, 1))
        grid = centred_grid(size, OVERLAP_CELLS, draws.device)
        many, start = surfaces.repeated(CANDIDATES), camera0.repeated(CANDIDATES)
        ways = ((start, flat), (flat, start))
        overlap = [self.transfer(grid, many, *way, size)[1].float().mean(1).view(shape) for way in ways]
        chosen = draws.candidate(torch.minimum(*overlap), *OVERLAP)
        return Camera(*gather_candidate(chosen, calibration, turn, position))

    def transfer(
        self, points: Tensor, surfaces: Surfaces, camera0: Camera, camera1: Camera, size: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels [points, 2] of camera 0 in camera 1, whether they are visible there, and that this is known."""
        points = points.expand(surfaces.pairs, -1, 2)
        hit0, nearness = self.trace(surfaces, *surfaces.seen_from(camera0), points)
        rays = apply_homogeneous(inverse(camera0.calibration), points)
        world = camera0.to_world(rays / nearness[..., None])
        moved, depth = camera1.project(world)
        in_front = (hit0 >= 0) & (depth > LEAST_DEPTH) & within(moved, size, LEAST_MARGIN)
        # Rays of points that are out of view anyway go anywhere finite.
        moved = torch.where(in_front[..., None], moved, 0.0)
        hit1, nearness1 = self.trace(surfaces, *surfaces.seen_from(camera1), moved)
        same = (hit1 == hit0) & ((nearness1 * depth - 1).abs() < SAME_DEPTH)
        return moved, in_front & same, torch.ones_like(same)

    def draw_view(self, surfaces: Surfaces, camera: Camera, size: int, rendering: Rendering) -> Tensor:
        """[pairs, size, size]: the nearest surface of every pixel, textured and lit."""
        pixels = centred_grid(size, size, self.draws.device)
        planes, quadrics = surfaces.seen_from(camera)
        hit, _ = self.trace(surfaces, planes, quadrics, pixels.expand(surfaces.pairs, -1, 2))
        hit = hit.clamp_min(0)
        points, normal = surfaces.texture_points(planes, quadrics, hit, pixels)
        level = level_of(points, size, rendering.least_level)
        photo, points = surfaces.wrapped(hit, points)
        image = self.pool.sample(photo, points, level)
        if rendering.light:
            image = image * self.light(surfaces, hit, normal)
        return image.unflatten(1, (size, size))

    def light(self, surfaces: Surfaces, hit: Tensor, normal: Tensor) -> Tensor:
        """[pairs, pixels]: a lamp of this view alone, light from everywhere, and each surface's own shade."""
        draws, pairs = self.draws, len(hit)
        lamp = torch.nn.functional.normalize(draws.normal(1, pairs, 1, 3) - draws.uniform(0, 1.5, pairs, 1, 3), dim=-1)
        facing = (normal * lamp).sum(-1).clamp_min(0)
        directed = draws.uniform(0, 0.6, pairs, 1)
        change = draws.normal(0.06, pairs, surfaces.count).exp()
        return (1 - directed + 1.4 * directed * facing) * (surfaces.shade * change).gather(1, hit)
