"""Scenes under a roof. Ceilings and walls cast no shadow: light enters as through large windows."""

import numpy as np

from training.render import lettering, textures
from training.render.light import Lighting
from training.render.material import Material, plain
from training.render.noise import generator, rgb
from training.render.scene import UP, Picture, Scene, Stand, metal

INDOORS = Lighting(sun=(-0.45, -0.7, 0.75), sun_colour=(0.85, 0.80, 0.70), sky_colour=(0.72, 0.70, 0.68),
                   bounce_colour=(0.46, 0.43, 0.39))


def table():
    """A table with boxes, cans and books."""
    scene = Scene("table", center=(0, 0, 0.3), radius=2.2, lighting=INDOORS.with_(sun_colour=(1.3, 1.2, 1.05)),
                  stand=Stand((0.0, 0.0, 0.12), -90, 1.5, 28, focal=620, reach=60))
    scene.floor(-0.85, -0.6, 0.85, 0.6, 0.0, Material(textures.wood(701, 6, (164, 116, 74)), (0.9, 0.9), seed=701, stain_metres=1.1))
    scene.quad((-0.85, -0.6, 0), (1.7, 0, 0), (0, 0, -0.04), plain(rgb(120, 80, 50)))
    scene.floor(-3, -3, 3, 3, -0.75, Material(textures.fabric([(142, 46, 42), (214, 196, 156), (46, 62, 92), (186, 132, 64)], 702), (2.0, 2.0), seed=702))
    paper = Material(textures.plaster(rgb(178, 186, 176), 703, wear=0.3), (2.0, 2.0), seed=703)
    for corner, edge in (((-3, 2.0, 2.2), (6, 0, 0)), ((-2.2, -3, 2.2), (0, 6, 0)), ((2.2, 3, 2.2), (0, -6, 0))):
        scene.quad(corner, edge, (0, 0, -3), paper, casts_shadow=False)
    scene.quad((-0.9, 1.99, 1.2), (0.9, 0, 0), (0, 0, -0.7), Picture(textures.collage(704)).stretched(0.9, 0.7))
    scene.quad((0.3, 1.99, 1.3), (0.6, 0, 0), (0, 0, -0.8), Picture(lettering.poster(705)).stretched(0.6, 0.8))
    rng = generator(706)
    for k, (x, y, w, d, h, turn) in enumerate([(-0.45, 0.15, 0.26, 0.18, 0.30, 18), (0.05, 0.28, 0.30, 0.12, 0.38, -8), (0.48, 0.12, 0.2, 0.2, 0.2, 35),
                                               (-0.1, -0.22, 0.22, 0.15, 0.10, 50), (0.42, -0.28, 0.17, 0.12, 0.13, -25)]):
        sides = [Picture(lettering.label_box(710 + 3 * k + j, tone=tuple(rng.integers(70, 220, 3)))).stretched(w if j == 0 else d, h) for j in range(2)]
        scene.box((x, y, 0), (w, d, h), turn, (sides, Picture(lettering.poster(730 + k)).stretched(w, d)))
    for k, (x, y, r, h) in enumerate([(-0.62, -0.2, 0.055, 0.16), (-0.22, 0.0, 0.045, 0.24), (0.22, -0.02, 0.06, 0.14), (0.66, -0.05, 0.05, 0.2), (0.22, -0.4, 0.04, 0.1)]):
        label = lettering.sign(lettering.word(rng).upper(), 512, 256, rng.uniform(0.1, 0.9, 3).astype(np.float32), rgb(242, 238, 226), 740 + k)
        scene.cylinder((x, y, 0), UP, r, h, Material(label, (np.pi * r, h), stain=0.05, stain_metres=0.7, seed=k), cap=metal(0.6))
    scene.floor(-0.66, -0.52, -0.36, -0.12 - 0.1, 0.002, Picture(lettering.page(745)).stretched(0.3, 0.3))
    scene.box((-0.36, -0.38, 0), (0.2, 0.14, 0.035), 22, (Material(textures.fabric([(120, 40, 40), (60, 30, 30)], 746), (0.2, 0.2)), Picture(lettering.poster(747)).stretched(0.2, 0.14)))
    return scene


