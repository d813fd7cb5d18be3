"""Procedural textures with the statistics of photographs: broad spectra, edges, occlusion, wear.

Each function returns sRGB (height, width, 3), 0 to 1, for a square or the stated shape, and tiles seamlessly.
"""

import numpy as np

from training.render.noise import blur, cells, dead_leaves, fractal, generator, mix, rgb, step, tint

SIZE = 1024


def plaster(colour, seed, size=SIZE, wear=0.5):
    """Painted render: fine grain, stains, cracks and spots where older paint shows."""
    base = np.broadcast_to(colour, (size, size, 3)).astype(np.float32)
    grain = fractal((size, size), 0.6, seed)
    cloud = fractal((size, size), 1.4, seed + 1)
    image = tint(base, 0.035 * grain + 0.05 * cloud)
    if wear == 0:
        return image.clip(0, 1)
    flake = step(fractal((size, size), 1.25, seed + 2) + 0.2 * grain, 2.3 - wear, 0.15)
    image = mix(image, tint(base * 0.72 + 0.1, 0.08 * grain), flake)
    crack = np.abs(fractal((size, size), 1.5, seed + 3))
    return tint(image, -0.35 * wear * step(-crack, -0.012, 0.012)).clip(0, 1)


def concrete(seed, size=SIZE, shade=0.55):
    """Cast concrete: pores, streaks, stains."""
    grain = fractal((size, size), 0.5, seed)
    cloud = fractal((size, size), 1.5, seed + 1)
    streak = fractal((size, size), 1.1, seed + 2, stretch=(1.0, 0.15))
    image = np.full((size, size, 3), shade, np.float32) * rgb(255, 250, 240)
    image = tint(image, 0.05 * grain + 0.08 * cloud + 0.05 * streak)
    pores = step(fractal((size, size), 0.35, seed + 3), 2.6, 0.5)
    return tint(image, -0.45 * pores).clip(0, 1)


def asphalt(seed, size=SIZE):
    """Road surface: stones of many greys, patches, tar lines."""
    stones = fractal((size, size), 0.25, seed)
    cloud = fractal((size, size), 1.5, seed + 1)
    image = np.full((size, size, 3), 0.30, np.float32) * rgb(250, 250, 255)
    image = tint(image, 0.22 * stones + 0.10 * cloud)
    tar = np.abs(fractal((size, size), 1.6, seed + 2))
    image = tint(image, -0.5 * step(-tar, -0.02, 0.015))
    return mix(image, image * 0.55 + 0.25, 0.6 * step(stones, 2.2, 0.4)).clip(0, 1)


def masonry(palette, joint_colour, seed, rows, columns, joint, stagger=0.5, size=SIZE, rough=1.0):
    """Bricks, tiles or slabs: `rows` x `columns` pieces with joints `joint` pieces-high wide, each its own colour."""
    rng = generator(seed, 41)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    wobble = 0.35 * joint * rough
    y = y / size * rows + wobble * fractal((size, size), 1.0, seed)
    row = np.floor(y).astype(np.int64)
    x = x / size * columns + stagger * (row % 2) + wobble * columns / rows * fractal((size, size), 1.0, seed + 1)
    column = np.floor(x).astype(np.int64)
    pick = rng.integers(len(palette), size=(rows, columns))
    colours = palette[pick] * rng.uniform(0.78, 1.2, (rows, columns, 1)) + rng.uniform(-0.012, 0.012, (rows, columns, 3))
    image = colours[row % rows, column % columns].astype(np.float32)
    tilt = rng.uniform(-0.12, 0.12, (rows, columns, 2))[row % rows, column % columns]
    fx, fy = x - column, y - row
    image = tint(image, (tilt[..., 0] * (fx - 0.5) + tilt[..., 1] * (fy - 0.5)).astype(np.float32))
    grain, cloud = fractal((size, size), 0.55, seed + 2), fractal((size, size), 1.3, seed + 3)
    image = tint(image, 0.09 * rough * grain + 0.07 * rough * cloud)
    chip = 0.25 * joint * rough * fractal((size, size), 0.9, seed + 4)
    edge = np.minimum(np.minimum(fy, 1 - fy), np.minimum(fx, 1 - fx) * (rows / columns)) + chip
    mortar = tint(np.broadcast_to(joint_colour, image.shape).astype(np.float32), 0.10 * grain)
    image = tint(image, -0.25 * step(-edge, -joint, 0.8 * joint))
    return mix(mortar, image, step(edge, joint / 2, joint / 3)).clip(0, 1)


