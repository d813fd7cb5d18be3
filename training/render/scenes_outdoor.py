"""Scenes under the sky. Each function builds one scene; numbers are metres."""

import numpy as np

from training.render import lettering, textures
from training.render.light import Lighting
from training.render.material import Material, plain
from training.render.noise import fractal, generator, rgb
from training.render.scene import DOWN, UP, Picture, Scene, metal, panes


def street_corner():
    """A corner house with shops, a tree, crates, a lamp: the demonstration's scene."""
    scene = Scene("street-corner", center=(2, 1, 3), radius=17.0, lighting=Lighting(sun=(-0.25, -0.75, 0.75)))
    road = Material(textures.asphalt(1), (4.0, 4.0), seed=1)
    walk = Material(textures.slabs(2, 5, 5), (3.0, 3.0), seed=2)
    kerb = Material(textures.concrete(3), (2.0, 2.0), seed=3)
    scene.floor(-30, -30, 40, 40, 0.0, road)
    scene.floor(-2.6, -2.6, 40, 0.02, 0.14, walk)
    scene.floor(-2.6, 0.0, 0.02, 40, 0.14, walk)
    scene.quad((-2.6, -2.6, 0.14), (42.6, 0, 0), (0, 0, -0.14), kerb)
    scene.quad((-2.6, 40, 0.14), (0, -42.6, 0), (0, 0, -0.14), kerb)

    paint = Material(textures.plaster(rgb(206, 204, 196), 24, wear=1.3), (2.0, 2.0), seed=24)
    for k in range(7):  # a crossing
        scene.floor(-1.9 + 1.1 * k, -6.8, -1.35 + 1.1 * k, -3.1, 0.004, paint)
    scene.floor(-3.35, 1.5, -3.2, 40, 0.004, paint)
    iron = Material(textures.tiles([(70, 68, 66), (86, 82, 78)], 25, 10, 10), (0.7, 0.7), wrap=False, seed=25)
    scene.floor(-4.4, -2.2, -3.7, -1.5, 0.004, iron, round=True)
    brick = Material(textures.brick(4), (1.25, 1.25), seed=4)
    render_ = Material(textures.plaster(rgb(226, 196, 142), 5, wear=0.9), (4.0, 4.0), seed=5)
    stone = Material(textures.concrete(6, shade=0.75), (2.0, 2.0), seed=6)
    glass = panes(7)
    # South face (towards -y): brick. West face (towards -x): plaster.
    south = [(1.2 + 2.3 * k, v, 1.15, 1.65) for v in (1.2, 4.1) for k in range(5)]
    shop = [Picture(lettering.shelves(40, kind="bread")), Picture(lettering.shelves(41))]
    doors = [Picture(textures.wood(44 + k, 5, tone)) for k, tone in enumerate([(70, 104, 92), (140, 76, 56)])]
    height = 10.0
    scene.wall((0, 0, height), (1, 0, 0), 12.5, height, brick, south, glass, sill=stone, thickness_material=stone)
    _shopfront(scene, (0.7, 0, 2.85), (1, 0, 0), 3.6, shop[0], doors[0], "LUNA BAKERY", rgb(34, 66, 58), rgb(240, 222, 176), 8)
    _shopfront(scene, (5.6, 0, 2.85), (1, 0, 0), 4.6, shop[1], doors[1], "VERO BOOKS", rgb(126, 38, 34), rgb(244, 232, 206), 9)
    west = [(10.6 - 2.1 * k, v, 1.05, 1.7) for v in (1.2, 4.1) for k in range(5)]
    west += [(6.3, 7.1, 1.6, 1.7), (3.7, 7.1, 1.6, 1.7), (1.1, 7.1, 1.6, 1.7)]
    scene.wall((0, 12.5, height), (0, -1, 0), 12.5, height, render_, west, panes(8), sill=stone)
    scene.quad((-0.03, 2.45, 2.7), (0, -1.9, 0), (0, 0, -1.05), Picture(lettering.sign("HOTEL TAMO", 640, 350, rgb(40, 58, 96), rgb(238, 230, 214), 10)).stretched(1.9, 1.05))
    scene.box((6.1, -0.1, height), (13.2, 0.9, 0.4), 0, stone)
    scene.box((-0.1, 6.2, height), (0.9, 13.4, 0.4), 0, stone)
    scene.box((6.2, -0.04, 6.35), (12.6, 0.16, 0.18), 0, stone)
    scene.box((-0.04, 6.2, 6.35), (0.16, 12.6, 0.18), 0, stone)
    for k in range(9):  # quoins on the corner
        scene.box((0.10, 0.10, 0.14 + 0.72 * k), (0.36, 0.36, 0.60), 0, stone)
    for k in range(2):
        scene.quad((-0.02, 3.35 + 0.9 * k, 2.2), (0, -0.75, 0), (0, 0, -1.05), Picture(lettering.poster(60 + k)).stretched(0.75, 1.05))

    # Houses further away
    far = Material(textures.brick(11, "yellow"), (1.25, 1.25), seed=11)
    plaster = Material(textures.plaster(rgb(168, 186, 190), 12), (4.0, 4.0), seed=12)
    grid = [(0.9 + 2.0 * k, 1.0 + 2.9 * row, 1.0, 1.6) for row in range(3) for k in range(6)]
    scene.wall((13.4, 2.5, 9.2), (1, 0, 0), 13, 9.2, far, grid, panes(13), sill=stone)
    scene.wall((-16.5, 14.5, 9.6), (1, 0, 0), 13.3, 9.6, plaster, grid, panes(14), sill=stone)
    scene.wall((-3.2, 14.5, 9.6), (0, 1, 0), 14, 9.6, far, grid, panes(15), sill=stone)
    scene.floor(-16.5, 14.5, -3.2, 30, 9.6, stone)
    scene.wall((13.4, 22, 9.2), (0, -1, 0), 19.5, 9.2, plaster, [], ())

    # Things on the pavement
    scene.tree((-1.7, 4.6, 0.1), 6.6, 16, leaf_count=9000, leaf_size=0.17, crown=2.0)
    crate = Material(textures.wood(17, 5, (176, 134, 84)), (0.6, 0.6), seed=17)
    for x, y, z, s, turn in ((4.75, -0.6, 0.14, 0.55, 8), (4.85, -0.62, 0.69, 0.45, -14), (5.3, -0.85, 0.14, 0.5, 30), (-0.75, 1.2, 0.14, 0.6, 18)):
        scene.box((x, y, z), (s, s, s), turn, crate)
    carton = Picture(lettering.label_box(18)).stretched(0.5, 0.5)
    scene.box((-0.7, 0.45, 0.14), (0.5, 0.5, 0.5), -12, carton)
    green = plain(rgb(46, 72, 62), 19)
    for x in (-2.0, 1.2, 4.4, 7.6):
        scene.cylinder((x, -2.25, 0.14), UP, 0.09, 0.95, green, cap=green)
    scene.cylinder((2.9, -2.1, 0.14), UP, 0.055, 4.6, metal(0.22), cap=metal(0.2))
    scene.cylinder((2.9, -2.1, 4.7), UP, 0.16, 0.42, plain(rgb(226, 220, 190), 20), cap=metal(0.2))
    scene.cylinder((2.9, -2.1, 5.12), UP, 0.22, 0.06, metal(0.2), cap=metal(0.2))
    board = Picture(lettering.poster(70)).stretched(0.6, 0.9)
    scene.quad((2.0, -1.35, 1.05), (0.58, -0.16, 0), (0.06, 0.22, -0.88), board)
    pot = Material(textures.plaster(rgb(172, 92, 62), 21), (0.8, 0.8), seed=21)
    leaf = Material(textures.leaf(22, (70, 108, 52)), (1.0, 1.0), wrap=False, stain=0, jitter=0.4)
    for x in (0.35, 10.4):
        scene.cylinder((x, -0.45, 0.14), UP, 0.26, 0.5, pot)
        scene.leaves([(x, -0.45, 0.95), (x, -0.45, 1.2)], 0.38, 700, 0.11, leaf, 23)
    return scene