def _room(scene, half, deep, height, floor, wall, ceiling):
    """Floor, ceiling, a back wall at y = deep and two side walls."""
    scene.floor(-half, -deep * 2, half, deep, 0, floor)
    scene.quad((-half, -deep * 2, height), (2 * half, 0, 0), (0, 3 * deep, 0), ceiling, casts_shadow=False)
    for corner, edge in (((-half, deep, height), (2 * half, 0, 0)), ((-half, -2 * deep, height), (0, 3 * deep, 0)), ((half, deep, height), (0, -3 * deep, 0))):
        scene.quad(corner, edge, (0, 0, -height), wall, casts_shadow=False)
        edge = np.asarray(edge, float)
        inward = np.array([edge[1], -edge[0], 0]) / np.linalg.norm(edge) * 0.012
        scene.quad(np.asarray(corner) + inward + (0, 0, 0.1 - height), edge, (0, 0, -0.1), plain(rgb(226, 222, 214)), casts_shadow=False)


def room():
    """A living room: shelves with books, a rug, pictures, armchairs, a lamp."""
    scene = Scene("room", center=(0, 0, 1), radius=4.2, lighting=INDOORS, stand=Stand((0.0, 1.0, 1.0), -90, 3.9, 6, focal=480))
    _room(scene, 2.9, 2.2, 2.6, Material(textures.wood(801, 8, (156, 112, 72)), (1.6, 1.6), seed=801),
          Material(textures.plaster(rgb(196, 192, 170), 802, wear=0.2), (3.0, 3.0), seed=802), plain(rgb(232, 230, 224)))
    oak = Material(textures.wood(803, 4, (112, 76, 48)), (0.8, 0.8), seed=803)
    for row in range(5):
        z = 0.1 + 0.42 * row
        scene.box((-1.6, 2.02, z - 0.04), (1.7, 0.34, 0.04), 0, oak)
        scene.quad((-2.42, 1.95, z + 0.34), (1.64, 0, 0), (0, 0, -0.34), Picture(lettering.spines(810 + row, 1400, 300, 34)).stretched(1.64, 0.34))
    for x in (-2.45, -0.75):
        scene.box((x, 2.02, 0), (0.05, 0.36, 2.2), 0, oak)
    scene.box((-1.6, 2.02, 2.14), (1.75, 0.36, 0.05), 0, oak)
    for k, (x, z, w, h) in enumerate([(-0.4, 2.1, 0.8, 0.6), (0.6, 2.2, 0.55, 0.8), (1.35, 1.95, 0.9, 0.65), (-0.35, 1.35, 0.4, 0.4)]):
        scene.box((x + w / 2, 2.18, z - h - 0.04), (w + 0.08, 0.03, h + 0.08), 0, oak)
        picture = textures.collage(820 + k) if k % 2 else lettering.poster(820 + k, 640, 480)
        scene.quad((x, 2.16, z), (w, 0, 0), (0, 0, -h), Picture(picture).stretched(w, h))
    scene.floor(-1.3, -0.9, 1.4, 0.9, 0.01, Picture(textures.fabric([(136, 44, 44), (208, 190, 150), (44, 60, 90), (180, 130, 60)], 830)).stretched(2.7, 1.8))
    cloth = Material(textures.fabric([(90, 110, 120), (110, 130, 138)], 831, stripes=24), (0.8, 0.8), seed=831)
    warm = Material(textures.fabric([(176, 110, 60), (150, 80, 50), (196, 150, 90)], 832, stripes=16), (0.7, 0.7), seed=832)
    for x, y, turn, stuff in ((1.7, 0.7, -35, cloth), (-1.75, 0.3, 40, warm)):
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        scene.box((x, y, 0.08), (0.8, 0.75, 0.34), turn, stuff)
        scene.box((x - s * 0.32, y + c * 0.32, 0.42), (0.8, 0.16, 0.5), turn, stuff)
        for side in (-1, 1):
            scene.box((x + c * 0.42 * side, y + s * 0.42 * side, 0.08), (0.14, 0.75, 0.5), turn, stuff)
    scene.box((0.1, 0.1, 0.36), (0.95, 0.55, 0.05), 12, oak)
    for dx, dy in ((-0.38, -0.28), (0.4, -0.12), (-0.2, 0.3), (0.52, 0.36)):
        scene.cylinder((0.1 + dx, 0.05 + dy * 0.8, 0), UP, 0.025, 0.36, oak)
    scene.box((0.0, 0.1, 0.41), (0.28, 0.2, 0.05), 30, (cloth, Picture(lettering.page(834)).stretched(0.28, 0.2)))
    scene.cylinder((0.38, 0.15, 0.41), UP, 0.05, 0.16, Material(textures.tiles([(60, 90, 130), (225, 225, 220)], 835, 4, 8), (0.2, 0.16)))
    scene.cylinder((0.75, 1.75, 0), UP, 0.02, 1.5, metal(0.3))
    scene.cylinder((0.75, 1.75, 1.4), UP, 0.2, 0.28, plain(rgb(232, 216, 180)))
    pot = Material(textures.plaster(rgb(170, 96, 66), 836), (0.6, 0.6), seed=836)
    scene.cylinder((2.35, 1.75, 0), UP, 0.2, 0.4, pot)
    leaf = Material(textures.leaf(837, (66, 108, 52)), (1.0, 1.0), wrap=False, stain=0, jitter=0.35)
    scene.leaves([(2.35, 1.75, 0.9), (2.3, 1.7, 1.25)], 0.38, 420, 0.2, leaf, 838)
    return scene


