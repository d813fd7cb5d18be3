"""Training pairs with exact ground truth, made in batches on the device that trains.

`photos`, `posed` and `aligned` read the material, these and `homographies` and `scenes` make pairs, `photometric` and
`appearance` change their light, `pairs` mixes them, `stream` keeps a training loop supplied, `show` draws samples.
Points are [..., 2] (x, y) in pixels; the centre of the first pixel is (0, 0). Images are grey, in [0, 1].
Nothing waits for a GPU once the material is loaded: shapes are fixed, and unsuitable draws are avoided by drawing
several candidates and keeping one whose overlap suits.
"""
