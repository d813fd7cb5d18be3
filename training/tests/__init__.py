"""Tests of the training recipe: `pytest training/tests`. They need no data: textures and depth are made up."""
