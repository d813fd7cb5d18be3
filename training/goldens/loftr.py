"""LoFTR by kornia: random weights that match something, a traced run with every stage, and names of the model file.

What a port has to reproduce (kornia 0.9.0, as the published code unless said otherwise):
- Strided convolutions are centred: coarse cell i sits on pixel 8 i, fine pixel k on 2 k. Keypoints are 8 * cell
  (no + 3.5), and are given as such here.
- The up-sampling of the pyramid has align_corners=True; the leaky ReLU of the pyramid has slope 0.01; batch and layer
  norms have eps 1e-5. The lateral branch is: up-sampled + 1x1 lateral, then conv 3x3, norm, leaky ReLU, conv 3x3.
- Position encoding: positions count from 1; channels repeat (sin x, cos x, sin y, cos y). Wavelength factors are
  exp(k * f), k = 0, 2, 4, ... below channels / 2; corrected: f = -ln(10000) / (channels / 2). Published: Python reads
  `-log(10000) / channels // 2` as floor((-log(10000) / channels) / 2), which is f = -1 for any channels above 4.
- Linear attention: elu + 1; values are divided by their number first and multiplied back last; eps 1e-6 is added
  to the denominator. norm1 follows merge, norm2 follows the MLP (ReLU inside), then x + message.
- A cross layer is sequential: image 1 attends to the image 0 just updated.
- Both feature sets are divided by sqrt(channels) before their product, which is then divided by the temperature.
- Border cells are excluded in selection only: softmax and the row and column maxima see them. A row takes the first
  of equal maxima; a match needs a confidence strictly above the threshold.
- Fine windows: 5x5 about fine pixel 4 * cell of the zero-padded fine map. The coarse feature after the transformer is
  projected, then [fine window, projected coarse] is merged in this order, for each position of the window.
- Expectation: the centre feature of window 0 against window 1 over sqrt(channels), softmax, expected position in
  [-1, 1] (x, y), times window // 2 (2), times the fine stride (2): at most 4 px. Its deviation is for training.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from kornia.feature import LoFTR
from kornia.feature.loftr.loftr import default_cfg
from torch import Tensor, nn

RENAMED = {
    "loftr_coarse.": "transformer.",
    "fine_preprocess.down_proj.": "fine_matching.coarse_proj.",
    "fine_preprocess.merge_feat.": "fine_matching.merge.",
    "loftr_fine.": "fine_matching.transformer.",
}
STRIDE = 8
COARSE_DEVIATION = 2.0  # of the coarse features: enough to outweigh the position encoding (1) and the messages
FINE_DEVIATION = 1.5
TRACED_WINDOWS = 8  # matches whose fine windows are stored


def small_configuration(corrected: bool) -> dict[str, Any]:
    """kornia's configuration, cut down so that fixtures stay small."""
    configuration = copy.deepcopy(default_cfg)
    configuration["resnetfpn"] = {"initial_dim": 16, "block_dims": [16, 24, 32]}
    configuration["coarse"].update(d_model=32, d_ffn=32, nhead=4, layer_names=["self", "cross"] * 2)
    configuration["coarse"]["temp_bug_fix"] = corrected
    configuration["fine"].update(d_model=16, d_ffn=16, nhead=4)
    configuration["match_coarse"]["thr"] = 0.05
    return configuration


def model_json(configuration: dict[str, Any], name: str, description: str) -> dict[str, Any]:
    """The `model` JSON of our files for kornia's `configuration`."""
    coarse, fine, matching = configuration["coarse"], configuration["fine"], configuration["match_coarse"]

    def transformer(part: dict[str, Any]) -> dict[str, Any]:
        return {
            "channels": part["d_model"],
            "heads": part["nhead"],
            "layers": part["layer_names"],
            "crossUpdate": "sequential",
            "attention": {"kind": part["attention"]},
        }

    return {
        "name": name,
        "architecture": "loftr",
        "description": description,
        "backbone": {
            "kind": "resnet-fpn",
            "block": "basic",
            "initialChannels": configuration["resnetfpn"]["initial_dim"],
            "channels": configuration["resnetfpn"]["block_dims"],
        },
        "positionEncoding": {"kind": "sinusoidal", "corrected": coarse["temp_bug_fix"]},
        "transformer": transformer(coarse),
        "coarseMatching": {
            "kind": "dual-softmax",
            "scale": "temperature",
            "temperature": matching["dsmax_temperature"],
            "threshold": matching["thr"],
            "border": matching["border_rm"],
            "matchability": False,
        },
        "fineMatching": {
            "kind": "expectation",
            "window": configuration["fine_window_size"],
            "concatenateCoarse": configuration["fine_concat_coarse_feat"],
            "transformer": transformer(fine),
        },
        "provenance": {"training": "none", "data": "none", "source": "random weights of a fixed seed, for tests"},
        "license": "Apache-2.0",
    }


