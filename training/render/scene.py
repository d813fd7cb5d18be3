"""The vocabulary that scenes are written in: boxes, walls with windows, trees, terrain, and what lies behind it all."""

from dataclasses import dataclass, field

import numpy as np

from training.render import lettering, textures
from training.render.geometry import Cylinder, Patches, Quad, unit
from training.render.light import Lighting
from training.render.material import Material, plain
from training.render.noise import fractal, generator, rgb

UP = np.array([0.0, 0.0, 1.0])
DOWN = -UP


@dataclass(frozen=True)
class Stand:
    """Where a photographer stands by default: `distance` metres from `target`, angles in degrees, `focal` in pixels."""

    target: tuple
    azimuth: float
    distance: float
    elevation: float
    focal: float
    reach: float = 30.0  # how far the azimuth may go to either side


@dataclass
class Scene:
    """Surfaces and their light. `center` and `radius` (metres) bound what takes part in shadows."""

    name: str
    center: tuple = (0.0, 0.0, 2.0)
    radius: float = 15.0
    lighting: Lighting = field(default_factory=Lighting)
    stand: Stand | None = None
    zenith: tuple = (0.22, 0.40, 0.78)
    horizon: tuple = (0.78, 0.86, 0.95)
    clouds: float = 0.9
    surfaces: list = field(default_factory=list)
    sky_maps: list = None

    def add(self, surface):
        self.surfaces.append(surface)
        return surface

    def quad(self, corner, edge_u, edge_v, material, **options):
        return self.add(Quad(corner, edge_u, edge_v, material, **options))

    def floor(self, x0, y0, x1, y1, z, material, **options):
        return self.quad((x0, y1, z), (x1 - x0, 0, 0), (0, y0 - y1, 0), material, **options)

    def background(self, directions):
        """Linear RGB of the sky in these directions: infinitely far, hence the same for every position."""
        d = directions / np.sqrt((directions**2).sum(1, keepdims=True))
        height = d[:, 2:3].clip(0, 1) ** 0.6
        sky = np.asarray(self.horizon) * (1 - height) + np.asarray(self.zenith) * height
        if self.clouds > 0:
            field_ = _cloud_material()
            over = np.maximum(d[:, 2], 0) + 0.12
            cloud = field_.look_up(d[:, 0] / over, d[:, 1] / over, np.full(d.shape[0], 0.004) / over**2, None)
            share = self.clouds * cloud[:, :1] * (d[:, 2:3].clip(0, 0.25) / 0.25)
            sky = sky * (1 - share) + share * np.array([0.95, 0.95, 0.97])
        level = np.asarray(self.lighting.sky_colour).mean() / 0.74
        return (sky * level).astype(np.float32)

    def box(self, center, size, turn, materials):
        """A box standing on z = center[2]: `turn` degrees about the vertical; one material, or (sides, top)."""
        sides, top = materials if isinstance(materials, tuple) else (materials, materials)
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        a, b = np.array([c, s, 0]) * size[0], np.array([-s, c, 0]) * size[1]
        low = np.asarray(center, np.float64) - a / 2 - b / 2
        high = low + UP * size[2]
        for k, (corner, edge) in enumerate(((high, a), (high + a, b), (high + a + b, -a), (high + b, -b))):
            material = sides[k % len(sides)] if isinstance(sides, list) else sides
            self.quad(corner, edge, DOWN * size[2], material, uv_offset=(0, 0) if not material.wrap else (0.7 * k, 0.0))
        self.quad(high + b, a, -b, top)

    def cylinder(self, base, axis, radius, length, material, cap=None):
        side = self.add(Cylinder(base, axis, radius, length, material))
        if cap is not None:
            top = side.base + side.axis * length
            a, b = side.side_a * radius, side.side_b * radius
            self.quad(top - a - b, 2 * a, 2 * b, cap, round=True)

    def wall(self, corner, right, width, height, material, windows=(), panes=(), depth=0.16, sill=None, thickness_material=None):
        """A wall with recessed windows: `windows` are (u, v, width, height) in metres from the top left corner."""
        right = unit(right)
        corner = np.asarray(corner, np.float64)
        inward = np.cross(right, DOWN)  # into the wall, away from the one who looks at it
        holes = [(u, v, u + w, v + h) for u, v, w, h in windows]
        wall = self.quad(corner, right * width, DOWN * height, material, holes=holes)
        reveal = thickness_material or material
        for k, (u, v, w, h) in enumerate(windows):
            at = corner + right * u + DOWN * v
            back = inward * depth
            self.quad(at + back, right * w, DOWN * h, panes[k % len(panes)].stretched(w, h))
            self.quad(at, back, DOWN * h, reveal)
            self.quad(at + right * w + back, -back, DOWN * h, reveal)
            self.quad(at, right * w, back, reveal)
            if sill is not None:
                ledge = at + DOWN * h - inward * 0.10 - right * 0.06
                self.quad(ledge + inward * (depth + 0.10), right * (w + 0.12), -inward * (depth + 0.10), sill)
                self.quad(ledge, right * (w + 0.12), DOWN * 0.08, sill)
            else:
                self.quad(at + DOWN * h + back, right * w, -back, reveal)
        return wall

    def leaves(self, centers, spread, count, size, material, seed, translucency=0.35):
        """Clouds of elliptical leaves around `centers` (N, 3) with deviations `spread` metres."""
        rng = generator(seed, 83)
        centers = np.asarray(centers, np.float64)
        at = centers[rng.integers(len(centers), size=count)]
        offset = rng.standard_normal((count, 3))
        offset /= np.sqrt((offset**2).sum(1, keepdims=True))
        at = at + offset * spread * rng.random((count, 1)) ** 0.4
        self.leaf_pieces(at, size * rng.uniform(0.7, 1.3, (count, 1)), material, rng, translucency)

    def leaf_pieces(self, at, sizes, material, rng, translucency):
        count = len(at)
        a = rng.standard_normal((count, 3))
        a /= np.sqrt((a**2).sum(1, keepdims=True))
        b = np.cross(a, rng.standard_normal((count, 3)) * 0.6 + UP)
        b /= np.sqrt((b**2).sum(1, keepdims=True))
        edge_u, edge_v = a * sizes, b * sizes * 0.55
        uv = np.zeros((count, 3, 2))
        uv[:, 1, 0] = uv[:, 2, 1] = 1.0
        self.add(Patches(at - edge_u / 2 - edge_v / 2, edge_u, edge_v, "ellipse", uv, material, translucency=translucency))

    def tree(self, foot, height, seed, leaf_count=5000, leaf_size=0.16, crown=1.5, tone=(86, 122, 48)):
        """A tree: trunk, a few boughs, clusters of leaves."""
        rng = generator(seed, 89)
        foot = np.asarray(foot, np.float64)
        wood = Material(textures.bark(seed), (0.6, 0.6), seed=seed)
        fork = foot + UP * height * 0.5 + np.array([rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), 0])
        radius = 0.022 * height
        self.cylinder(foot, fork - foot, radius, float(np.linalg.norm(fork - foot)), wood)
        tips = []
        for k in range(9):
            angle = 2 * np.pi * (k / 9 + rng.uniform(-0.04, 0.04))
            out = crown * rng.uniform(0.35, 0.8)
            tip = fork + np.array([np.cos(angle) * out, np.sin(angle) * out, height * rng.uniform(0.08, 0.42)])
            self.cylinder(fork - UP * 0.1, tip - fork, radius * 0.38, float(np.linalg.norm(tip - fork)), wood)
            tips.append(tip)
        tips.append(fork + UP * height * 0.42)
        material = Material(textures.leaf(seed, tone), (1.0, 1.0), wrap=False, stain=0, jitter=0.4)
        self.leaves(tips, crown * 0.52, leaf_count, leaf_size, material, seed)

    def terrain(self, side, cells, heights, material, corner=None):
        """A height field over a square: `heights` (cells + 1, cells + 1) in metres, rows run towards +y."""
        x0, y0 = corner if corner is not None else (-side / 2, -side / 2)
        pitch = side / cells
        grid = np.arange(cells + 1) * pitch
        points = np.stack([*np.meshgrid(x0 + grid, y0 + grid), heights], -1)
        p00, p10, p01, p11 = points[:-1, :-1], points[:-1, 1:], points[1:, :-1], points[1:, 1:]
        corners = np.concatenate([p00.reshape(-1, 3), p11.reshape(-1, 3)])
        edge_u = np.concatenate([(p10 - p00).reshape(-1, 3), (p01 - p11).reshape(-1, 3)])
        edge_v = np.concatenate([(p01 - p00).reshape(-1, 3), (p10 - p11).reshape(-1, 3)])
        uv = np.stack([corners[:, :2], edge_u[:, :2], edge_v[:, :2]], 1)
        uv[:, 0] -= (x0, y0)
        slope_y, slope_x = np.gradient(heights, pitch)

        def normals(u, v):
            i = np.clip(v / pitch, 0, cells)
            j = np.clip(u / pitch, 0, cells)
            i0, j0 = (np.minimum(a.astype(np.int64), cells - 1) for a in (i, j))
            fi, fj = i - i0, j - j0
            slopes = []
            for s in (slope_x, slope_y):
                top = s[i0, j0] * (1 - fj) + s[i0, j0 + 1] * fj
                slopes.append(top * (1 - fi) + (s[i0 + 1, j0] * (1 - fj) + s[i0 + 1, j0 + 1] * fj) * fi)
            n = np.stack([-slopes[0], -slopes[1], np.ones_like(u, np.float64)], 1)
            return n / np.sqrt((n**2).sum(1, keepdims=True))

        return self.add(Patches(corners, edge_u, edge_v, "triangle", uv, material, smooth_normals=normals))


class Picture:
    """A flat picture that takes the size of whatever it is put on."""

    def __init__(self, image, **options):
        self.material = Material(image, (1.0, 1.0), wrap=False, **{"stain": 0.0, **options})

    def stretched(self, width, height):
        copy = Material.__new__(Material)
        copy.__dict__.update(self.material.__dict__)
        copy.metres = (width, height)
        return copy


_clouds = []


def _cloud_material():
    if not _clouds:
        cloud = np.clip(0.5 + 0.42 * fractal((1024, 1024), 1.35, 4242), 0, 1)
        _clouds.append(Material(np.repeat(cloud[..., None], 3, 2), (3.1, 3.1), stain=0))
    return _clouds[0]


def window_grid(width, first, pitch, count, top, heights, size):
    """Regular windows: `count` columns from `first` at `pitch` metres; one row for each entry of `heights`."""
    return [(first + k * pitch, top + row, size[0], size[1]) for row in heights for k in range(count)]


def panes(seed, count=8):
    return [Picture(lettering.pane(seed * 100 + k)) for k in range(count)]


def metal(shade, seed=0):
    return plain(np.full(3, shade, np.float32) * rgb(250, 252, 255), seed=seed)
