"""A deterministic renderer: pictures that this project owns, with exact cameras, depth and homographies.

Read in this order: geometry (cameras, surfaces), textures (materials), light, render (rays to pixels), scene (the
vocabulary of the scene files), scenes_outdoor and scenes_indoor, camera_effects, views, and make_fixtures.
"""