@torch.no_grad()
def random_loftr(configuration: dict[str, Any], seed: int, size: tuple[int, int] = (96, 128)) -> LoFTR:
    """LoFTR with random weights, batch-norm statistics and affine parameters too; equal texture still matches.

    The last convolutions of both maps are whitened on a texture of `size` (height, width; it has to have more coarse
    cells than there are channels), so that features tell places apart.
    """
    torch.manual_seed(seed)
    network = LoFTR(None, configuration).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.uniform_(0.6, 1.2)
            module.bias.normal_(0, 0.2)
        elif isinstance(module, nn.LayerNorm):
            module.weight.uniform_(0.2, 0.6)
            module.bias.normal_(0, 0.1)
    image, _ = texture_pair(size, size, seed)
    backbone = network.backbone
    whiten_output(backbone, backbone.layer3_outconv, image, COARSE_DEVIATION)
    whiten_output(backbone, backbone.layer1_outconv2[-1], image, FINE_DEVIATION)
    # As initialised, merged windows are so large that the expectation picks single fine pixels.
    network.fine_preprocess.merge_feat.weight.mul_(0.3)
    return network


def whiten_output(backbone: nn.Module, convolution: nn.Conv2d, image: Tensor, deviation: float) -> None:
    """Makes the channels that `convolution` gives for `image` roughly uncorrelated, of zero mean and this deviation.

    Its inputs have passed ReLUs: their mean, and the few directions that vary, would make all cells alike.
    """
    seen: list[Tensor] = []
    handle = convolution.register_forward_hook(lambda _, inputs, output: seen.extend([inputs[0], output]))
    taps = convolution.weight  # [outputs, inputs, kernel, kernel]
    backbone(image[None, None])
    mean = seen[0].mean((0, 2, 3))
    taps.sub_(torch.einsum("oiyx,i->oyx", taps, mean)[:, None] * (mean / mean.square().sum())[None, :, None, None])
    backbone(image[None, None])
    handle.remove()
    values, vectors = torch.linalg.eigh(seen[3].flatten(2)[0].double().cov())
    # The floor keeps rounding errors of the weakest directions small.
    inverse_root = vectors @ torch.diag((values + 0.003 * values.max()).rsqrt()) @ vectors.T
    taps.copy_(torch.einsum("po,oiyx->piyx", inverse_root, taps.double()) * deviation)


def our_weights(network: LoFTR) -> dict[str, Tensor]:
    """The state of `network` under the names of the model file."""
    weights = {}
    for name, tensor in network.state_dict().items():
        for prefix, replacement in RENAMED.items():
            if name.startswith(prefix):
                name = replacement + name.removeprefix(prefix)
        weights[name] = tensor
    return weights


def texture_pair(
    size0: tuple[int, int],
    size1: tuple[int, int],
    seed: int,
    scale: float = 1.002,
    shift: tuple[float, float] = (8.2, 7.9),
) -> tuple[Tensor, Tensor]:
    """Two views [height, width] in [0, 1] of one smooth random texture, the second moved and slightly scaled."""
    generator = torch.Generator().manual_seed(seed)
    count = 48
    wave = torch.randn(2, count, generator=generator) * 0.35  # radians to a pixel, along x and y
    phase = torch.rand(count, generator=generator) * 2 * math.pi

    def sample(size: tuple[int, int], factor: float, x_shift: float, y_shift: float) -> Tensor:
        y, x = torch.meshgrid(torch.arange(size[0]), torch.arange(size[1]), indexing="ij")
        x, y = x[..., None] * factor + x_shift, y[..., None] * factor + y_shift
        value = torch.sin(x * wave[0] + y * wave[1] + phase).sum(-1) / math.sqrt(count / 2)
        return (0.5 + 0.2 * value).clamp(0, 1)

    return sample(size0, 1, 0, 0), sample(size1, scale, *shift)


