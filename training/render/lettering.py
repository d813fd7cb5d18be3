"""Flat pictures with letters: shop signs, posters, book pages, spines, labels, and window panes.

Glyphs come from Pillow's built-in font, so that no font file is part of this project. Words are invented.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.render.noise import blur, dead_leaves, fractal, generator, mix, rgb, step, tint

SYLLABLES = "ba ko li ren ta mo sel du va por tes lun mi elo da fin zu hal ve or".split()


def word(rng, low=2, high=4):
    return "".join(SYLLABLES[rng.integers(len(SYLLABLES))] for _ in range(int(rng.integers(low, high))))


def write(image, text, box, colour, fit="both"):
    """Writes `text` into `box` (x0, y0, x1, y1 pixels), as large as it fits, centred."""
    x0, y0, x1, y1 = (int(round(b)) for b in box)
    if x1 - x0 < 4 or y1 - y0 < 4:
        return image
    height = y1 - y0
    font = ImageFont.load_default(size=max(height * 0.95, 4))
    left, top, right, bottom = font.getbbox(text)
    scale = min((x1 - x0) / max(right - left, 1), height / max(bottom - top, 1), 1.3)
    font = ImageFont.load_default(size=max(height * 0.95 * scale, 4))
    left, top, right, bottom = font.getbbox(text)
    mask = Image.new("L", (x1 - x0, height), 0)
    place = ((x1 - x0 - right + left) / 2 - left, (height - bottom + top) / 2 - top)
    ImageDraw.Draw(mask).text((round(place[0]), round(place[1])), text, fill=255, font=font)
    share = np.asarray(mask, np.float32) / 255
    image[y0:y1, x0:x1] = mix(image[y0:y1, x0:x1], np.asarray(colour, np.float32), share)
    return image


def worn(image, seed, amount=0.5):
    """Fades, scratches and soils a flat picture."""
    shape = image.shape[:2]
    image = tint(image, amount * (0.10 * fractal(shape, 1.3, seed) + 0.08 * fractal(shape, 0.6, seed + 1)))
    scratch = step(fractal(shape, 0.9, seed + 2, stretch=(1.0, 5.0)), 2.6, 0.3)
    return mix(image, image * 0.5 + 0.35, amount * scratch).clip(0, 1)


def sign(text, width, height, ground, ink, seed):
    """A shop sign with a border line."""
    image = np.broadcast_to(ground, (height, width, 3)).astype(np.float32).copy()
    m = max(height // 16, 2)
    image[m:-m, m:-m] = ink
    image[2 * m:-2 * m, 2 * m:-2 * m] = ground
    write(image, text, (4 * m, 3.5 * m, width - 4 * m, height - 3.5 * m), ink)
    return worn(image, seed)


def poster(seed, width=512, height=720):
    """A poster: a title, a picture, shapes, small print."""
    rng = generator(seed, 61)
    hue = rng.uniform(0.15, 0.95, 3).astype(np.float32)
    ground = 0.4 * hue + 0.6 * hue.mean() if rng.random() < 0.6 else rgb(232, 226, 212)
    ink = np.float32(0.06) * np.ones(3, np.float32) if ground.mean() > 0.45 else rgb(240, 232, 210)
    image = np.broadcast_to(ground, (height, width, 3)).astype(np.float32).copy()
    image *= np.linspace(rng.uniform(0.75, 1.0), rng.uniform(0.85, 1.1), height, dtype=np.float32)[:, None, None]
    palette = rng.uniform(0.05, 0.95, (6, 3)).astype(np.float32)
    palette = 0.4 * palette + 0.4 * palette.mean(1, keepdims=True) + 0.2 * ground
    top = rng.random() < 0.5
    y0, y1 = (0.26, 0.80) if top else (0.06, 0.62)
    a, b, c, d = int(0.07 * width), int(0.93 * width), int(y0 * height), int(y1 * height)
    picture = dead_leaves(512, palette, seed, count=500, radii=(0.02, 0.35))
    side = max(b - a, d - c)
    picture = np.asarray(Image.fromarray((picture * 255).astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC), np.float32) / 255
    image[c:d, a:b] = picture[:d - c, :b - a]
    title = (0.05, 0.22) if top else (0.65, 0.83)
    write(image, word(rng, 2, 4).upper(), (a, title[0] * height, b, title[1] * height), ink)
    for line in range(3):
        y = (0.84 + 0.05 * line) * height
        write(image, " ".join(word(rng) for _ in range(4)), (a, y, b, y + 0.035 * height), ink)
    return worn(image, seed + 5, 0.7)


def page(seed, width=640, height=860, columns=2, lines=40):
    """A printed page: headline, columns of text, a picture."""
    rng = generator(seed, 67)
    image = np.broadcast_to(rgb(236, 231, 220), (height, width, 3)).astype(np.float32).copy()
    ink = rgb(40, 38, 40)
    write(image, word(rng, 3, 5).capitalize() + " " + word(rng), (0.06 * width, 0.03 * height, 0.94 * width, 0.10 * height), ink)
    photo = int(rng.integers(columns))
    for column in range(columns):
        x0 = width * (0.06 + 0.88 * column / columns)
        x1 = x0 + width * (0.88 / columns - 0.03)
        for line in range(lines):
            y = height * (0.13 + 0.83 * line / lines)
            if column == photo and 6 <= line < 18:
                continue
            text = " ".join(word(rng) for _ in range(6 if columns == 2 else 9))
            write(image, text, (x0, y, x1, y + 0.7 * 0.83 * height / lines), ink)
        if column == photo:
            y0, y1 = int(height * (0.13 + 0.83 * 6 / lines)), int(height * (0.13 + 0.83 * 17.5 / lines))
            picture = dead_leaves(512, rng.uniform(0.1, 0.9, (7, 1)).astype(np.float32) * np.ones(3, np.float32), seed, 600)
            image[y0:y1, int(x0):int(x1)] = picture[:y1 - y0, :int(x1) - int(x0)]
    return tint(image, 0.03 * fractal((height, width), 0.8, seed)).clip(0, 1)


def spines(seed, width=1024, height=256, count=26):
    """A shelf full of books, seen from the front."""
    rng = generator(seed, 71)
    image = np.full((height, width, 3), 0.07, np.float32)
    edges = np.concatenate([[0], np.cumsum(rng.uniform(0.5, 1.5, count))])
    edges = (edges / edges[-1] * width).astype(int)
    for x0, x1 in zip(edges[:-1], edges[1:]):
        tall = int(height * rng.uniform(0.72, 0.97))
        hue = rng.uniform(0.08, 0.85, 3).astype(np.float32)
        hue = 0.7 * hue + 0.3 * hue.mean()
        wide = max(x1 - x0 - 1, 3)
        book = np.broadcast_to(hue, (wide, tall, 3)).astype(np.float32).copy()
        ink = rgb(238, 226, 190) if hue.mean() < 0.5 else rgb(30, 26, 30)
        write(book, word(rng, 2, 5).title(), (0.2 * tall, 0.2 * wide, 0.8 * tall, 0.8 * wide), ink)
        for at in (0.08, 0.9):
            book[:, int(at * tall):int(at * tall) + 3] = ink
        bend = np.sin(np.linspace(0.25, np.pi - 0.25, wide, dtype=np.float32))[:, None, None]
        image[height - tall:, x0:x0 + wide] = np.rot90(book * (0.45 + 0.6 * bend), 1)
    return tint(image, 0.05 * fractal((height, width), 0.7, seed)).clip(0, 1)


def label_box(seed, size=512, tone=(176, 138, 96)):
    """One side of a cardboard box: tape, a label, a stamp."""
    rng = generator(seed, 73)
    image = np.broadcast_to(rgb(*tone), (size, size, 3)).astype(np.float32).copy()
    image = tint(image, 0.05 * fractal((size, size), 0.9, seed, stretch=(1.0, 0.1)) + 0.06 * fractal((size, size), 1.3, seed + 1))
    tape = int(size * rng.uniform(0.42, 0.5))
    image[tape:tape + size // 11] = image[tape:tape + size // 11] * 0.55 + 0.4 * rgb(214, 190, 140)
    x, y = rng.uniform(0.06, 0.4, 2) * size
    w, h = size * rng.uniform(0.35, 0.5), size * rng.uniform(0.2, 0.32)
    image[int(y):int(y + h), int(x):int(x + w)] = rgb(235, 232, 224)
    for line in range(4):
        write(image, word(rng, 2, 5), (x + 0.05 * w, y + (0.08 + 0.22 * line) * h, x + 0.95 * w, y + (0.25 + 0.22 * line) * h), rgb(30, 30, 40))
    write(image, word(rng).upper() + " " + str(rng.integers(10, 99)), (0.1 * size, 0.72 * size, 0.9 * size, 0.92 * size), rgb(*tone) * 0.35)
    return worn(image, seed + 4, 0.6)


def pane(seed, width=160, height=240):
    """A window as seen from outside: frame, bars, and curtain, blind, plants or dark behind the glass."""
    rng = generator(seed, 79)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    y, x = y / height, x / width
    glass = rgb(58, 68, 80) * (1.25 - 0.7 * y)[..., None]
    glass = tint(glass, 0.25 * step(fractal((height, width), 1.6, seed), 0.4, 0.6))
    kind = rng.integers(5)
    if kind in (0, 1):
        fold = 0.75 + 0.25 * np.sin(2 * np.pi * x * rng.uniform(9, 16) + fractal((height, width), 1.6, seed + 1))
        cover = step(np.abs(x - 0.5), rng.uniform(0.12, 0.34), 0.02)
        glass = mix(glass, rng.uniform(0.55, 0.9, 3).astype(np.float32) * fold[..., None] * 0.75, cover)
    elif kind == 2:
        slats = 0.6 + 0.3 * np.sin(2 * np.pi * y * 26)
        glass = mix(glass, rgb(206, 200, 186) * slats[..., None], step(-y, -rng.uniform(0.35, 0.8), 0.01))
    elif kind == 3:
        plants = dead_leaves(256, np.stack([rgb(60, 88, 44), rgb(84, 110, 58), rgb(44, 66, 40)]), seed, 700, (0.02, 0.09), "l")
        plants = np.asarray(Image.fromarray((plants * 255).astype(np.uint8)).resize((width, height)), np.float32) / 255
        glass = mix(glass, plants * 0.7, step(y + 0.12 * fractal((height, width), 1.2, seed + 2), rng.uniform(0.55, 0.75), 0.06))
    image = glass.astype(np.float32)
    frame = rgb(228, 224, 214) if rng.random() < 0.7 else rgb(84, 62, 48)
    bars = np.minimum(np.minimum(x, 1 - x) * width / height, np.minimum(y, 1 - y)) < 0.035
    bars |= np.abs(x - 0.5) * width / height < 0.014
    bars |= np.abs(y - 0.33) < 0.012
    image = np.where(bars[..., None], frame, image).astype(np.float32)
    return blur(tint(image, 0.04 * fractal((height, width), 0.8, seed + 3)), 0.6).clip(0, 1)


def shelves(seed, width=1024, height=512, rows=3, kind="books"):
    """Shelves in a shop window: books, or loaves in baskets."""
    rng = generator(seed, 101)
    high = height // rows
    image = np.zeros((height, width, 3), np.float32)
    bread = np.stack([rgb(196, 140, 78), rgb(214, 168, 104), rgb(168, 108, 56), rgb(226, 190, 134)])
    for row in range(rows):
        part = image[row * high:(row + 1) * high]
        if kind == "books":
            part[:] = spines(seed * 10 + row, width, high, count=int(rng.integers(30, 40)))
        else:
            part[:] = 0.13 * rgb(255, 220, 180)
            loaves = dead_leaves(1024, bread, seed * 10 + row, count=260, radii=(0.02, 0.05), kinds="e")
            part[high // 3:] = loaves[:high - high // 3, :width]
            for x in range(0, width, width // 6):
                part[high // 3:, x:x + 10] = rgb(110, 74, 44)
            x = int(rng.integers(0, width // 6))
            for x in range(x, width - 90, width // 6):
                part[high // 3 + 20:high // 3 + 60, x:x + 80] = rgb(240, 236, 224)
                write(part, str(rng.integers(2, 9)) + ".50", (x + 6, high // 3 + 26, x + 74, high // 3 + 54), rgb(50, 30, 30))
        part[-high // 12:] = rgb(96, 66, 44)
    shade = np.linspace(0.55, 1.0, height, dtype=np.float32)[:, None]
    return tint(image * shade[..., None], 0.08 * fractal((height, width), 1.2, seed)).clip(0, 1)
