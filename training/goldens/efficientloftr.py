"""EfficientLoFTR by transformers: random weights that match something, a traced run, and the names of its checkpoints.

What a port has to reproduce (the authors' code; transformers 5.23 up to the windows):
- RepVGG blocks are relu(norm(conv3x3) + norm(conv1x1) + norm), the last where size and channels stay. 1/2, 1/4, 1/8.
- Attention: queries are aggregated by a 4x4 depthwise convolution, keys and values by 4x4 max-pooling; one layer norm
  for both. The message is up-sampled (edges aligned) before the feed-forward network, whose norm comes last.
- Rotary encoding in self-attention: pairs of neighbouring channels turn by row and column in turn, frequencies fall
  over all channels, not over a head's; places count from 1, and shrink on images longer than in training ("npe").
- A cross layer is sequential: image 1 attends to the image 0 just updated.
- Coarse features over sqrt(channels) enter the pyramid, which up-samples with edges aligned, at the end to full size.
- Windows: 8x8 pixels of image 0's cell, 10x10 around image 1's, zeros beyond the map.
- First stage: all but the last 8 channels, over the number of all channels; softmax over both axes; the rim is cut,
  then the best pair of pixels is taken. Pixel k of a cell counts k - 3.5 from the cell's coordinate 8 i.
- Second stage: the last 8 channels; 3x3 logits over sqrt(8) * 10. The authors index the 10x10 window with the place in
  the 8x8 cell, so the 3x3 lies one pixel up and left, and wraps around before the first row or column.
transformers differs from the authors in its first stage (softmax over the wrong axes, sqrt(56) for sqrt(64)) and in how
it pairs cells; the last stages below are the authors'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import EfficientLoFTRConfig, EfficientLoFTRForKeypointMatching

from training.goldens.loftr import TRACED_WINDOWS, on_image, texture_pair, whiten_output

STRIDE = 8
MULTIPLE = 32
HEAT_MAP_TEMPERATURE = 10.0
COARSE_DEVIATION = 1.5
FINE_DEVIATION = 3.0
# Similarity and score that fix the score of the optimised mode (see SimilarityMatcher.swift).
ANCHORS = ((25.0, 0.2), (20.0, 0.1))


@dataclass(frozen=True)
class Mode:
    """How the coarse stage decides, and how far positions reach."""

    optimized: bool = False
    threshold: float = 0.2
    border: int = 2
    temperature: float = 0.1
    training_tokens: int | None = None  # "npe": tokens along the longer side in training


def small_configuration() -> EfficientLoFTRConfig:
    """The architecture cut down so that fixtures stay small."""
    return EfficientLoFTRConfig(
        stage_num_blocks=[1, 1, 2, 2],
        out_features=[16, 16, 24, 32],
        hidden_size=32,
        num_attention_heads=8,
        num_attention_layers=2,
    )


@torch.no_grad()
def random_network(
    configuration: EfficientLoFTRConfig, seed: int, size: tuple[int, int] = (96, 128), message: float = 0.3
) -> EfficientLoFTRForKeypointMatching:
    """Random weights, batch-norm statistics included, under which equal texture still matches.

    Statistics are first measured on a texture of `size`, so that activations keep their scale through all blocks, and
    then moved at random.
    """
    torch.manual_seed(seed)
    network = EfficientLoFTRForKeypointMatching(configuration)
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.groups == 1:
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, nn.Conv2d):
            nn.init.uniform_(module.weight, 0, 2 / module.weight[0].numel())
        elif isinstance(module, nn.Linear):
            nn.init.xavier_normal_(module.weight)
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.uniform_(0.5, 1.0)
            module.bias.normal_(0, 0.3)
            module.momentum = None  # the plain mean
        elif isinstance(module, nn.LayerNorm):
            module.weight.uniform_(message - 0.1, message + 0.1)
            module.bias.normal_(0, 0.05)
    for layer in network.efficientloftr.local_feature_transformer.layers:
        for part in (layer.self_attention, layer.cross_attention):
            # Attention must prefer some tokens, or their places would not matter.
            part.aggregation.norm.weight.uniform_(1.5, 2.5)
    network.train()
    image, _ = texture_pair(size, size, seed)
    coarse, laterals = backbone(network, image)
    pyramid(network, coarse, laterals)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.add_(torch.randn_like(module.running_mean) * 0.2 * module.running_var.sqrt())
            module.running_var.mul_(torch.empty_like(module.running_var).uniform_(0.7, 1.4))
    network.eval()
    # Similarities of equal cells must stand out, and fine windows must differ.
    last = network.efficientloftr.backbone.stages[-1].blocks[-1]
    for norm in (last.conv2.norm, last.identity):
        norm.weight.mul_(0.2)
    whiten_output(lambda x: network.efficientloftr.backbone(x), last.conv1.conv, image, 1.0)
    last.conv1.norm.running_mean.normal_(0, 0.1)
    last.conv1.norm.running_var.uniform_(0.8, 1.2)
    factor = COARSE_DEVIATION / backbone(network, image)[0].std()
    for norm in (last.conv1.norm, last.conv2.norm, last.identity):
        norm.weight.mul_(factor)
        norm.bias.mul_(factor)
    # Features have passed a ReLU: without their mean, no cell is like all others.
    stages = trace(network, image, image, Mode(threshold=2.0))
    last_layer = len(network.efficientloftr.local_feature_transformer.layers) - 1
    attended = stages[f"after_layer_{2 * last_layer + 1}.0"]
    norm = network.efficientloftr.local_feature_transformer.layers[-1].cross_attention.mlp.layer_norm
    norm.bias.sub_(attended.mean((0, 1)))
    coarse, laterals = backbone(network, image)
    fine, _ = pyramid(network, coarse, laterals)
    network.refinement_layer.out_conv_layers[-1].out_conv3.weight.mul_(FINE_DEVIATION / fine.std())
    return network


def padded(image: Tensor) -> Tensor:
    """[height, width] -> [1, 1, ...] with zeros to multiples of 32."""
    height, width = image.shape
    return F.pad(image, (0, -width % MULTIPLE, 0, -height % MULTIPLE))[None, None]


def backbone(network: EfficientLoFTRForKeypointMatching, image: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The coarse map [1, channels, rows, columns], and the maps at 1/2 and 1/4."""
    half, quarter, coarse = network.efficientloftr.backbone(padded(image))
    return coarse, [half, quarter]


