"""Scenes under the sky. Each function builds one scene; numbers are metres."""

import numpy as np

from training.render import lettering, textures
from training.render.light import Lighting
from training.render.material import Material, plain
from training.render.noise import fractal, generator, rgb
from training.render.scene import DOWN, UP, Picture, Scene, Stand, metal, panes, window_grid


def street_corner():
    """A corner house with shops, a tree, crates, a lamp: the demonstration's scene."""
    scene = Scene("street-corner", center=(2, 1, 3), radius=17.0, lighting=Lighting(sun=(-0.25, -0.75, 0.75)),
                  stand=Stand((0.8, 0.6, 2.9), -124, 12.0, -4, focal=560))
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


def facade():
    """A block of flats: rows of equal windows on plaster, balconies, a street with bollards."""
    scene = Scene("facade", center=(0, -2, 4), radius=18.0, lighting=Lighting(sun=(0.5, -0.8, 0.7)),
                  stand=Stand((0.0, 0.0, 5.0), -90, 13.0, -8, focal=540))
    wall = Material(textures.plaster(rgb(214, 206, 190), 101, wear=0.4), (4.0, 4.0), seed=101)
    stone = Material(textures.concrete(102, shade=0.75), (2.0, 2.0), seed=102)
    glass = [Picture(lettering.pane(10303))]  # one pane for all: repeated structure
    scene.floor(-40, -40, 40, 0, 0, Material(textures.asphalt(104), (4.0, 4.0), seed=104))
    scene.floor(-40, -2.5, 40, 0, 0.13, Material(textures.slabs(105, 6, 6), (3.0, 3.0), seed=105))
    scene.quad((-40, -2.5, 0.13), (80, 0, 0), (0, 0, -0.13), stone)
    windows = window_grid(30, 1.0, 2.4, 12, 1.1, (0, 3.0, 6.0, 9.0), (1.3, 1.7))
    scene.wall((-15, 0, 12.4), (1, 0, 0), 30, 12.4, wall, windows, glass, sill=stone)
    scene.box((0, -0.15, 12.4), (31, 1.0, 0.35), 0, stone)
    rail = metal(0.18)
    for level in (3.05, 6.05):
        for k in (-9.95, -5.15, -0.35, 4.45, 9.25):
            scene.box((k, -0.55, level - 0.16), (2.3, 1.1, 0.16), 0, stone)
            for bar in range(13):
                scene.cylinder((k - 1.08 + 0.18 * bar, -1.05, level), UP, 0.016, 0.95, rail)
            scene.box((k, -1.05, level + 0.93), (2.25, 0.05, 0.05), 0, rail)
    for k in range(9):
        scene.cylinder((-8 + 2 * k, -2.3, 0.13), UP, 0.08, 0.9, rail, cap=rail)
    for k in range(4):
        scene.quad((-12.55 + 7.2 * k, -0.01, 2.3), (0.8, 0, 0), (0, 0, -1.1), Picture(lettering.poster(110 + k)).stretched(0.8, 1.1))
    return scene