@torch.no_grad()
def trace(network: LoFTR, image0: Tensor, image1: Tensor) -> dict[str, Tensor]:
    """Runs `network` on two images [height, width]: stages by name (maps [height, width, channels]), and matches.

    Any size works as it is: maps round up, and the pyramid crops what it up-samples. Matches whose point lies outside
    the image are dropped.
    """
    stages: dict[str, Tensor] = {}
    sizes = tuple((-(-image.shape[0] // STRIDE), -(-image.shape[1] // STRIDE)) for image in (image0, image1))
    data: dict[str, Any] = {}

    def channels_last(x: Tensor) -> Tensor:
        return x[0].permute(1, 2, 0)

    def on_backbone(_: nn.Module, inputs: tuple[Tensor], output: list[Tensor]) -> None:
        for name, maps in zip(("backbone_coarse", "fine"), output):
            record_both(name, [maps[i : i + 1] for i in range(len(maps))], channels_last)

    def record_both(name: str, maps: list[Tensor], change: Any) -> None:
        # Images of one size pass as one batch, others one after the other.
        for tensor in maps:
            image = int(f"{name}.0" in stages)
            stages[f"{name}.{image}"] = change(tensor)

    def on_position(_: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        record_both("position_encoded", [output[i : i + 1] for i in range(len(output))], channels_last)

    def on_layer(index: int) -> Any:
        def hook(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            image = int(f"after_layer_{index}.0" in stages)
            stages[f"after_layer_{index}.{image}"] = output[0].reshape(*sizes[image], -1)

        return hook

    def on_coarse_matching(_: nn.Module, inputs: tuple[Any, ...], output: None) -> None:
        data.update(inputs[2])
        stages["confidence"] = inputs[2]["conf_matrix"][0]

    def on_windows(name: str) -> Any:
        def hook(_: nn.Module, inputs: Any, output: tuple[Tensor, Tensor]) -> None:
            for image, windows in enumerate(output):
                stages[f"{name}.{image}"] = windows[:TRACED_WINDOWS]

        return hook

    handles = [
        network.backbone.register_forward_hook(on_backbone),
        network.pos_encoding.register_forward_hook(on_position),
        network.coarse_matching.register_forward_hook(on_coarse_matching),
        network.fine_preprocess.register_forward_hook(on_windows("fine_windows_before")),
        network.loftr_fine.register_forward_hook(on_windows("fine_windows_after")),
        *[layer.register_forward_hook(on_layer(i)) for i, layer in enumerate(network.loftr_coarse.layers)],
    ]
    try:
        output = network({"image0": image0[None, None], "image1": image1[None, None]})
    finally:
        for handle in handles:
            handle.remove()

    kept = on_image(output["keypoints0"], image0) & on_image(output["keypoints1"], image1)
    stages |= {
        "cells0": data["i_ids"][kept],
        "cells1": data["j_ids"][kept],
        "scores": output["confidence"][kept],
        "keypoints0": output["keypoints0"][kept],
        "keypoints1": output["keypoints1"][kept],
    }
    # Windows are listed by coarse match, before any is dropped; this says which.
    stages["window_cells0"] = data["i_ids"][:TRACED_WINDOWS]
    stages["window_cells1"] = data["j_ids"][:TRACED_WINDOWS]
    return stages


def on_image(points: Tensor, image: Tensor) -> Tensor:
    """Whether points lie within half a pixel of the pixel centres of an image [height, width]."""
    limit = torch.tensor([image.shape[1] - 0.5, image.shape[0] - 0.5])
    return ((points >= -0.5) & (points <= limit)).all(1)