def corridor():
    """A corridor with bare walls and equal doors: little texture, repeated structure."""
    scene = Scene("corridor", center=(0, 3, 1), radius=9.0, lighting=INDOORS.with_(sun_colour=(0.25, 0.24, 0.22)),
                  stand=Stand((0.0, 3.0, 1.3), -90, 5.0, 2, focal=460, reach=9))
    wall = Material(textures.plaster(rgb(214, 214, 206), 901, wear=0.0), (4.0, 4.0), stain=0.04, seed=901)
    lower = Material(textures.plaster(rgb(138, 158, 160), 902, wear=0.0), (4.0, 4.0), stain=0.05, seed=902)
    floor = Material(textures.tiles([(176, 172, 160), (166, 162, 150)], 903, 8, 8), (3.2, 3.2), stain=0.08, seed=903)
    scene.floor(-1.5, -6, 1.5, 12, 0, floor)
    scene.quad((-1.5, -6, 2.7), (3, 0, 0), (0, 18, 0), plain(rgb(236, 236, 232), stain=0.02), casts_shadow=False)
    end = [((-1.5, 12, 2.7), (3, 0, 0)), ((-1.5, -6, 2.7), (0, 18, 0)), ((1.5, 12, 2.7), (0, -18, 0))]
    for corner, edge in end:
        corner, edge = np.asarray(corner, float), np.asarray(edge, float)
        scene.quad(corner, edge, (0, 0, -1.6), wall, casts_shadow=False)
        scene.quad(corner - UP * 1.6, edge, (0, 0, -1.1), lower, casts_shadow=False)
    door = Picture(_door(904))
    for k in range(6):
        y = -4 + 2.6 * k
        scene.quad((-1.47, y, 2.1), (0, 0.95, 0), (0, 0, -2.1), door.stretched(0.95, 2.1))
        scene.quad((1.47, y + 1.0, 2.1), (0, -0.95, 0), (0, 0, -2.1), door.stretched(0.95, 2.1))
        scene.box((0, y, 2.62), (0.5, 1.1, 0.06), 0, plain(rgb(250, 250, 246), stain=0))
        scene.box((-1.44, y + 1.5, 1.5), (0.04, 0.25, 0.18), 0, Picture(lettering.sign(str(10 + k), 128, 96, rgb(60, 70, 84), rgb(240, 240, 236), k)).stretched(0.25, 0.18))
    scene.quad((1.46, 3.1, 1.75), (0, -0.7, 0), (0, 0, -0.95), Picture(lettering.poster(905)).stretched(0.7, 0.95))
    scene.quad((-1.46, 6.2, 1.7), (0, 0.6, 0), (0, 0, -0.4), Picture(lettering.sign("EXIT", 320, 200, rgb(36, 110, 70), rgb(240, 244, 236), 906)).stretched(0.6, 0.4))
    red = plain(rgb(170, 44, 38))
    scene.cylinder((-1.36, 1.75, 0.7), UP, 0.08, 0.5, red, cap=metal(0.3))
    scene.box((1.15, 5.3, 0), (0.5, 0.9, 0.45), 0, Material(textures.wood(907, 4, (160, 124, 84)), (0.9, 0.9), seed=907))
    scene.box((0.2, 11.9, 0), (1.1, 0.1, 2.1), 0, door.stretched(1.1, 2.1))
    return scene


