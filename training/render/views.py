"""Where cameras stand, and the plan of the pose pairs: who looks from where, under which light, with which camera.

Grades: easy is what any matcher should do; medium has one clear difficulty; hard has a large one and some more.
"""

from dataclasses import dataclass, replace

import numpy as np

from training.render.camera_effects import Effects
from training.render.geometry import Camera
from training.render.noise import generator

SIZE = (640, 480)
GRADES = ("easy", "medium", "hard")
EXPOSURE = 0.62  # suits a sunlit scene

# Per scene: the kind of its hard pair, then grade and kind of its fourth pair.
PLAN = {
    "street-corner": ("night", ("hard", "wide")),
    "facade": ("scale", ("hard", "degraded")),
    "courtyard": ("degraded", ("hard", "wide")),
    "fence": ("wide", ("hard", "night")),
    "hills": ("wide", ("hard", "degraded")),
    "quarry": ("roll", ("medium", "shadow")),
    "market": ("night", ("hard", "scale")),
    "table": ("wide", ("hard", "roll")),
    "room": ("degraded", ("hard", "scale")),
    "corridor": ("night", ("medium", "exposure")),
    "kitchen": ("scale", ("hard", "wide")),
    "warehouse": ("roll", ("medium", "noise")),
}
MEDIUM_KINDS = ("exposure", "shadow", "noise", "blur", "jpeg")


@dataclass(frozen=True)
class View:
    """One photograph to be taken."""

    camera: Camera
    lighting: object
    effects: Effects


@dataclass(frozen=True)
class PairPlan:
    name: str
    grade: str
    kind: str
    first: View
    second: View


def orbit(target, azimuth, distance, elevation):
    """The point `distance` metres from `target`, at these angles (degrees; azimuth 0 is +x, elevation 90 is up)."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.asarray(target, np.float64) + distance * np.array([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)])


def night(scene):
    """The scene's light after sunset: a little blue sky and two warm lamps."""
    stand = scene.stand
    reach = stand.distance
    lamps = []
    for turn, colour in ((-28, (0.95, 0.68, 0.36)), (35, (0.80, 0.72, 0.52))):
        at = orbit(stand.target, stand.azimuth + turn, 0.45 * reach, 35)
        lamps.append((tuple(at), tuple(0.16 * reach * reach * c for c in colour)))
    return scene.lighting.with_(sun_colour=(0, 0, 0), sky_colour=(0.035, 0.042, 0.065), bounce_colour=(0.008, 0.009, 0.012),
                                lamps=tuple(lamps))


def later(scene, turn=40):
    """The scene's light with the sun `turn` degrees further, lower and warmer."""
    x, y, z = scene.lighting.sun
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    r, g, b = scene.lighting.sun_colour
    return scene.lighting.with_(sun=(c * x - s * y, s * x + c * y, 0.75 * z), sun_colour=(r, 0.88 * g, 0.72 * b))


def take(scene, azimuth, elevation, distance, focal, roll, aim):
    """A camera relative to the scene's stand: angles in degrees, distance and focal as factors, aim in distances."""
    stand = scene.stand
    target = np.asarray(stand.target) + np.asarray(aim) * stand.distance
    eye = orbit(target, stand.azimuth + azimuth, stand.distance * distance, stand.elevation + elevation)
    return Camera.look_at(eye, target, stand.focal * focal, SIZE, roll)


def effects_for(kind, rng):
    """Camera effects of the second picture, by kind of difficulty."""
    plain = Effects(exposure=EXPOSURE, quality=80)
    return {
        "plain": replace(plain, exposure=EXPOSURE * rng.uniform(0.9, 1.12)),
        "exposure": replace(plain, exposure=EXPOSURE * rng.choice([0.3, 2.3]), gamma=rng.choice([0.7, 1.4]), noise=0.02, balance=(1.15, 1.0, 0.85)),
        "shadow": plain,
        "noise": replace(plain, noise=0.045, exposure=0.5 * EXPOSURE),
        "blur": replace(plain, defocus=1.6, noise=0.01),
        "jpeg": replace(plain, quality=14),
        "wide": replace(plain, noise=0.04, exposure=0.6 * EXPOSURE, quality=50),
        "scale": replace(plain, noise=0.04, defocus=1.2, exposure=0.7 * EXPOSURE, quality=50),
        "roll": replace(plain, contrast=0.6, noise=0.06, exposure=0.5 * EXPOSURE, quality=50),
        "night": replace(plain, noise=0.06, exposure=1.1 * EXPOSURE, quality=50),
        "degraded": replace(plain, noise=0.06, motion=(9.0, rng.uniform(0, 180)), exposure=0.45 * EXPOSURE, quality=25),
    }[kind]


def geometry_for(grade, kind, reach, rng):
    """Azimuth between the views (degrees), scale, roll of the second view (degrees)."""
    if grade == "easy":
        return rng.uniform(6, 14), rng.uniform(1.0, 1.2), rng.uniform(-4, 4)
    if grade == "medium":
        return rng.uniform(22, 34), rng.uniform(1.2, 1.8), rng.uniform(-20, 20)
    if kind == "wide":
        return rng.uniform(50, 60), rng.uniform(1.0, 1.3), rng.uniform(-10, 10)
    if kind == "scale":
        return rng.uniform(22, 30), rng.uniform(2.6, 3.0), rng.uniform(-15, 15)
    if kind == "roll":
        return rng.uniform(30, 40), rng.uniform(1.1, 1.5), rng.choice([-1, 1]) * rng.uniform(50, 110)
    return rng.uniform(28, 40), rng.uniform(1.1, 1.5), rng.uniform(-12, 12)


def plans(scene):
    """The scene's pose pairs."""
    hard, extra = PLAN[scene.name]
    order = list(PLAN).index(scene.name)
    medium = MEDIUM_KINDS[order % len(MEDIUM_KINDS)]
    for number, (grade, kind) in enumerate([("easy", "plain"), ("medium", medium), ("hard", hard), extra]):
        rng = generator(7000 + order, number)
        turn, scale, roll = geometry_for(grade, kind, scene.stand.reach, rng)
        turn = min(turn, 2 * scene.stand.reach)
        middle = rng.uniform(-0.35, 0.35) * max(2 * scene.stand.reach - turn, 0) * 0.5
        side = rng.choice([-1, 1])
        aim = rng.uniform(-0.05, 0.05, (2, 3))
        rise = rng.uniform(-2.5, 2.5, 2)
        far = rng.uniform(1.0, 1.08)
        # A scale comes half from walking, half from the lens; both pictures see the same things that way.
        first = take(scene, middle - side * turn / 2, rise[0], far * scale**0.22, scale**-0.22, rng.uniform(-2, 2), aim[0])
        second = take(scene, middle + side * turn / 2, rise[1], far * scale**-0.28, scale**0.28, roll, aim[1])
        light = {"shadow": later(scene), "night": night(scene)}.get(kind, scene.lighting)
        plain = Effects(exposure=EXPOSURE, quality=80)
        yield PairPlan(f"{number + 1}", grade, kind, View(first, scene.lighting, plain), View(second, light, effects_for(kind, rng)))
