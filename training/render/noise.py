"""Random fields and small picture tools that all textures share. Everything is seeded and tiles seamlessly.

Photographs have amplitude spectra near 1/f; `fractal` draws a Gaussian field with exactly such a spectrum.
"""

import cv2
import numpy as np

cv2.setNumThreads(1)


def generator(*seed):
    """A random generator for this tuple of integers."""
    return np.random.Generator(np.random.PCG64(list(seed)))


def fractal(shape, exponent, seed, stretch=(1.0, 1.0), lowest=1.0):
    """A periodic field (height, width), mean 0, deviation 1, amplitude f^-exponent, drawn out by `stretch` (x, y)."""
    height, width = shape
    white = generator(seed, 11).standard_normal(shape, dtype=np.float32)
    fy = np.fft.fftfreq(height)[:, None] * height * stretch[1]
    fx = np.fft.rfftfreq(width)[None, :] * width * stretch[0]
    f = np.sqrt(fx * fx + fy * fy)
    gain = np.maximum(f, lowest) ** -exponent
    gain[0, 0] = 0
    field = np.fft.irfft2(np.fft.rfft2(white) * gain, s=shape)
    return (field / field.std()).astype(np.float32)


def rgb(*colour):
    """An sRGB colour given as 0 to 255, as an array 0 to 1."""
    return np.asarray(colour, np.float32) / 255


def mix(a, b, share):
    """a where `share` (height, width) is 0, b where it is 1."""
    share = share[..., None]
    return a * (1 - share) + b * share


def step(field, edge, softness):
    """0 below `edge`, 1 above it, with a smooth ramp of width `softness`."""
    x = np.clip((field - edge) / softness + 0.5, 0, 1)
    return x * x * (3 - 2 * x)


def tint(image, field):
    """Brighter where `field` (height, width) is positive: multiplies by 1 + field."""
    return image * np.clip(1 + field, 0.05, None)[..., None]


def blur(image, sigma):
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)


def draw_wrapped(canvas, draw, x, y, reach):
    """Calls draw(canvas, x, y), again on the other side where the shape crosses the edge: the canvas tiles."""
    height, width = canvas.shape[:2]
    for dx in (-width, 0, width):
        for dy in (-height, 0, height):
            if -reach < x + dx < width + reach and -reach < y + dy < height + reach:
                draw(canvas, x + dx, y + dy)


def dead_leaves(size, palette, seed, count=2500, radii=(0.008, 0.2), kinds="epr"):
    """Opaque shapes over one another, radii with density r^-3: the occlusion model of natural pictures.

    `palette` is (N, 3) sRGB; `kinds` says which shapes fall: e ellipses, p polygons, r rectangles, l leaves.
    """
    rng = generator(seed, 23)
    canvas = np.full((size, size, 3), 0.4, np.float32)
    low, high = radii[0] ** -2, radii[1] ** -2
    scale = (high + (low - high) * rng.random(count)) ** -0.5 * size
    # Large shapes fall first, so that some of every size stay visible.
    scale = scale[np.argsort(-scale + size * 0.1 * rng.random(count), kind="stable")]
    for radius in scale:
        colour = palette[rng.integers(len(palette))] * rng.uniform(0.6, 1.25) + rng.uniform(-0.04, 0.04, 3)
        colour = tuple(float(c) for c in np.clip(colour, 0.01, 1))
        kind = kinds[rng.integers(len(kinds))]
        angle = rng.uniform(0, 2 * np.pi)
        x, y = rng.random(2) * size
        outline = _outline(kind, rng) * radius
        c, s = np.cos(angle), np.sin(angle)
        outline = outline @ np.array([[c, s], [-s, c]])

        def draw(image, px, py):
            points = np.rint((outline + [px, py]) * 16).astype(np.int32)
            cv2.fillPoly(image, [points], colour, lineType=cv2.LINE_AA, shift=4)

        draw_wrapped(canvas, draw, x, y, 1.6 * radius)
    return canvas


def _outline(kind, rng):
    if kind == "r":
        a = rng.uniform(0.4, 1.0)
        return np.array([[-1, -a], [1, -a], [1, a], [-1, a]])
    if kind == "p":
        turns = np.sort(rng.random(int(rng.integers(3, 8)))) * 2 * np.pi
        return np.stack([np.cos(turns), np.sin(turns)], 1)
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    wide = rng.uniform(0.3, 1.0)
    if kind == "l":
        return np.stack([np.cos(turns), 0.45 * np.sin(turns) * np.abs(np.sin(turns / 2)) ** 0.5], 1)
    return np.stack([np.cos(turns), wide * np.sin(turns)], 1)


def cells(size, count, seed):
    """A periodic Voronoi diagram: the index of the cell and the distance to its border, in pixels."""
    rng = generator(seed, 37)
    side = int(np.ceil(np.sqrt(count)))
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)
    points = (grid + 0.5 + rng.uniform(-0.42, 0.42, grid.shape)) / side * size
    margin = size // 4
    seeds = np.ones((size + 2 * margin,) * 2, np.uint8)
    owner = {}
    for index, (x, y) in enumerate(points):
        for dx in (-size, 0, size):
            for dy in (-size, 0, size):
                px, py = int(x + dx + margin), int(y + dy + margin)
                if 0 <= px < seeds.shape[1] and 0 <= py < seeds.shape[0]:
                    seeds[py, px] = 0
                    owner[(py, px)] = index
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    table = np.zeros(labels.max() + 1, np.int64)
    for (py, px), index in owner.items():
        table[labels[py, px]] = index
    index = table[labels]
    border = np.zeros(index.shape, bool)
    border[:, 1:] |= index[:, 1:] != index[:, :-1]
    border[1:] |= index[1:] != index[:-1]
    distance = cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, 5)
    inner = slice(margin, margin + size)
    return index[inner, inner], distance[inner, inner]