def _door(seed):
    image = textures.wood(seed, 1, (128, 92, 62), 512)
    for y0, y1 in ((40, 220), (270, 470)):
        for x0, x1 in ((60, 240), (272, 452)):
            image[y0:y1, x0:x1] *= 0.8
            image[y0 + 14:y1 - 14, x0 + 14:x1 - 14] *= 1.2
    image[250:262, 440:490] = rgb(190, 184, 170)
    return image.clip(0, 1)


def kitchen():
    """A kitchen: tiles, cupboards, bottles, cans, a window."""
    scene = Scene("kitchen", center=(0, 0, 1), radius=3.6, lighting=INDOORS, stand=Stand((0.0, 1.1, 1.15), -90, 3.0, 8, focal=500))
    _room(scene, 2.3, 1.6, 2.6, Material(textures.tiles([(196, 188, 172), (70, 66, 64)], 1001, 6, 6), (1.8, 1.8), seed=1001),
          Material(textures.plaster(rgb(206, 198, 178), 1002, wear=0.2), (3.0, 3.0), seed=1002), plain(rgb(234, 232, 226)))
    glazed = Material(textures.tiles([(92, 134, 146), (208, 214, 206), (160, 186, 186), (226, 222, 210)], 1003, 8, 8), (1.2, 1.2), seed=1003)
    scene.quad((-2.3, 1.585, 1.55), (4.6, 0, 0), (0, 0, -0.65), glazed)
    pine = Material(textures.wood(1004, 5, (186, 142, 92)), (0.9, 0.9), seed=1004)
    scene.box((0, 1.28, 0), (4.5, 0.6, 0.86), 0, pine)
    scene.box((0, 1.26, 0.86), (4.56, 0.68, 0.05), 0, Material(textures.rock(1005, tone=(110, 108, 110)), (1.0, 1.0), seed=1005, stain_metres=1.7))
    gap = plain(rgb(70, 50, 34))
    for k in range(8):
        x = -2.2 + 0.56 * k
        scene.quad((x, 0.975, 0.84), (0.02, 0, 0), (0, 0, -0.8), gap)
        scene.box((x + 0.28, 0.955, 0.74), (0.16, 0.02, 0.02), 0, metal(0.5))
    scene.box((-1.5, 1.42, 1.6), (1.4, 0.34, 0.75), 0, pine)
    scene.box((1.6, 1.42, 1.6), (1.2, 0.34, 0.75), 0, pine)
    scene.quad((-0.55, 1.58, 2.35), (1.2, 0, 0), (0, 0, -0.8), Picture(lettering.pane(1006, 320, 240)).stretched(1.2, 0.8))
    scene.box((0.6, 1.5, 1.5), (0.6, 0.16, 0.025), 0, pine)
    rng = generator(1007)
    for k in range(15):
        shelf = k >= 11
        x = -2.0 + 0.38 * k + rng.uniform(-0.08, 0.08) if not shelf else 0.38 + 0.14 * (k - 11)
        y, z = (rng.uniform(1.08, 1.42), 0.91) if not shelf else (1.5, 1.525)
        r, h = rng.uniform(0.035, 0.075), rng.uniform(0.12, 0.34) if not shelf else 0.14
        if x > 2.15:
            continue
        tone = rng.uniform(0.08, 0.85, 3).astype(np.float32)
        label = lettering.sign(lettering.word(rng).upper(), 384, 256, 0.6 * tone + 0.4 * tone.mean(), rgb(242, 238, 226), 1010 + k)
        scene.cylinder((x, y, z), UP, r, h, Material(label, (np.pi * r, h), stain=0.05, stain_metres=0.7, seed=k), cap=metal(0.55))
        if h > 0.24:
            scene.cylinder((x, y, z + h), UP, 0.35 * r, 0.09, plain(tone * 0.8), cap=metal(0.4))
    scene.box((-0.9, 1.2, 0.91), (0.34, 0.24, 0.22), 8, (Picture(lettering.label_box(1030, tone=(190, 60, 50))).stretched(0.34, 0.22), metal(0.6)))
    scene.quad((1.3, 1.57, 1.42), (0.35, 0, 0), (0, 0, -0.45), Picture(lettering.page(1031)).stretched(0.35, 0.45))
    scene.box((-0.2, -0.25, 0.72), (1.3, 0.75, 0.04), -14, Material(textures.wood(1032, 6, (146, 98, 62)), (0.9, 0.9), seed=1032))
    for dx, dy in ((-0.65, -0.15), (0.45, -0.4), (-0.5, 0.35), (0.6, 0.1)):
        scene.cylinder((-0.2 + dx * 0.9, -0.25 + dy * 0.8, 0), UP, 0.03, 0.72, pine)
    scene.box((-0.3, -0.2, 0.76), (0.3, 0.22, 0.03), 20, (plain(rgb(230, 226, 214)), Picture(lettering.page(1033)).stretched(0.3, 0.22)))
    scene.cylinder((0.1, -0.3, 0.76), UP, 0.05, 0.1, Material(textures.tiles([(170, 60, 50), (230, 226, 216)], 1034, 4, 8), (0.16, 0.1)), cap=plain(rgb(60, 40, 30)))
    return scene


