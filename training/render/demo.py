"""The pair of `make demo` and of the README: a street corner, 20 degrees apart, with the sun a little further on."""

from training.render.camera_effects import Effects, develop, encode_jpeg
from training.render.geometry import Camera
from training.render.light import LightField
from training.render.render import render
from training.render.scenes_outdoor import street_corner
from training.render.views import orbit

SIZE = (800, 600)


def render_demo():
    """The two pictures as {name: JPEG bytes}."""
    scene = street_corner()
    morning = scene.lighting
    later = morning.with_(sun=(-0.42, -0.66, 0.78), sun_colour=(2.0, 1.8, 1.5))
    left = Camera.look_at(orbit((0.6, 0.9, 2.9), -137, 12.0, -5), (0.6, 0.9, 2.9), 720, SIZE)
    right = Camera.look_at(orbit((0.8, 0.6, 2.9), -117, 11.6, -4), (0.8, 0.6, 2.9), 720, SIZE, roll=1.5)
    warm = Effects(exposure=0.64, balance=(1.04, 1.0, 0.92))
    views = (("left", left, morning, Effects(exposure=0.62)), ("right", right, later, warm))
    files = {}
    for seed, (name, camera, lighting, effects) in enumerate(views):
        picture = render(scene, camera, LightField(scene, lighting))
        files[f"{name}.jpg"] = encode_jpeg(develop(picture.image, effects, seed), effects.quality)
    return files
