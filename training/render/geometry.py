"""Cameras and surfaces, with exact rays and exact intersections.

World: metres, right-handed, z up. Camera: x right, y down, z forward, x_camera = R x_world + t.
Pixels: the centre of the first pixel is (0, 0). A ray is origin + depth * direction, with the direction scaled so that
depth is the camera's z, and both are affine in the pixel: that makes every plane test a few multiplications a pixel.
Surfaces measure u and v in metres along their edges; u runs to the right of their texture, v downwards.
"""

from dataclasses import dataclass, field

import numpy as np

NEAR = 0.02  # metres: nothing closer than this is seen


def unit(vector):
    vector = np.asarray(vector, np.float64)
    return vector / np.sqrt((vector * vector).sum())


@dataclass(frozen=True)
class Camera:
    """A pinhole camera. `K` is 3x3 in pixels, `R` and `t` take world to camera coordinates."""

    K: np.ndarray
    R: np.ndarray
    t: np.ndarray
    width: int
    height: int

    @staticmethod
    def look_at(eye, target, focal, size, roll=0.0):
        """Looks from `eye` at `target`; `focal` in pixels, `size` (width, height), `roll` in degrees."""
        eye, target = np.asarray(eye, np.float64), np.asarray(target, np.float64)
        forward = unit(target - eye)
        right = unit(np.cross(forward, [0.0, 0.0, 1.0]))
        down = np.cross(forward, right)
        c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
        R = np.stack([c * right + s * down, -s * right + c * down, forward])
        width, height = size
        K = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]], np.float64)
        return Camera(K, R, -R @ eye, width, height)

    @property
    def eye(self):
        return -self.R.T @ self.t

    def scaled(self, factor):
        """The same view with `factor` times as many pixels: (x + 0.5) * factor - 0.5."""
        half = (factor - 1) / 2
        S = np.array([[factor, 0, half], [0, factor, half], [0, 0, 1.0]])
        return Camera(S @ self.K, self.R, self.t, self.width * factor, self.height * factor)

    def project(self, points):
        """Pixels (N, 2) and depths (N) of world points (N, 3)."""
        x = points @ self.R.T + self.t
        z = x[:, 2]
        p = x @ self.K.T
        safe = np.where(np.abs(z) < 1e-9, 1e-9, z)
        return p[:, :2] / safe[:, None], z

    def ray_forms(self):
        """Origin and direction as (3, 3) each: rows are the constant, the part per x and the part per y."""
        B = self.R.T @ np.linalg.inv(self.K)
        return np.stack([self.eye, np.zeros(3), np.zeros(3)]), np.stack([B[:, 2], B[:, 0], B[:, 1]])

    @property
    def pixel_angle(self):
        """Width of a pixel at depth 1, in metres."""
        return 1.0 / self.K[0, 0]


@dataclass(frozen=True)
class ParallelCamera:
    """A camera with parallel rays, which looks at a ball around `center`: it makes the shadow maps."""

    center: np.ndarray
    forward: np.ndarray
    radius: float
    width: int
    pixel_angle: float = 0.0

    @property
    def height(self):
        return self.width

    @property
    def texel(self):
        return 2 * self.radius / self.width

    def axes(self):
        forward = unit(self.forward)
        helper = np.array([0.0, 1.0, 0.0]) if abs(forward[2]) > 0.9 else np.array([0.0, 0.0, 1.0])
        right = unit(np.cross(forward, helper))
        return right, np.cross(forward, right), forward

    def project(self, points):
        right, down, forward = self.axes()
        d = points - self.center
        middle = (self.width - 1) / 2
        xy = np.stack([d @ right / self.texel + middle, d @ down / self.texel + middle], 1)
        return xy, d @ forward + 4 * self.radius

    def ray_forms(self):
        right, down, forward = self.axes()
        middle = (self.width - 1) / 2 * self.texel
        first = self.center - 4 * self.radius * forward - middle * (right + down)
        origin = np.stack([first, right * self.texel, down * self.texel])
        return origin, np.stack([forward, np.zeros(3), np.zeros(3)])


def along(forms, vector, x, y):
    """The affine form's component along `vector` on the grid of pixel columns `x` and rows `y`."""
    c, cx, cy = forms @ vector
    return (c + cx * x)[None, :] + (cy * y)[:, None]


