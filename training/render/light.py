"""Light: a sun with shadows, a sky that shades corners softly, lamps; all fixed in the world, so views agree.

Sky light is the sum over a few dozen directions, each with its own shadow map: what a corner does not see of the sky
it does not receive. Surfaces are matt, so that a point has the same brightness in every view.
"""

from dataclasses import dataclass, replace

import numpy as np

from training.render.geometry import ParallelCamera, unit
from training.render.tracing import trace

SKY_DIRECTIONS = 24
SKY_MAP = 512  # pixels a side
SUN_MAP = 2048


@dataclass(frozen=True)
class Lighting:
    """Linear RGB. `sun` points from the scene to the sun; `lamps` are (position, colour) without shadows."""

    sun: tuple = (-0.5, -0.6, 0.8)
    sun_colour: tuple = (2.3, 2.1, 1.85)
    sky_colour: tuple = (0.62, 0.72, 0.88)
    bounce_colour: tuple = (0.20, 0.18, 0.15)
    lamps: tuple = ()
    exposure: float = 1.0

    def with_(self, **changes):
        return replace(self, **changes)


def sky_directions():
    """Unit vectors spread over the upper half of the sphere (a Fibonacci spiral)."""
    k = np.arange(SKY_DIRECTIONS) + 0.5
    z = k / SKY_DIRECTIONS
    angle = k * np.pi * (3 - np.sqrt(5.0))
    r = np.sqrt(1 - z * z)
    return np.stack([r * np.cos(angle), r * np.sin(angle), z], 1)


class ShadowMap:
    """Depth as seen along a direction of light."""

    def __init__(self, surfaces, center, radius, direction, size):
        self.camera = ParallelCamera(np.asarray(center, np.float64), -unit(direction), radius, size)
        casting = [s for s in surfaces if s.casts_shadow]
        self.depth = trace(casting, self.camera).depth.astype(np.float32).reshape(size, size)

    def lit(self, points, normals, smooth):
        """Share of the light (0 to 1) that reaches the points; the result is interpolated where `smooth`."""
        size, texel = self.camera.width, self.camera.texel
        xy, depth = self.camera.project(points + normals * (1.5 * texel))
        depth = depth - 1.0 * texel

        def tap(x, y):
            inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
            x, y = np.clip(x, 0, size - 1), np.clip(y, 0, size - 1)
            return np.where(inside, self.depth[y, x] >= depth, True)

        if not smooth:
            nearest = np.rint(xy).astype(np.int64)
            return tap(nearest[:, 0], nearest[:, 1]).astype(np.float32)
        floor = np.floor(xy)
        fx, fy = (xy - floor).T
        x, y = floor.astype(np.int64).T
        top = tap(x, y) * (1 - fx) + tap(x + 1, y) * fx
        bottom = tap(x, y + 1) * (1 - fx) + tap(x + 1, y + 1) * fx
        return top * (1 - fy) + bottom * fy


class LightField:
    """The light of one scene under one `Lighting`; the sky's shadow maps are made once a scene."""

    def __init__(self, scene, lighting):
        self.lighting = lighting
        self.directions = sky_directions()
        if scene.sky_maps is None:
            scene.sky_maps = [
                ShadowMap(scene.surfaces, scene.center, scene.radius, d, SKY_MAP) for d in self.directions]
        self.sky_maps = scene.sky_maps
        self.sun_direction = unit(lighting.sun)
        has_sun = max(lighting.sun_colour) > 0
        self.sun_map = (
            ShadowMap(scene.surfaces, scene.center, scene.radius, self.sun_direction, SUN_MAP) if has_sun else None)
        # An open horizontal floor under the whole sky receives 1.
        self.sky_scale = 1.0 / self.directions[:, 2].sum()

    def irradiance(self, points, normals, group, translucency):
        """RGB light (N, 3). `group` (N) is 0 to 2: neighbouring samples take turns at the sky's directions."""
        light = self.lighting
        result = np.empty((points.shape[0], 3), np.float32)
        bounce = 0.5 - 0.5 * normals[:, 2]
        for channel in range(3):
            result[:, channel] = (0.25 + 0.75 * bounce) * light.bounce_colour[channel]
        sky = np.zeros(points.shape[0], np.float32)
        for turn in range(3):
            members = np.flatnonzero(group == turn)
            p, n = points[members], normals[members]
            total = np.zeros(members.size)
            for k in range(turn, SKY_DIRECTIONS, 3):
                facing = n @ self.directions[k]
                facing = np.maximum(facing, -translucency * facing)
                total += facing.clip(0) * self.sky_maps[k].lit(p, n, smooth=False)
            sky[members] = 3 * total * self.sky_scale
        result += sky[:, None] * np.asarray(light.sky_colour, np.float32)
        if self.sun_map is not None:
            facing = normals @ self.sun_direction
            facing = np.maximum(facing, -translucency * facing).clip(0)
            lit = np.flatnonzero(facing > 0)
            reach = facing[lit] * self.sun_map.lit(points[lit], normals[lit], smooth=True)
            result[lit] += reach[:, None].astype(np.float32) * np.asarray(light.sun_colour, np.float32)
        for position, colour in light.lamps:
            toward = np.asarray(position) - points
            square = (toward**2).sum(1)
            facing = ((toward * normals).sum(1) / np.sqrt(square)).clip(0)
            result += (facing / (0.15 + square))[:, None].astype(np.float32) * np.asarray(colour, np.float32)
        return result