def courtyard():
    """A cobbled court with columns, a loggia behind them, a tree."""
    scene = Scene("courtyard", center=(0, 0, 2), radius=13.0, lighting=Lighting(sun=(-0.6, -0.5, 0.8)),
                  stand=Stand((0.0, 1.5, 2.0), -90, 9.5, 3, focal=520))
    scene.floor(-20, -20, 20, 6, 0, Material(textures.cobbles(201, 400), (2.6, 2.6), seed=201))
    back = Material(textures.brick(202, "yellow"), (1.25, 1.25), seed=202)
    ochre = Material(textures.plaster(rgb(206, 150, 104), 203, wear=1.1), (4.0, 4.0), seed=203)
    stone = Material(textures.rock(204, tone=(196, 188, 172)), (1.6, 1.6), seed=204)
    scene.wall((-11, 5.0, 8), (1, 0, 0), 22, 8, back, [(1.5 + 2.8 * k, 4.6, 1.2, 1.9) for k in range(7)], panes(205), sill=stone)
    scene.wall((-9, 2.2, 8), (1, 0, 0), 18, 4.3, ochre, [(0.9 + 2.5 * k, 1.2, 1.1, 1.7) for k in range(7)], panes(206), sill=stone)
    scene.quad((-9, 5, 3.7), (18, 0, 0), (0, -2.8, 0), ochre)
    scene.wall((-9, 5, 8), (0, -1, 0), 2.8, 8, ochre)
    for k in range(8):
        x = -8.75 + 2.5 * k
        scene.box((x, 2.4, 0), (0.62, 0.62, 0.35), 0, stone)
        scene.cylinder((x, 2.4, 0.35), UP, 0.23, 2.95, stone)
        scene.box((x, 2.4, 3.3), (0.6, 0.6, 0.4), 0, stone)
    scene.wall((-7, 3, 7), (0, -1, 0), 1, 7, ochre)
    scene.cylinder((1.4, -0.9, 0), UP, 1.15, 0.7, stone, cap=Material(textures.soil(207), (2.3, 2.3), seed=207))
    leaf = Material(textures.leaf(208, (92, 122, 60)), (1.0, 1.0), wrap=False, stain=0, jitter=0.45)
    scene.leaves([(1.4, -0.9, 0.95), (1.1, -1.1, 1.1), (1.8, -0.7, 1.0)], 0.6, 1500, 0.13, leaf, 209)
    scene.tree((-2.6, -0.2, 0), 5.2, 210, leaf_count=6000, leaf_size=0.15, crown=1.5)
    crate = Material(textures.wood(211, 4, (150, 118, 80)), (0.7, 0.7), seed=211)
    for x, y, z, turn in ((3.6, 0.8, 0, 20), (4.3, 0.9, 0, -8), (3.9, 0.85, 0.7, 5), (-5.0, 0.9, 0, 12)):
        scene.box((x, y, z), (0.7, 0.7, 0.7), turn, crate)
    return scene


def fence():
    """A garden wall with posters behind an iron fence and branches: thin things in front."""
    scene = Scene("fence", center=(0, 0, 1.5), radius=8.0, lighting=Lighting(sun=(0.4, -0.7, 0.6)),
                  stand=Stand((0.0, 0.8, 1.5), -90, 5.2, 2, focal=500))
    scene.floor(-14, -14, 14, 2, 0, Material(textures.grass(301), (2.4, 2.4), seed=301))
    brick = Material(textures.brick(302, "dark"), (1.25, 1.25), seed=302)
    scene.wall((-12, 1.8, 3.4), (1, 0, 0), 24, 3.4, brick)
    scene.box((0, 1.95, 3.4), (24, 0.6, 0.15), 0, Material(textures.concrete(303), (2.0, 2.0), seed=303))
    for k in range(9):
        rng = generator(304, k)
        x, z, w = -4.6 + 1.05 * k, rng.uniform(1.9, 2.9), rng.uniform(0.6, 0.9)
        scene.quad((x, 1.785, z), (w, 0, 0.04 * rng.uniform(-1, 1)), (0, 0, -1.35 * w), Picture(lettering.poster(310 + k)).stretched(w, 1.35 * w))
    iron = metal(0.13)
    for k in range(60):
        scene.cylinder((-6 + 0.2 * k, -0.2, 0), UP, 0.014, 2.0, iron)
    for z in (0.25, 1.85):
        scene.box((0, -0.2, z), (12, 0.05, 0.04), 0, iron)
    for k in range(5):
        scene.box((-5 + 2.5 * k, -0.2, 0), (0.3, 0.3, 2.2), 0, Material(textures.concrete(320 + k), (1.0, 1.0), seed=k))
    leaf = Material(textures.leaf(330, (100, 126, 52)), (1.0, 1.0), wrap=False, stain=0, jitter=0.5)
    branch = Material(textures.bark(331), (0.4, 0.4), seed=331)
    for k, (x, y, z) in enumerate([(-2.4, -0.7, 2.6), (1.9, -0.9, 2.7), (3.6, -0.5, 2.4), (-0.2, 0.6, 0.4), (2.6, 0.9, 0.5)]):
        scene.leaves([(x, y, z), (x + 0.35, y, z - 0.25), (x - 0.3, y + 0.1, z - 0.1)], 0.34, 330, 0.10, leaf, 340 + k)
        if z > 1:
            scene.cylinder((x - 0.9, y, 3.2), (1.2, 0, -0.7), 0.02, 1.4, branch)
    return scene