def _shopfront(scene, corner, right, width, goods, door, name, ground, ink, seed):
    """A wooden front on a south wall: window, door, fascia with the name, striped awning."""
    x, y, z = corner
    frame = Material(textures.wood(seed + 80, 3, tuple((ground * 255).tolist())), (1.2, 1.2), seed=seed)
    front = -0.12
    scene.wall((x, y + front, z), right, width, z - 0.14, frame, [(0.25, 0.5, width - 1.65, 1.55), (width - 1.15, 0.45, 0.9, 2.2)],
               [goods, door], depth=0.10)
    scene.quad((x, y, z), (width, 0, 0), (0, front, 0), frame)
    scene.quad((x, y, z), (0, front, 0), (0, 0, -z), frame)
    scene.quad((x + width, y + front, z), (0, -front, 0), (0, 0, -z), frame)
    text = Picture(lettering.sign(name, int(160 * width), 112, ground, ink, seed))
    scene.quad((x, y + front - 0.04, z + 0.55), (width, 0, 0), (0, 0, -0.7), text.stretched(width, 0.7))
    stripes = np.where((np.arange(512) // 64 % 2)[None, :, None] == 0, ink, ground).repeat(64, 0).astype(np.float32)
    cloth = Material(stripes, (1.6, 0.2), stain=0.15, seed=seed)
    scene.quad((x, y + front - 0.05, z - 0.16), (width - 1.2, 0, 0), (0, -0.75, -0.42), cloth)
    scene.quad((x, y + front - 0.80, z - 0.58), (width - 1.2, 0, 0), (0, 0, -0.16), cloth)
