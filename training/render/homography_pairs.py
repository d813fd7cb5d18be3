"""Renders the homography pairs in HPatches layout: flat walls and floors, turned cameras, changed light.

A homography is exact for a plane, and for a camera that turns or zooms in place whatever it sees. Where only the light
changes it is the identity.
"""

import numpy as np

from training.render import lettering, textures
from training.render.camera_effects import Effects
from training.render.geometry import Camera, Quad
from training.render.light import Lighting
from training.render.material import Material
from training.render.noise import fractal, generator, rgb, tint
from training.render.pose_pairs import SCENES, Studio
from training.render.scene import Scene, Stand
from training.render.truth import numbers, plane_homography, turn_homography
from training.render.views import EXPOSURE, SIZE, View, effects_for, later, night, orbit, take

PLANE_METRES = 4.8
PLANE_PIXELS = 2048


def _paste(image, picture, x, y, scale=1):
    height, width = picture.shape[:2]
    image[y:y + height, x:x + width] = picture


def posters():
    image = np.tile(textures.brick(2001), (2, 2, 1))
    rng = generator(2002)
    for k in range(9):
        poster = lettering.poster(2010 + k, int(rng.integers(330, 480)), int(rng.integers(420, 600)))
        _paste(image, poster, 60 + 660 * (k % 3) + int(rng.integers(0, 160)), 40 + 670 * (k // 3) + int(rng.integers(0, 60)))
    return image


def pages():
    image = textures.wood(2101, 6, (132, 92, 60), PLANE_PIXELS)
    for k in range(8):
        _paste(image, lettering.page(2110 + k, 440, 600), 40 + 500 * (k % 4), 200 + 900 * (k // 4) + 60 * (k % 3))
    return image


def rug():
    return textures.fabric([(142, 46, 44), (214, 198, 158), (44, 60, 96), (188, 136, 62), (70, 88, 70)], 2201, PLANE_PIXELS, 15)


def mural():
    return textures.collage(2301, PLANE_PIXELS)


def cobbled():
    return np.tile(textures.cobbles(2401, 300), (2, 2, 1))


def glazed():
    colours = [(90, 130, 150), (222, 218, 206), (186, 120, 80), (60, 84, 100)]
    return textures.tiles(colours, 2501, 16, 16, PLANE_PIXELS)


def windows():
    image = textures.plaster(rgb(206, 178, 140), 2601, PLANE_PIXELS, wear=0.7)
    for k in range(12):
        _paste(image, lettering.pane(2610 + k % 5, 260, 400), 120 + 512 * (k % 4), 130 + 680 * (k // 4))
    return image


def notices():
    image = textures.plaster(rgb(150, 158, 150), 2701, PLANE_PIXELS, wear=1.0)
    rng = generator(2702)
    for k in range(10):
        ink, ground = rng.uniform(0.0, 0.3, 3), rng.uniform(0.5, 0.95, 3)
        text = lettering.word(rng, 2, 4).upper() + " " + lettering.word(rng)
        sign = lettering.sign(text, 900, 220, ground.astype(np.float32), ink.astype(np.float32), 2710 + k)
        _paste(image, sign, 60 + 1010 * (k % 2) + int(rng.integers(0, 60)), 60 + 390 * (k // 2) + int(rng.integers(0, 120)))
    return image


def boards():
    image = textures.wood(2801, 12, (156, 116, 78), PLANE_PIXELS)
    return tint(image, 0.12 * fractal((PLANE_PIXELS, PLANE_PIXELS), 1.3, 2802))


PLANES = {f.__name__: f for f in (posters, pages, rug, mural, cobbled, glazed, windows, notices, boards)}

# Planes: grade, kind, azimuth and elevation of both views, scale between them, roll of the second (all degrees).
PLANE_VIEWS = {
    "posters": [("easy", "plain", (-6, 4), (0, 3), 1.1, 3), ("hard", "wide", (-30, 32), (5, -6), 1.1, 8)],
    "pages": [("easy", "exposure", (-8, 2), (4, -4), 1.15, -5), ("hard", "scale", (-10, 12), (4, -8), 3.0, 20)],
    "rug": [("medium", "jpeg", (-14, 14), (4, -8), 1.4, 12)],
    "mural": [("easy", "plain", (0, 13), (-4, 4), 1.2, 5), ("hard", "degraded", (-18, 20), (10, -5), 1.3, -25)],
    "cobbled": [("medium", "noise", (-16, 10), (6, 0), 1.2, -10)],
    "glazed": [("medium", "shadow", (-20, 8), (-6, 6), 1.3, 10)],
    "windows": [("easy", "plain", (-10, -2), (0, 5), 1.05, -2), ("hard", "roll", (-15, 15), (6, -6), 1.3, 100)],
    "notices": [("easy", "jpeg", (4, -8), (3, -3), 1.2, 4), ("medium", "exposure", (-22, 10), (8, -4), 1.7, -14)],
    "boards": [("medium", "blur", (-12, 12), (0, 8), 1.3, 15)],
}

# Scenes seen by a camera that turns: grade, kind, yaw and pitch (degrees), zoom, roll.
TURNS = {
    "street-corner": [("easy", "plain", 8, 2, 1.1, 3)],
    "warehouse": [("easy", "exposure", -9, -3, 1.0, -4)],
    "market": [("medium", "blur", 15, 4, 1.5, 12)],
    "room": [("medium", "noise", -14, 3, 1.3, -20)],
    "courtyard": [("hard", "roll", 12, -4, 1.2, 140)],
    "kitchen": [("hard", "scale", 8, 2, 2.8, -15)],
}

# Scenes where only the light changes.
LIGHTS = {"table": [("easy", "shadow")], "quarry": [("medium", "shadow")], "facade": [("hard", "night")], "hills": [("hard", "night")]}

SEQUENCES = ["planes-1", "planes-2", "planes-3", *TURNS, *LIGHTS]


def _plane_scene(name):
    """A large wall at y = 0 that faces -y."""
    side = 60.0
    material = Material(PLANES[name](), (PLANE_METRES, PLANE_METRES), stain=0.08, seed=len(name))
    quad = Quad((-side / 2, 0, side / 2), (side, 0, 0), (0, 0, -side), material,
                uv_offset=(-(side / 2 - PLANE_METRES / 2) % PLANE_METRES, -(side / 2 - PLANE_METRES / 2) % PLANE_METRES))
    lighting = Lighting(sun=(-0.4, -0.8, 0.6))
    return Scene(name, center=(0, 0, 0), radius=8.0, surfaces=[quad], lighting=lighting, stand=Stand((0, 0, 0), -90, 3.0, 0, 560))


def _raking(scene):
    """A lamp close to the wall, beside a weak sun."""
    return scene.lighting.with_(sun_colour=(0.4, 0.36, 0.3), lamps=(((1.6, -1.1, 1.0), (3.4, 2.9, 2.2)),))


def _plane_pairs(name):
    scene = _plane_scene(name)
    quad = scene.surfaces[0]
    for grade, kind, azimuths, elevations, scale, roll in PLANE_VIEWS[name]:
        rng = generator(2900, len(name), int(100 * scale), int(roll) + 400)
        aim = rng.uniform(-0.06, 0.06, 3) * (1, 0, 1)
        first = take(scene, azimuths[0], elevations[0], scale**0.3, scale**-0.2, 0, aim)
        second = take(scene, azimuths[1], elevations[1], scale**-0.3, scale**0.2, roll, aim + rng.uniform(-0.03, 0.03, 3) * (1, 0, 1))
        H = plane_homography(first, second, quad.corner, quad.axis_u, quad.axis_v)
        light = _raking(scene) if kind == "shadow" else scene.lighting
        yield scene, grade, kind, name, first, second, light, H


def _turn_pairs(name):
    scene = SCENES[name]()
    stand = scene.stand
    eye = orbit(stand.target, stand.azimuth, stand.distance, stand.elevation)
    for grade, kind, yaw, pitch, zoom, roll in TURNS[name]:
        focal = 1.15 * stand.focal
        first = Camera.look_at(eye, stand.target, focal * zoom**-0.3, SIZE)
        offset = np.asarray(stand.target) - eye
        a, b = np.radians(yaw), np.radians(pitch)
        turned = np.array([np.cos(a) * offset[0] - np.sin(a) * offset[1], np.sin(a) * offset[0] + np.cos(a) * offset[1], offset[2]])
        turned[2] += np.tan(b) * np.sqrt((offset**2).sum())
        second = Camera.look_at(eye, eye + turned, focal * zoom**0.7, SIZE, roll)
        yield scene, grade, kind, name, first, second, scene.lighting, turn_homography(first, second)


def _light_pairs(name):
    scene = SCENES[name]()
    for grade, kind in LIGHTS[name]:
        camera = take(scene, 8, 1, 1.0, 1.0, 0, (0, 0, 0))
        light = night(scene) if kind == "night" else later(scene, 70)
        yield scene, grade, kind, name + "-light", camera, camera, light, np.eye(3)


def render_sequences(group):
    """The folders of a group (three planes, or one scene) as {path: bytes}."""
    if group in TURNS:
        pairs = list(_turn_pairs(group))
    elif group in LIGHTS:
        pairs = list(_light_pairs(group))
    else:
        names = list(PLANES)[3 * (int(group[-1]) - 1):][:3]
        pairs = [pair for name in names for pair in _plane_pairs(name)]
    files, studio = {}, None
    for number, (scene, grade, kind, name, first, second, light, H) in enumerate(pairs):
        if studio is None or studio.scene is not scene:
            studio = Studio(scene)
        seed = 50_000 + 100 * SEQUENCES.index(group) + 10 * number
        rng = generator(2950, seed)
        views = (View(first, scene.lighting, Effects(exposure=EXPOSURE, quality=80)), View(second, light, effects_for(kind, rng)))
        folder = f"{grade}_{name}"
        for k, view in enumerate(views):
            data, depth = studio.photograph(view, seed + k)
            if name in PLANES and not np.isfinite(depth).all():
                raise ValueError(f"{folder}: picture {k + 1} looks past the plane; move its camera")
            files[f"{folder}/{k + 1}.jpg"] = data
        files[f"{folder}/H_1_2"] = ("\n".join(numbers(row) for row in H) + "\n").encode()
    return files