def window_of(camera, points):
    """The pixels (x0, x1, y0, y1), ends excluded, that a convex body with these corners can cover."""
    xy, depth = camera.project(points)
    if depth.max() < NEAR:
        return None
    if depth.min() < NEAR:
        return 0, camera.width, 0, camera.height
    x0, y0 = np.maximum(np.floor(xy.min(0)), 0)
    x1 = min(np.ceil(xy[:, 0].max()) + 1, camera.width)
    y1 = min(np.ceil(xy[:, 1].max()) + 1, camera.height)
    if x0 >= x1 or y0 >= y1:
        return None
    return int(x0), int(x1), int(y0), int(y1)


@dataclass
class Quad:
    """A rectangle: its top left corner and its two edges. `holes` are rectangles (u0, v0, u1, v1) cut out of it."""

    corner: np.ndarray
    edge_u: np.ndarray
    edge_v: np.ndarray
    material: object
    holes: list = field(default_factory=list)
    round: bool = False
    casts_shadow: bool = True
    uv_offset: tuple = (0.0, 0.0)

    def __post_init__(self):
        self.corner, self.edge_u, self.edge_v = (
            np.asarray(a, np.float64) for a in (self.corner, self.edge_u, self.edge_v))
        self.size_u = float(np.sqrt((self.edge_u**2).sum()))
        self.size_v = float(np.sqrt((self.edge_v**2).sum()))
        self.axis_u, self.axis_v = self.edge_u / self.size_u, self.edge_v / self.size_v
        self.normal = np.cross(self.axis_v, self.axis_u)

    def corners(self):
        c, u, v = self.corner, self.edge_u, self.edge_v
        return np.stack([c, c + u, c + v, c + u + v])

    def intersect(self, camera, x, y):
        """Depth (infinite where the ray misses), u and v in metres, on pixel columns `x` and rows `y`."""
        origin, direction = camera.ray_forms()
        from_corner = origin.copy()
        from_corner[0] -= self.corner
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = -along(from_corner, self.normal, x, y) / along(direction, self.normal, x, y)
            u = along(from_corner, self.axis_u, x, y) + depth * along(direction, self.axis_u, x, y)
            v = along(from_corner, self.axis_v, x, y) + depth * along(direction, self.axis_v, x, y)
            hit = (depth > NEAR) & (u >= 0) & (u <= self.size_u) & (v >= 0) & (v <= self.size_v)
            if self.round:
                hit &= (u / self.size_u - 0.5) ** 2 + (v / self.size_v - 0.5) ** 2 <= 0.25
            for u0, v0, u1, v1 in self.holes:
                hit &= ~((u > u0) & (u < u1) & (v > v0) & (v < v1))
        depth[~hit] = np.inf
        return depth, u + self.uv_offset[0], v + self.uv_offset[1]

    def normals(self, u, v, patch):
        return np.broadcast_to(self.normal, (u.size, 3))


@dataclass
class Cylinder:
    """The side of a cylinder from `base` along `axis`; u goes around it, v runs from its far end to its base."""

    base: np.ndarray
    axis: np.ndarray
    radius: float
    length: float
    material: object
    casts_shadow: bool = True

    def __post_init__(self):
        self.base = np.asarray(self.base, np.float64)
        self.axis = unit(self.axis)
        helper = np.array([1.0, 0.0, 0.0]) if abs(self.axis[0]) < 0.7 else np.array([0.0, 1.0, 0.0])
        self.side_a = unit(np.cross(self.axis, helper))
        self.side_b = np.cross(self.axis, self.side_a)

    def corners(self):
        a, b = self.radius * self.side_a, self.radius * self.side_b
        ring = np.stack([self.base + s * a + r * b for s in (-1, 1) for r in (-1, 1)])
        return np.concatenate([ring, ring + self.axis * self.length])

    def intersect(self, camera, x, y):
        origin, direction = camera.ray_forms()
        origin = origin.copy()
        origin[0] -= self.base
        oa, ob, oc = (along(origin, a, x, y) for a in (self.side_a, self.side_b, self.axis))
        da, db, dc = (along(direction, a, x, y) for a in (self.side_a, self.side_b, self.axis))
        with np.errstate(divide="ignore", invalid="ignore"):
            a = da * da + db * db
            half = oa * da + ob * db
            root = np.sqrt(half * half - a * (oa * oa + ob * ob - self.radius**2))
            depth = np.full(a.shape, np.inf)
            for candidate in ((-half + root) / a, (-half - root) / a):
                height = oc + candidate * dc
                hit = (candidate > NEAR) & (height >= 0) & (height <= self.length)
                depth = np.where(hit, candidate, depth)
            u = np.arctan2(ob + depth * db, oa + depth * da) * self.radius
            v = self.length - (oc + depth * dc)
        return depth, u, v

    def normals(self, u, v, patch):
        angle = (u / self.radius)[:, None]
        return np.cos(angle) * self.side_a + np.sin(angle) * self.side_b