def warehouse():
    """Shelves full of boxes, many of them alike, with posts in front."""
    scene = Scene("warehouse", center=(0, 1, 1.5), radius=6.5, lighting=INDOORS.with_(sun_colour=(0.6, 0.58, 0.54)),
                  stand=Stand((0.0, 2.0, 1.5), -90, 5.2, 4, focal=500))
    _room(scene, 5.0, 3.4, 4.2, Material(textures.concrete(1101), (2.5, 2.5), seed=1101),
          Material(textures.masonry(np.stack([rgb(168, 166, 160)]), rgb(140, 138, 132), 1102, 8, 4, 0.05), (1.6, 1.6), seed=1102), Material(textures.concrete(1103), (3, 3)))
    steel = plain(rgb(196, 104, 44), 3)
    blue = plain(rgb(52, 78, 128), 4)
    for x in np.arange(-4.5, 4.6, 1.8):
        for y in (1.95, 2.95):
            scene.box((x, y, 0), (0.08, 0.08, 3.5), 0, blue)
    boxes = [[Picture(lettering.label_box(1110 + 2 * k + j, tone=t)).stretched(0.5, 0.42) for j in range(2)]
             for k, t in enumerate([(178, 138, 96), (164, 126, 84), (190, 154, 112)])]
    tops = Picture(lettering.label_box(1120)).stretched(0.5, 0.5)
    rng = generator(1130)
    for level, z in enumerate((0.12, 1.05, 1.98, 2.9)):
        scene.box((0, 1.95, z - 0.1), (9.1, 0.06, 0.1), 0, steel)
        scene.box((0, 2.45, z - 0.03), (9.1, 1.0, 0.03), 0, Material(textures.wood(1140 + level, 5, (150, 120, 84)), (1.0, 1.0)))
        for k in range(15):
            if rng.random() < 0.18:
                continue
            kind = 0 if rng.random() < 0.65 else int(rng.integers(1, 3))
            x = -4.2 + 0.6 * k + rng.uniform(-0.03, 0.03)
            scene.box((x, 2.32 + rng.uniform(-0.06, 0.1), z), (0.5, 0.5, 0.42), rng.uniform(-6, 6), (boxes[kind], tops))
            if rng.random() < 0.5 and level < 3:
                scene.box((x, 2.35, z + 0.42), (0.5, 0.5, 0.36), rng.uniform(-8, 8), (boxes[kind], tops))
    pallet = Material(textures.wood(1150, 5, (170, 134, 90)), (1.0, 1.0), seed=1150)
    for x, y, turn in ((-2.4, 0.1, 12), (1.9, 0.4, -20)):
        scene.box((x, y, 0), (1.2, 1.0, 0.14), turn, pallet)
        for k in range(5):
            a = np.radians(turn + 90 * k)
            spot = (x + 0.33 * np.cos(a), y + 0.28 * np.sin(a), 0.14) if k < 4 else (x, y, 0.56)
            scene.box(spot, (0.5, 0.5, 0.42), turn + 4 * k, (boxes[k % 3], tops))
    drum = Material(lettering.sign("OLEO 200", 512, 256, rgb(46, 84, 96), rgb(232, 222, 190), 1160), (0.94, 0.9), seed=1160)
    for x, y in ((0.1, 0.9), (0.75, 1.05), (3.6, 0.6)):
        scene.cylinder((x, y, 0), UP, 0.3, 0.9, drum, cap=metal(0.4))
    return scene