def brick(seed, tone="red", size=SIZE):
    """A brick wall, 16 courses a tile."""
    palettes = {
        "red": [(148, 80, 62), (160, 96, 74), (130, 68, 56), (172, 112, 88), (116, 64, 56)],
        "yellow": [(196, 168, 118), (184, 150, 98), (206, 182, 136), (168, 136, 92)],
        "dark": [(92, 74, 68), (110, 84, 72), (78, 66, 64), (124, 92, 78)],
    }
    palette = np.stack([rgb(*c) for c in palettes[tone]])
    return masonry(palette, rgb(186, 178, 166), seed, rows=16, columns=5, joint=0.14, size=size)


def slabs(seed, rows=4, columns=4, tone=(168, 160, 148), size=SIZE):
    """Paving slabs."""
    palette = np.stack([rgb(*tone), rgb(*tone) * 0.9, rgb(*tone) * 1.08])
    return masonry(palette, rgb(84, 80, 74), seed, rows, columns, joint=0.035, size=size)


def tiles(colours, seed, rows=6, columns=6, size=SIZE):
    """Glazed tiles: sharp joints, little wear."""
    palette = np.stack([rgb(*c) for c in colours])
    return masonry(palette, rgb(214, 210, 202), seed, rows, columns, joint=0.04, stagger=0.0, size=size, rough=0.3)


def cobbles(seed, count=220, size=SIZE):
    """Round paving stones."""
    index, distance = cells(size, count, seed)
    rng = generator(seed, 43)
    colours = rgb(136, 130, 124) * rng.uniform(0.65, 1.3, (index.max() + 1, 1)) + rng.uniform(-0.03, 0.03, (index.max() + 1, 3))
    image = colours[index].astype(np.float32)
    image = tint(image, 0.10 * fractal((size, size), 0.5, seed) + 0.08 * fractal((size, size), 1.2, seed + 1))
    radius = size / np.sqrt(count)
    shape = distance + 0.02 * radius * fractal((size, size), 1.0, seed + 2)
    image = tint(image, 0.25 * step(shape, 0.3 * radius, 0.5 * radius) - 0.12)
    return mix(np.float32(0.22) * rgb(255, 245, 225), image, step(shape, 0.07 * radius, 0.06 * radius)).clip(0, 1)


def wood(seed, planks=6, tone=(150, 104, 66), size=SIZE):
    """Boards along the x axis: grain, knots, gaps."""
    rng = generator(seed, 47)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    board = np.minimum((y * planks).astype(np.int64), planks - 1)
    shift = rng.integers(0, size, planks)
    warp = fractal((size, size), 1.4, seed, stretch=(6.0, 1.0))
    fine = fractal((size, size), 0.7, seed + 1, stretch=(18.0, 1.0))
    cloud = fractal((size, size), 1.2, seed + 2, stretch=(3.0, 1.0))
    columns = (np.arange(size)[None, :] + shift[board]) % size
    rows = np.arange(size)[:, None]
    warp, fine, cloud = warp[rows, columns], fine[rows, columns], cloud[rows, columns]
    rings = np.sin(2 * np.pi * (y * planks * 3.2 + 0.9 * warp + rng.uniform(0, 9, planks)[board]))
    gain = rng.uniform(0.78, 1.18, planks)[board]
    image = np.broadcast_to(rgb(*tone), (size, size, 3)) * gain[..., None]
    image = tint(image.astype(np.float32), 0.09 * rings + 0.10 * fine + 0.08 * cloud)
    for _ in range(planks * 2):
        kx, ky, r = rng.random(), rng.random(), rng.uniform(0.006, 0.016)
        dx = np.abs(x - kx)
        d = np.sqrt(np.minimum(dx, 1 - dx) ** 2 / 2.2 + (y - ky) ** 2)
        image = tint(image, (-0.45 * np.exp(-((d / r) ** 2)) + 0.14 * np.sin(d / r * 4) * np.exp(-((d / r / 3) ** 2))).astype(np.float32))
    inside = y * planks - board
    gap = np.minimum(inside, 1 - inside)
    return tint(image, -0.75 * step(-gap, -0.02, 0.02)).clip(0, 1)


def grass(seed, size=SIZE, tone=(96, 118, 58)):
    """A meadow from above: blades, dry spots, small flowers."""
    palette = np.stack([rgb(*tone), rgb(*tone) * 0.7, rgb(132, 132, 76), rgb(74, 96, 46), rgb(120, 104, 66)])
    image = dead_leaves(size, palette, seed, count=6000, radii=(0.006, 0.03), kinds="l")
    dry = step(fractal((size, size), 1.4, seed), 0.6, 1.0)
    image = mix(image, image * rgb(255, 232, 180) * 1.15, 0.7 * dry)
    return tint(image, 0.12 * fractal((size, size), 0.7, seed + 1)).clip(0, 1)