@dataclass
class Patches:
    """Many small flat pieces at once: the triangles of a height field, the leaves of a tree.

    Each piece is `corner + a edge_u + b edge_v`, each array (N, 3); `shape` is 'triangle' (a + b <= 1) or 'ellipse'
    (the one inscribed in the parallelogram). `uv` (N, 3, 2) holds the texture coordinates at the corner and their
    change along the two edges. Pieces that reach behind the camera are not seen.
    """

    corner: np.ndarray
    edge_u: np.ndarray
    edge_v: np.ndarray
    shape: str
    uv: np.ndarray
    material: object
    smooth_normals: object = None  # (u, v) -> (N, 3), for curved surfaces
    casts_shadow: bool = True
    translucency: float = 0.0

    def __post_init__(self):
        normal = np.cross(self.edge_v, self.edge_u)
        self.normal = normal / np.sqrt((normal**2).sum(1, keepdims=True))
        # Dual vectors: (p - corner) . dual_u = a for any point p of the piece's plane.
        self.dual_u = np.cross(self.edge_v, self.normal)
        self.dual_u /= (self.dual_u * self.edge_u).sum(1, keepdims=True)
        self.dual_v = np.cross(self.normal, self.edge_u)
        self.dual_v /= (self.dual_v * self.edge_v).sum(1, keepdims=True)

    def normals(self, u, v, patch):
        return self.normal[patch] if self.smooth_normals is None else self.smooth_normals(u, v)

    def batches(self, camera, limit=2_000_000):
        """Candidate hits in bounded batches: (piece, x, y, depth, u, v), arrays of equal length."""
        corners = [self.corner, self.corner + self.edge_u, self.corner + self.edge_v]
        if self.shape == "ellipse":
            corners.append(self.corner + self.edge_u + self.edge_v)
        projected = [camera.project(c) for c in corners]
        xy = np.stack([p[0] for p in projected])
        near = np.min([p[1] for p in projected], axis=0)
        low = np.maximum(np.ceil(xy.min(0)), 0)
        high = np.minimum(np.floor(xy.max(0)), [camera.width - 1, camera.height - 1])
        seen = np.flatnonzero((near > NEAR) & (high >= low).all(1))
        if seen.size == 0:
            return
        x0, y0 = low[seen].astype(np.int64).T
        columns, rows = (high[seen] - low[seen] + 1).astype(np.int64).T
        ends = np.cumsum(columns * rows)
        start = 0
        while start < seen.size:
            done = ends[start - 1] if start else 0
            stop = max(int(np.searchsorted(ends, done + limit)), start + 1)
            part = slice(start, stop)
            yield self._hits(camera, seen[part], x0[part], y0[part], columns[part], rows[part])
            start = stop

    def _hits(self, camera, pieces, x0, y0, columns, rows):
        counts = columns * rows
        which = np.repeat(np.arange(pieces.size), counts)
        local = np.arange(which.size) - np.repeat(np.cumsum(counts) - counts, counts)
        x = x0[which] + local % columns[which]
        y = y0[which] + local // columns[which]
        origin, direction = camera.ray_forms()
        corner = self.corner[pieces]

        def form(forms, vectors, offset):
            c = (forms @ vectors.T).T  # (pieces, 3)
            constant = c[:, 0] - (offset if offset is not None else 0)
            return constant[which] + c[which, 1] * x + c[which, 2] * y

        def both(vectors):
            offset = (corner * vectors).sum(1)
            return form(origin, vectors, offset), form(direction, vectors, None)

        with np.errstate(divide="ignore", invalid="ignore"):
            o, d = both(self.normal[pieces])
            depth = -o / d
            o, d = both(self.dual_u[pieces])
            a = o + depth * d
            o, d = both(self.dual_v[pieces])
            b = o + depth * d
            if self.shape == "triangle":
                hit = (a >= -1e-9) & (b >= -1e-9) & (a + b <= 1 + 1e-9)
            else:
                hit = (a - 0.5) ** 2 + (b - 0.5) ** 2 <= 0.25
            hit &= depth > NEAR
        keep = np.flatnonzero(hit)
        which, a, b = which[keep], a[keep], b[keep]
        piece = pieces[which]
        uv = self.uv[piece]
        uv = uv[:, 0] + a[:, None] * uv[:, 1] + b[:, None] * uv[:, 2]
        return piece, x[keep], y[keep], depth[keep], uv[:, 0], uv[:, 1]
