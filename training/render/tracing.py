"""Finds, for every ray of a camera, the first surface it meets: a depth buffer over exact intersections."""

from dataclasses import dataclass

import numpy as np

from training.render.geometry import Patches, window_of


@dataclass
class Hits:
    """One entry a pixel, row by row: depth (infinite: nothing), index of the surface (-1), u, v and piece."""

    depth: np.ndarray
    surface: np.ndarray
    u: np.ndarray
    v: np.ndarray
    piece: np.ndarray


def trace(surfaces, camera):
    """What `camera` sees of `surfaces`, as `Hits` of length height * width."""
    shape = (camera.height, camera.width)
    hits = Hits(
        np.full(shape, np.inf), np.full(shape, -1, np.int32), np.zeros(shape, np.float32),
        np.zeros(shape, np.float32), np.zeros(shape, np.int32))
    for index, surface in enumerate(surfaces):
        if isinstance(surface, Patches):
            _trace_patches(hits, index, surface, camera)
            continue
        window = window_of(camera, surface.corners())
        if window is None:
            continue
        x0, x1, y0, y1 = window
        part = (slice(y0, y1), slice(x0, x1))
        depth, u, v = surface.intersect(camera, np.arange(x0, x1, dtype=np.float64), np.arange(y0, y1, dtype=np.float64))
        nearer = depth < hits.depth[part]
        for buffer, values in ((hits.depth, depth), (hits.u, u), (hits.v, v)):
            buffer[part][nearer] = values[nearer]
        hits.surface[part][nearer] = index
    for name in ("depth", "surface", "u", "v", "piece"):
        setattr(hits, name, getattr(hits, name).reshape(-1))
    return hits


def _trace_patches(hits, index, surface, camera):
    flat_depth, flat_surface, flat_u, flat_v, flat_piece = (
        a.reshape(-1) for a in (hits.depth, hits.surface, hits.u, hits.v, hits.piece))
    for piece, x, y, depth, u, v in surface.batches(camera):
        pixel = y * camera.width + x
        nearer = np.flatnonzero(depth < flat_depth[pixel])
        # Far to near, so that of several hits on one pixel the nearest is written last.
        nearer = nearer[np.argsort(-depth[nearer], kind="stable")]
        pixel = pixel[nearer]
        flat_depth[pixel], flat_u[pixel], flat_v[pixel] = depth[nearer], u[nearer], v[nearer]
        flat_surface[pixel], flat_piece[pixel] = index, piece[nearer]