def hills():
    """A height field: grass and rock, stones and bushes on it."""
    scene = Scene("hills", center=(0, 0, 1), radius=16.0, lighting=Lighting(sun=(-0.7, -0.3, 0.55)),
                  stand=Stand((0.0, 0.0, 0.8), -90, 13.0, 17, focal=560))
    ground = _ground(401, 200, 2.0, 0.75)
    scene.terrain(30.0, 200, ground, Material(textures.grass(402, tone=(112, 118, 66)), (3.5, 3.5), stain=0.3, seed=402))
    _scatter(scene, ground, 30.0, 403, stones=60, bushes=14)
    return scene


def quarry():
    """A rugged height field of bare stone, with crates and poles."""
    scene = Scene("quarry", center=(0, 0, 1), radius=13.0, lighting=Lighting(sun=(0.6, -0.5, 0.6)),
                  stand=Stand((0.0, 0.0, 0.6), -60, 10.0, 24, focal=560))
    ground = _ground(501, 200, 1.75, 0.7)
    level = ground / 0.9
    ground = 0.9 * (np.floor(level) + (level - np.floor(level)) ** 4 * 0.8) + 0.15 * ground  # terraces
    scene.terrain(24.0, 200, ground, Material(textures.rock(502), (4.0, 4.0), stain=0.2, seed=502))
    _scatter(scene, ground, 24.0, 503, stones=90, bushes=3)
    carton = Material(textures.wood(504, 5, (168, 120, 70)), (0.8, 0.8), seed=504)
    rng = generator(505)
    for _ in range(8):
        x, y = rng.uniform(-4, 4, 2)
        scene.box((x, y, _height(ground, 24.0, x, y) - 0.15), (0.6, 0.6, 0.6), rng.uniform(0, 90), carton)
    return scene