def soil(seed, size=SIZE, tone=(134, 110, 82)):
    """Earth and gravel: stones of all sizes over dirt."""
    palette = np.stack([rgb(*tone), rgb(*tone) * 0.7, rgb(156, 148, 138), rgb(112, 100, 90), rgb(176, 162, 140)])
    image = dead_leaves(size, palette, seed, count=5000, radii=(0.004, 0.03), kinds="pe")
    dirt = tint(np.broadcast_to(rgb(*tone), image.shape).astype(np.float32), 0.14 * fractal((size, size), 0.8, seed))
    image = mix(dirt, image, step(fractal((size, size), 1.2, seed + 1), 0.1, 0.8))
    return tint(image, 0.14 * fractal((size, size), 1.2, seed + 2)).clip(0, 1)


def rock(seed, size=SIZE, tone=(146, 136, 124)):
    """Bare stone: strata, cracks, lichen."""
    y = np.mgrid[0:size, 0:size][0].astype(np.float32) / size
    warp = fractal((size, size), 1.5, seed)
    strata = np.sin(2 * np.pi * (6 * y + 0.7 * warp))
    image = np.broadcast_to(rgb(*tone), (size, size, 3)).astype(np.float32)
    grain = fractal((size, size), 0.8, seed + 1)
    image = tint(image, 0.09 * strata + 0.16 * grain + 0.14 * fractal((size, size), 1.3, seed + 2))
    lichen = step(fractal((size, size), 1.0, seed + 3), 1.5, 0.3)
    image = mix(image, tint(image * rgb(225, 228, 150) * 1.2, 0.1 * grain), lichen * 0.8)
    crack = np.abs(fractal((size, size), 1.3, seed + 4))
    return tint(image, -0.6 * step(-crack, -0.03, 0.03)).clip(0, 1)


def bark(seed, size=512):
    """Tree bark, upright."""
    ridge = np.abs(fractal((size, size), 1.0, seed, stretch=(1.0, 3.0)))
    image = np.broadcast_to(rgb(104, 86, 68), (size, size, 3)).astype(np.float32)
    return tint(image, 0.35 * step(ridge, 0.5, 0.8) - 0.25 + 0.14 * fractal((size, size), 0.7, seed + 1)).clip(0, 1)


def leaf(seed, tone=(86, 122, 48), size=64):
    """One leaf: veins on green. Mapped on the ellipses of a tree."""
    y, x = (np.mgrid[0:size, 0:size].astype(np.float32) + 0.5) / size - 0.5
    vein = np.exp(-((y / 0.03) ** 2)) + 0.6 * np.exp(-((np.sin((x + np.abs(y)) * 28) / 0.3) ** 2))
    image = np.broadcast_to(rgb(*tone), (size, size, 3)).astype(np.float32)
    return tint(image, 0.16 * vein + 0.10 * fractal((size, size), 0.9, seed)).clip(0, 1)


def fabric(colours, seed, size=SIZE, stripes=9):
    """A woven rug: bands with patterns, threads."""
    rng = generator(seed, 53)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    image = np.zeros((size, size, 3), np.float32)
    palette = np.stack([rgb(*c) for c in colours])
    for band in range(stripes):
        here = (y * stripes).astype(np.int64) == band
        a, b = palette[rng.permutation(len(palette))[:2]]
        inside = y * stripes - band
        count = int(rng.integers(3, 14))
        phase = np.abs((x * count) % 1 - 0.5) * 2
        kind = rng.integers(4)
        if kind == 0:
            motif = phase > np.abs(inside - 0.5) * 2
        elif kind == 1:
            motif = (phase - 0.5) ** 2 + (inside - 0.5) ** 2 < 0.1
        elif kind == 2:
            motif = ((x * count * 2).astype(np.int64) + (inside * 4).astype(np.int64)) % 2 == 0
        else:
            motif = np.abs(inside - 0.5) < 0.25 + 0.1 * np.sin(2 * np.pi * x * count)
        image = np.where((here & motif)[..., None], a, np.where(here[..., None], b, image))
    thread = np.sin(x * size * np.pi / 2) * np.sin(y * size * np.pi / 2)
    worn = fractal((size, size), 1.1, seed)
    return tint(blur(image.astype(np.float32), 1.0), 0.06 * thread + 0.10 * worn + 0.10 * fractal((size, size), 0.4, seed + 1)).clip(0, 1)


def collage(seed, size=SIZE, palette=None):
    """Things over things: dead leaves of mixed shapes with shading; stands for the inside of a photograph."""
    rng = generator(seed, 59)
    if palette is None:
        palette = rng.uniform(0.1, 0.9, (9, 3)).astype(np.float32)
        palette = 0.35 * palette + 0.65 * palette.mean(1, keepdims=True)
    image = dead_leaves(size, palette, seed, count=1800, radii=(0.006, 0.22))
    shade = fractal((size, size), 1.2, seed)
    return tint(blur(image, 0.7), 0.14 * shade + 0.06 * fractal((size, size), 0.6, seed + 1)).clip(0, 1)
