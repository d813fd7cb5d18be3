"""Rays to pixels: every pixel is the mean of `SAMPLES` x `SAMPLES` exact rays with filtered texture look-ups."""

from dataclasses import dataclass

import numpy as np

from training.render.tracing import trace

SAMPLES = 3


@dataclass
class Rendering:
    """`image` (height, width, 3) float32 linear RGB; `depth` (height, width) at pixel centres, infinite for sky."""

    image: np.ndarray
    depth: np.ndarray


def render(scene, camera, light_field):
    """A clean picture: no camera effects yet."""
    fine = camera.scaled(SAMPLES)
    hits = trace(scene.surfaces, fine)
    colour = np.zeros((hits.depth.size, 3), np.float32)
    order = np.argsort(hits.surface, kind="stable")
    ids = hits.surface[order]
    bounds = np.flatnonzero(np.diff(ids)) + 1
    for members in np.split(order, bounds):
        index = int(hits.surface[members[0]])
        for start in range(0, members.size, 400_000):
            part = members[start:start + 400_000]
            if index < 0:
                colour[part] = scene.background(_directions(fine, part)) * light_field.lighting.exposure
            else:
                colour[part] = _shade(scene.surfaces[index], fine, hits, part, light_field)
    image = colour.reshape(camera.height, SAMPLES, camera.width, SAMPLES, 3).mean((1, 3), dtype=np.float64)
    middle = hits.depth.reshape(camera.height, SAMPLES, camera.width, SAMPLES)[:, SAMPLES // 2, :, SAMPLES // 2]
    return Rendering(image.astype(np.float32), middle.copy())


def _directions(camera, pixels):
    _, direction = camera.ray_forms()
    y, x = np.divmod(pixels, camera.width)
    return direction[0] + x[:, None] * direction[1] + y[:, None] * direction[2]


def _shade(surface, camera, hits, pixels, light_field):
    direction = _directions(camera, pixels)
    depth, u, v, piece = hits.depth[pixels], hits.u[pixels], hits.v[pixels], hits.piece[pixels]
    points = camera.eye + depth[:, None] * direction
    normals = surface.normals(u, v, piece)
    length = np.sqrt((direction**2).sum(1))
    cosine = (normals * direction).sum(1) / length
    normals = np.where(cosine[:, None] > 0, -normals, normals)
    # A sample's footprint on the surface is an ellipse; the samples of a pixel share its longer axis.
    footprint = depth * camera.pixel_angle * np.maximum(1.0, 0.5 / np.abs(cosine).clip(0.05))
    albedo = surface.material.look_up(u, v, footprint, piece)
    y, x = np.divmod(pixels, camera.width)
    light = light_field.irradiance(points, normals, (x + y) % 3, getattr(surface, "translucency", 0.0))
    return albedo * light * np.float32(light_field.lighting.exposure)