def pyramid(
    network: EfficientLoFTRForKeypointMatching, coarse: Tensor, laterals: list[Tensor]
) -> tuple[Tensor, Tensor]:
    """The fine map at 1/2 and at full size."""
    layer = network.refinement_layer
    half: list[Tensor] = []
    handle = layer.out_conv_layers[-1].out_conv3.register_forward_hook(lambda _, inputs, output: half.append(output))
    full = layer.forward_pyramid(coarse / coarse.shape[1] ** 0.5, list(reversed(laterals)))
    handle.remove()
    return half[0], full


def rotary_angles(
    network: EfficientLoFTRForKeypointMatching, coarse: Tensor, training_tokens: int | None
) -> tuple[Tensor, Tensor]:
    """cos and sin [1, tokens, channels], from transformers, or with places shrunk as the authors do."""
    rotary = network.efficientloftr.rotary_emb
    rows, columns = (extent // network.config.q_aggregation_stride for extent in coarse.shape[-2:])
    if training_tokens is None:
        cos, sin = rotary(coarse)
    else:
        shrink = training_tokens / max(training_tokens, rows, columns)
        y, x = torch.meshgrid(torch.arange(1, rows + 1), torch.arange(1, columns + 1), indexing="ij")
        angles = torch.stack([y[..., None] * shrink * rotary.inv_freq, x[..., None] * shrink * rotary.inv_freq], -1)
        angles = angles.flatten(-2).repeat_interleave(2, -1)
        cos, sin = angles.cos(), angles.sin()
    return cos.reshape(1, rows * columns, -1), sin.reshape(1, rows * columns, -1)


def cross_attention(layer: nn.Module, tokens: Tensor, source: Tensor) -> Tensor:
    """transformers' layer, or its parts where the images differ in size, which the layer as a whole does not take."""
    if tokens.shape == source.shape:
        return layer(tokens, source)
    queries, keys = layer.aggregation(tokens, source)
    attention, shape = layer.attention, queries.shape
    heads = [
        projection(x.flatten(1, 2)).unflatten(2, (-1, attention.head_dim)).transpose(1, 2)
        for projection, x in ((attention.q_proj, queries), (attention.k_proj, keys), (attention.v_proj, keys))
    ]
    attended = attention.o_proj(F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2))
    message = attended.transpose(1, 2).unflatten(2, shape[1:3])
    message = F.interpolate(message, scale_factor=layer.q_aggregation_kernel_size, mode="bilinear", align_corners=False)
    return tokens + layer.mlp(torch.cat([tokens, message], 1).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


@torch.no_grad()
def trace(
    network: EfficientLoFTRForKeypointMatching, image0: Tensor, image1: Tensor, mode: Mode = Mode()
) -> dict[str, Tensor]:
    """Runs `network` on two images [height, width]: stages by name (maps [height, width, channels]), and matches.

    Points are the authors', cell i at 8 i; those outside of the image are dropped.
    """
    stages: dict[str, Tensor] = {}
    images = (image0, image1)

    def record(name: str, maps: list[Tensor]) -> None:
        for image, tensor in enumerate(maps):
            stages[f"{name}.{image}"] = tensor[0].permute(1, 2, 0)

    pyramids = [backbone(network, image) for image in images]
    maps = [coarse for coarse, _ in pyramids]
    record("half", [laterals[0] for _, laterals in pyramids])
    record("quarter", [laterals[1] for _, laterals in pyramids])
    record("backbone_coarse", maps)
    angles = [rotary_angles(network, coarse, mode.training_tokens) for coarse in maps]
    for index, layer in enumerate(network.efficientloftr.local_feature_transformer.layers):
        maps = [layer.self_attention(x, position_embeddings=turn) for x, turn in zip(maps, angles)]
        record(f"after_layer_{2 * index}", maps)
        first = cross_attention(layer.cross_attention, maps[0], maps[1])
        maps = [first, cross_attention(layer.cross_attention, maps[1], first)]
        record(f"after_layer_{2 * index + 1}", maps)

    confidence = coarse_confidence(maps, images, mode)
    stages["confidence"] = confidence
    cells0, cells1, scores = mutual_matches(confidence, maps, images, mode)
    fine = [pyramid(network, coarse, laterals) for coarse, (_, laterals) in zip(maps, pyramids)]
    record("fine", [half for half, _ in fine])
    windows = [
        F.unfold(full, kernel_size=STRIDE + 2 * rim, stride=STRIDE, padding=rim)[0].T.unflatten(1, (full.shape[1], -1))
        for (_, full), rim in zip(fine, (0, 1))
    ]
    window0, window1 = windows[0][cells0].transpose(1, 2), windows[1][cells1].transpose(1, 2)
    stages["fine_windows_before.0"] = window0[:TRACED_WINDOWS]
    stages["fine_windows_before.1"] = window1[:TRACED_WINDOWS]
    offsets0, offsets1, margin = refinement(window0, window1, network.config.fine_matching_slice_dim)
    stages["fine_margin"] = margin
    columns = [coarse.shape[-1] for coarse in maps]
    points = [
        torch.stack([cells % width, cells // width], 1) * STRIDE + offset
        for cells, width, offset in zip((cells0, cells1), columns, (offsets0, offsets1))
    ]
    stages["fine_offsets"] = offsets1[:TRACED_WINDOWS]
    kept = on_image(points[0], image0) & on_image(points[1], image1)
    stages |= {
        "cells0": cells0[kept],
        "cells1": cells1[kept],
        "scores": scores[kept],
        "keypoints0": points[0][kept],
        "keypoints1": points[1][kept],
        "window_cells0": cells0[:TRACED_WINDOWS],
        "window_cells1": cells1[:TRACED_WINDOWS],
    }
    return stages


def valid_cells(coarse: Tensor, image: Tensor) -> Tensor:
    """[rows, columns]: whether a cell's first pixel lies on the image."""
    rows, columns = coarse.shape[-2:]
    return (torch.arange(rows)[:, None] * STRIDE < image.shape[0]) & (
        torch.arange(columns)[None] * STRIDE < image.shape[1]
    )


def coarse_confidence(maps: list[Tensor], images: tuple[Tensor, Tensor], mode: Mode) -> Tensor:
    """The dual-softmax of all cells against all cells, padding at 0; in the optimised mode the similarities."""
    first, second = (coarse[0].flatten(1).T / coarse.shape[1] ** 0.5 for coarse in maps)
    similarity = first @ second.T / mode.temperature
    valid0, valid1 = (valid_cells(coarse, image).flatten() for coarse, image in zip(maps, images))
    similarity = similarity.masked_fill(~(valid0[:, None] & valid1[None]), -1e9)
    if mode.optimized:
        return similarity
    confidence = similarity.softmax(0) * similarity.softmax(1)
    return confidence * (valid0[:, None] & valid1[None])


def logit(score: float) -> float:
    return math.log(score / (1 - score))


SLOPE = (logit(ANCHORS[0][1]) - logit(ANCHORS[1][1])) / (ANCHORS[0][0] - ANCHORS[1][0])


def similarity_score(similarity: Tensor) -> Tensor:
    """The score of the optimised mode: logistic, through `ANCHORS`."""
    anchor, score = ANCHORS[0]
    return torch.sigmoid(logit(score) + SLOPE * (similarity.double() - anchor)).float()


def similarity_threshold(threshold: float) -> float:
    """The similarity whose score is `threshold`."""
    anchor, score = ANCHORS[0]
    return anchor + (logit(threshold) - logit(score)) / SLOPE


def mutual_matches(
    confidence: Tensor, maps: list[Tensor], images: tuple[Tensor, Tensor], mode: Mode
) -> tuple[Tensor, Tensor, Tensor]:
    """Cells of both images, and scores."""
    scores = similarity_score(confidence) if mode.optimized else confidence

    def inside(coarse: Tensor, image: Tensor) -> Tensor:
        valid = valid_cells(coarse, image)
        rows, columns = int(valid.any(1).sum()), int(valid.any(0).sum())
        result = torch.zeros_like(valid)
        result[mode.border : rows - mode.border, mode.border : columns - mode.border] = True
        return result.flatten()

    mask = (scores > mode.threshold) & inside(maps[0], images[0])[:, None] & inside(maps[1], images[1])[None]
    mask &= (confidence == confidence.amax(1, keepdim=True)) & (confidence == confidence.amax(0, keepdim=True))
    cells0, cells1 = torch.where(mask)
    return cells0, cells1, scores[cells0, cells1]


def refinement(window0: Tensor, window1: Tensor, heat_map_channels: int) -> tuple[Tensor, Tensor, Tensor]:
    """Both points' offsets [matches, 2] from 8 * cell by the authors' two stages, in pixels, and the relative margin by
    which the first stage's best pair of pixels beats the next.
    """
    count, pixels, channels = window0.shape
    side = math.isqrt(pixels)
    rimmed = side + 2
    first0, second0 = window0.split([channels - heat_map_channels, heat_map_channels], 2)
    first1, second1 = window1.split([channels - heat_map_channels, heat_map_channels], 2)
    similarity = first0 @ first1.transpose(1, 2) / channels
    dual = (similarity.softmax(1) * similarity.softmax(2)).reshape(count, pixels, rimmed, rimmed)
    best = dual[:, :, 1:-1, 1:-1].flatten(1).topk(2, 1)
    index0, index1 = best.indices[:, 0] // pixels, best.indices[:, 0] % pixels
    places = [torch.stack([index % side, index // side], 1) - (side - 1) / 2 for index in (index0, index1)]

    heat = second0 @ second1.transpose(1, 2) / heat_map_channels**0.5
    heat = heat.reshape(count, pixels, rimmed, rimmed)
    y, x = torch.meshgrid(torch.arange(-1, 2), torch.arange(-1, 2), indexing="ij")
    rows = (index1 // side)[:, None] + y.flatten()
    columns = (index1 % side)[:, None] + x.flatten()
    around = heat[torch.arange(count)[:, None], index0[:, None], rows, columns]  # negative places wrap around
    weights = (around / HEAT_MAP_TEMPERATURE).softmax(1)
    shift = torch.stack([(weights * x.flatten()).sum(1), (weights * y.flatten()).sum(1)], 1)
    margin = 1 - best.values[:, 1] / best.values[:, 0]
    return places[0], places[1] + shift, margin


def authors_names(network: EfficientLoFTRForKeypointMatching) -> dict[str, Tensor]:
    """The state of `network` under the names of the authors' checkpoint, without its prefix `matcher.`."""
    parts = {
        "conv1.conv": "rbr_dense.conv",
        "conv1.norm": "rbr_dense.bn",
        "conv2.conv": "rbr_1x1.conv",
        "conv2.norm": "rbr_1x1.bn",
        "identity": "rbr_identity",
        "aggregation.q_aggregation": "aggregate",
        "aggregation.norm": "norm1",
        "attention.q_proj": "q_proj",
        "attention.k_proj": "k_proj",
        "attention.v_proj": "v_proj",
        "attention.o_proj": "merge",
        "mlp.fc1": "mlp.0",
        "mlp.fc2": "mlp.2",
        "mlp.layer_norm": "norm2",
        "out_conv1": "",
        "out_conv2": "2.0",
        "batch_norm": "2.1",
        "out_conv3": "2.3",
    }
    result = {}
    for name, tensor in network.state_dict().items():
        stem, leaf = name.rsplit(".", 1)
        match stem.split("."):
            case ["efficientloftr", "backbone", "stages", stage, "blocks", block, *rest]:
                place = "layer0" if stage == "0" else f"layer{stage}.{block}"
                stem = f"backbone.{place}.{parts['.'.join(rest)]}"
            case ["efficientloftr", "local_feature_transformer", "layers", layer, kind, *rest]:
                index = 2 * int(layer) + (kind == "cross_attention")
                stem = f"loftr_coarse.layers.{index}.{parts['.'.join(rest)]}"
            case ["refinement_layer", "out_conv"]:
                stem = "fine_preprocess.layer3_outconv"
            case ["refinement_layer", "out_conv_layers", level, part]:
                stem = f"fine_preprocess.layer{2 - int(level)}_outconv{parts[part]}"
            case _:
                raise ValueError(f"no name for {name}")
        result[f"{stem}.{leaf}"] = tensor
    return result


def deployed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state under the authors' names with the branches of every RepVGG block folded, as their code does."""

    def norm(prefix: str) -> tuple[Tensor, Tensor]:
        weight, bias, mean, variance = (
            state[f"{prefix}.{leaf}"].double() for leaf in ("weight", "bias", "running_mean", "running_var")
        )
        scale = weight / (variance + 1e-5).sqrt()
        return scale, bias - mean * scale

    result = {name: tensor for name, tensor in state.items() if ".rbr_" not in name}
    for name in state:
        if not name.endswith(".rbr_dense.conv.weight"):
            continue
        block = name.removesuffix(".rbr_dense.conv.weight")
        dense, bias = norm(f"{block}.rbr_dense.bn")
        weight = state[name].double() * dense[:, None, None, None]
        point, more = norm(f"{block}.rbr_1x1.bn")
        weight[:, :, 1:2, 1:2] += state[f"{block}.rbr_1x1.conv.weight"].double() * point[:, None, None, None]
        bias = bias + more
        if f"{block}.rbr_identity.weight" in state:
            scale, more = norm(f"{block}.rbr_identity")
            weight[:, :, 1, 1] += torch.diag(scale)
            bias = bias + more
        result[f"{block}.rbr_reparam.weight"] = weight.float()
        result[f"{block}.rbr_reparam.bias"] = bias.float()
    return result


def our_weights(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state under the authors' names under those of the model file."""
    renamed = {"loftr_coarse.": "transformer.", "fine_preprocess.": "backbone."}
    return {
        next((new + name.removeprefix(old) for old, new in renamed.items() if name.startswith(old)), name): tensor
        for name, tensor in state.items()
    }


def model_json(configuration: EfficientLoFTRConfig, name: str, description: str, mode: Mode = Mode()) -> dict[str, Any]:
    """The `model` JSON of our files for transformers' `configuration`."""
    rotary: dict[str, Any] = {"kind": "interleaved", "base": 10000}
    if mode.training_tokens is not None:
        rotary["trainingTokens"] = mode.training_tokens
    return {
        "name": name,
        "architecture": "efficientloftr",
        "description": description,
        "backbone": {
            "kind": "repvgg-fpn",
            "block": "repvgg-branches",
            "channels": configuration.out_features[1:],
            "blocks": configuration.stage_num_blocks[1:],
        },
        "positionEncoding": {"kind": "none"},
        "transformer": {
            "channels": configuration.hidden_size,
            "heads": configuration.num_attention_heads,
            "layers": ["self", "cross"] * configuration.num_attention_layers,
            "crossUpdate": "sequential",
            "attention": {"kind": "aggregated-softmax", "aggregation": 4, "rotary": rotary},
        },
        "coarseMatching": {
            "kind": "similarity",
            "temperature": mode.temperature,
            "threshold": mode.threshold,
            "border": mode.border,
        }
        if mode.optimized
        else {
            "kind": "dual-softmax",
            "scale": "temperature",
            "temperature": mode.temperature,
            "threshold": mode.threshold,
            "border": mode.border,
            "matchability": False,
        },
        "fineMatching": {
            "kind": "pixel-then-heat-map",
            "heatMapChannels": configuration.fine_matching_slice_dim,
            "heatMapTemperature": HEAT_MAP_TEMPERATURE,
        },
        "provenance": {"training": "none", "data": "none", "source": "random weights of a fixed seed, for tests"},
        "license": "Apache-2.0",
    }


__all__ = ["Mode", "replace"]