def market():
    """Stalls with striped roofs, goods in crates, posters; houses behind."""
    scene = Scene("market", center=(0, 1, 2), radius=12.0, lighting=Lighting(sun=(-0.4, -0.8, 0.8)),
                  stand=Stand((0.0, 0.5, 1.5), -90, 8.0, 8, focal=520))
    scene.floor(-20, -20, 20, 8, 0, Material(textures.slabs(601, 5, 5, tone=(150, 142, 132)), (2.5, 2.5), seed=601))
    stone = Material(textures.concrete(602, shade=0.7), (2.0, 2.0), seed=602)
    for k, tone in enumerate([(196, 148, 120), (154, 170, 178), (216, 204, 160)]):
        wall = Material(textures.plaster(rgb(*tone), 603 + k, wear=0.8), (4.0, 4.0), seed=603 + k)
        grid = window_grid(7.6, 0.9, 2.1, 3, 0.9, (0, 2.6), (1.1, 1.6))
        scene.wall((-11.6 + 7.7 * k, 6.0, 8.5), (1, 0, 0), 7.6, 8.5, wall, grid, panes(606 + k), sill=stone)
    post = Material(textures.wood(610, 3, (120, 84, 54)), (0.6, 0.6), seed=610)
    goods = [Material(textures.collage(620 + k, 512, np.stack([rgb(*c) for c in tones])), (0.9, 0.9), seed=k)
             for k, tones in enumerate([[(190, 60, 44), (206, 120, 50), (150, 160, 60)], [(206, 176, 70), (220, 200, 120), (140, 110, 50)], [(84, 120, 60), (120, 160, 80), (60, 90, 44)]])]
    crate = Material(textures.wood(612, 4, (176, 140, 92)), (0.5, 0.5), seed=612)
    for k, (x, y, turn) in enumerate([(-3.4, 0.3, 6), (0.2, 0.9, -4), (3.7, 0.2, -10)]):
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        a, b = np.array([c, s, 0]), np.array([-s, c, 0])
        at = np.array([x, y, 0])
        scene.box(at, (2.4, 1.1, 0.8), turn, post)
        for i in range(4):
            spot = at + a * (-0.88 + 0.585 * i) - b * 0.1
            scene.box(spot + UP * 0.8, (0.52, 0.75, 0.2), turn, (crate, goods[(i + k) % 3]))
        for i in (-1, 1):
            for j in (-1, 1):
                scene.cylinder(at + a * 1.25 * i + b * 0.65 * j, UP, 0.035, 2.3, post)
        ink = [rgb(176, 52, 44), rgb(52, 92, 140), rgb(60, 116, 70)][k]
        stripes = np.where((np.arange(512) // 64 % 2)[None, :, None] == 0, ink, rgb(238, 232, 220)).repeat(64, 0).astype(np.float32)
        cloth = Material(stripes, (1.2, 0.2), stain=0.15, seed=k)
        ridge = at - a * 1.45 + UP * 2.75
        scene.quad(ridge, a * 2.9, -b * 0.95 - UP * 0.5, cloth)
        scene.quad(ridge + a * 2.9, -a * 2.9, b * 0.95 - UP * 0.5, cloth)
        name = lettering.sign(lettering.word(generator(630 + k), 2, 4).upper(), 512, 96, ink, rgb(240, 234, 214), 631 + k)
        scene.quad(at - a * 1.2 - b * 0.56 + UP * 0.72, a * 2.4, DOWN * 0.5, Picture(name).stretched(2.4, 0.5))
    for x, y, turn in ((-1.6, -1.0, 20), (2.0, -0.9, -15), (-5.4, 0.2, 30), (5.8, 0.5, 5)):
        scene.box((x, y, 0), (0.55, 0.5, 0.45), turn, (crate, goods[int(x) % 3]))
    return scene


def _ground(seed, cells, exponent, height):
    field = fractal((cells + 1, cells + 1), exponent, seed, lowest=1.6)
    grid = np.linspace(-1, 1, cells + 1)
    rise = 1.1 * np.clip(grid, 0, 1)[:, None] ** 1.5 * 3.0  # higher behind
    return height * field.astype(np.float64) + rise


def _height(ground, side, x, y):
    cells = ground.shape[0] - 1
    i, j = int((y / side + 0.5) * cells), int((x / side + 0.5) * cells)
    return float(ground[np.clip(i, 0, cells), np.clip(j, 0, cells)])


def _scatter(scene, ground, side, seed, stones, bushes):
    """Stones (boxes and drums, half sunk) and bushes on a height field."""
    rng = generator(seed, 107)
    stone = [Material(textures.rock(seed + k, 512, tone), (1.3, 1.3), seed=seed + k) for k, tone in enumerate([(150, 140, 128), (124, 120, 116), (176, 164, 144)])]
    leaf = Material(textures.leaf(seed, (96, 116, 58)), (1.0, 1.0), wrap=False, stain=0, jitter=0.45)
    for k in range(stones):
        x, y = rng.uniform(-0.42, 0.42, 2) * side
        size = rng.uniform(0.18, 0.75, 3)
        scene.box((x, y, _height(ground, side, x, y) - 0.3 * size[2]), size, rng.uniform(0, 90), stone[k % 3])
    for k in range(bushes):
        x, y = rng.uniform(-0.35, 0.35, 2) * side
        z = _height(ground, side, x, y) + 0.35
        scene.leaves([(x, y, z), (x + 0.3, y, z - 0.1), (x, y + 0.3, z + 0.2)], 0.5, 500, 0.15, leaf, seed + k)
