"""Renders the pose pairs of one scene: pictures and the lines that describe them."""

from dataclasses import dataclass

import numpy as np

from training.render import scenes_indoor, scenes_outdoor
from training.render.camera_effects import develop, encode_jpeg
from training.render.light import LightField
from training.render.render import render
from training.render.truth import pair_line, relative_pose, visible
from training.render.views import plans

SCENES = {
    "street-corner": scenes_outdoor.street_corner,
    "facade": scenes_outdoor.facade,
    "courtyard": scenes_outdoor.courtyard,
    "fence": scenes_outdoor.fence,
    "hills": scenes_outdoor.hills,
    "quarry": scenes_outdoor.quarry,
    "market": scenes_outdoor.market,
    "table": scenes_indoor.table,
    "room": scenes_indoor.room,
    "corridor": scenes_indoor.corridor,
    "kitchen": scenes_indoor.kitchen,
    "warehouse": scenes_indoor.warehouse,
}


@dataclass
class PosePair:
    """Two pictures (path: bytes), the line of the pair file, the line of grades.txt."""

    files: dict
    line: str
    grade: str


class Studio:
    """A scene and its light fields, each made once."""

    def __init__(self, scene):
        self.scene = scene
        self._fields = {}

    def photograph(self, view, seed):
        """The JPEG of a view, and its depth."""
        if view.lighting not in self._fields:
            self._fields[view.lighting] = LightField(self.scene, view.lighting)
        normal = self.scene.lighting
        self.scene.lighting = view.lighting
        rendering = render(self.scene, view.camera, self._fields[view.lighting])
        self.scene.lighting = normal
        picture = develop(rendering.image, view.effects, seed)
        return encode_jpeg(picture, view.effects.quality), rendering.depth


def render_pose_pairs(name):
    """All pairs of the scene `name`."""
    studio = Studio(SCENES[name]())
    number = list(SCENES).index(name)
    pairs = []
    for k, plan in enumerate(plans(studio.scene)):
        data, depth = zip(*(studio.photograph(view, 1000 * number + 10 * k + j) for j, view in enumerate((plan.first, plan.second))))
        first, second = plan.first.camera, plan.second.camera
        shared = [visible(first, second, *depth).mean(), visible(second, first, *depth[::-1]).mean()]
        angle = np.degrees(np.arccos(np.clip((np.trace(relative_pose(first, second)[:3, :3]) - 1) / 2, -1, 1)))
        paths = [f"{name}/{plan.name}{side}.jpg" for side in "ab"]
        grade = f"{paths[0]} {paths[1]} {plan.grade} {plan.kind} {angle:.1f} {min(shared):.3f}"
        pairs.append(PosePair(dict(zip(paths, data)), pair_line(*paths, first, second), grade))
    return pairs
