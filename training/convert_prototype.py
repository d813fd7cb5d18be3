"""Converts a checkpoint of the prototype to a model file of this project.

    python -m training.convert_prototype CHECKPOINT [--prototype DIR] [-o FILE] [--name NAME] [--note TEXT]

The checkpoint's metadata `cfg` says which network it is: that of `compact-v0.json`, or one of those with a second fine
step (`compact`, `compact-wide`, `base`). With `--prototype`, the folder of the prototype's `model.py`, both networks run on a random pair and must agree.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file

from training.model import Compact, CompactConfiguration, load_compact, write_model

MODELS = Path(__file__).parent / "model"
CONFIGURATIONS = ("compact-v0", "compact", "compact-wide", "base")
DEFAULT_OUTPUT = Path("Sources/CModels/compact.safetensors")
TOLERANCE = 1e-5

# Prototype prefix -> ours; a part of the network each.
PREFIXES = {
    "stem": "backbone.stem",
    "s1": "backbone.stage1",
    "d2": "backbone.down2",
    "s2": "backbone.stage2",
    "d3": "backbone.down3",
    "s3": "backbone.stage3",
    "pre": "backbone.coarse_proj",
    "u3": "backbone.up3",
    "l2": "backbone.lateral2",
    "f2": "backbone.smooth2",
    "u2": "backbone.up2",
    "l1": "backbone.lateral1",
    "f1": "backbone.smooth1",
    "fo": "backbone.fine_proj",
    "proj": "coarse_matching.proj",
    "mat": "coarse_matching.matchability",
    "ls": "coarse_matching.log_scale",
    "fls": "fine_matching.log_scale",
    "reg": "fine_matching.regression",
    "rf": "fine_matching.patch_regression",
}
CONVOLUTION_BLOCKS = {"stem", "d2", "d3", "f1", "f2"}
CONVOLUTION_PARTS = {"0": "conv", "1": "norm"}
STAGE_PARTS = {"c": "conv", "bn": "norm", "idn": "identity_norm"}
ATTENTION_PARTS = {
    "qc": "aggregate",
    "n1": "norm1",
    "q": "q_proj",
    "k": "k_proj",
    "v": "v_proj",
    "m": "merge",
    "f1": "mlp.0",
    "f2": "mlp.2",
    "n2": "norm2",
}


def rename(name: str) -> str:
    """Our name of the prototype's parameter `name`."""
    if attention := re.fullmatch(r"att\.(\d+)\.([01])\.(\w+)\.(\w+)", name):
        layer, kind, part, parameter = attention.groups()
        return f"transformer.layers.{2 * int(layer) + int(kind)}.{ATTENTION_PARTS[part]}.{parameter}"
    head, *rest = name.split(".")
    if head in CONVOLUTION_BLOCKS:
        rest[0] = CONVOLUTION_PARTS[rest[0]]
    elif re.fullmatch(r"s\d", head):
        rest[1] = STAGE_PARTS[rest[1]]
    return ".".join([PREFIXES[head], *rest])


def configuration_of(checkpoint: Path) -> dict[str, Any]:
    """The configuration that the checkpoint's tensors fit; raises ValueError where none does."""
    with safe_open(checkpoint, "pt") as file:
        shapes = {rename(name): file.get_slice(name).get_shape() for name in file.keys()}
    shapes = {name: shape for name, shape in shapes.items() if not name.endswith("num_batches_tracked")}
    for name in CONFIGURATIONS:
        model = json.loads((MODELS / f"{name}.json").read_text())
        state = Compact(CompactConfiguration.from_model(model)).state_dict()
        own = {n: list(t.shape) for n, t in state.items() if not n.endswith("num_batches_tracked")}
        if own == shapes:
            model.pop("training", None)
            return model
    raise ValueError(f"{checkpoint}: fits none of the configurations {', '.join(CONFIGURATIONS)}")


def import_prototype(folder: Path) -> ModuleType:
    """The prototype's `model.py` as a module."""
    spec = importlib.util.spec_from_file_location("prototype_model", folder / "model.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{folder / 'model.py'}: no such Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@torch.no_grad()
def largest_difference(checkpoint: Path, prototype: Path, converted: Path, second_size: tuple[int, int]) -> float:
    """Largest absolute difference of any output between both networks on a random pair of sides of multiples of 16."""
    with safe_open(checkpoint, "pt") as file:
        settings = json.loads((file.metadata() or {}).get("cfg", "{}"))
    reference = import_prototype(prototype).Net(**settings)
    reference.load_state_dict({n: t.float() if t.is_floating_point() else t for n, t in load_file(checkpoint).items()})
    reference.eval()
    network = load_compact(converted)
    # Two windows of one random texture, so that there are matches to compare.
    generator = torch.Generator().manual_seed(0)
    texture = F.interpolate(torch.rand(1, 1, 40, 48, generator=generator), scale_factor=4, mode="bicubic").clamp(0, 1)
    image0 = texture[..., 16 : 16 + 96, 24 : 24 + 128]
    image1 = texture[..., : second_size[0], : second_size[1]]
    expected = reference.features(image0, image1)
    ours0, ours1 = network.features(image0, image1)
    pairs = list(
        zip(
            expected,
            [ours0.projection, ours1.projection, ours0.matchability, ours1.matchability, ours0.fine, ours1.fine],
        )
    )
    keypoints0, keypoints1, scores = reference.match(image0, image1, thr=0.01)[:3]
    ours = network.match(image0, image1, threshold=0.01)
    # Ours alone drops points outside the image; the prototype's are filtered likewise before comparing.
    limit = torch.tensor([second_size[1] - 0.5, second_size[0] - 0.5])
    kept = ((keypoints1 >= -0.5) & (keypoints1 <= limit)).all(1)
    pairs += [(keypoints0[kept], ours.keypoints0), (keypoints1[kept], ours.keypoints1), (scores[kept], ours.scores)]
    print(f"{len(ours.scores)} matches between 128x96 and {second_size[1]}x{second_size[0]}")
    return max(float((a - b).abs().max()) for a, b in pairs if a.numel())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, help="the prototype's safetensors file")
    parser.add_argument("--prototype", type=Path, help="folder of the prototype's model.py, to compare with")
    parser.add_argument("-o", "--output", type=Path, default=DEFAULT_OUTPUT)
    parser.add_argument("--name", help="of the model (default: the configuration's)")
    parser.add_argument("--note", help="provenance, in a sentence, instead of the configuration's")
    arguments = parser.parse_args()

    model = configuration_of(arguments.checkpoint)
    model["name"] = arguments.name or model["name"]
    if arguments.note:
        model["provenance"] = {"source": arguments.note}
    weights = {rename(name): tensor for name, tensor in load_file(arguments.checkpoint).items()}
    write_model(arguments.output, model, weights)
    parameters = sum(p.numel() for p in load_compact(arguments.output).parameters())
    print(f"{arguments.output}: {parameters} parameters, {arguments.output.stat().st_size} bytes")
    if arguments.prototype:
        for size in [(96, 128), (112, 80)]:
            difference = largest_difference(arguments.checkpoint, arguments.prototype, arguments.output, size)
            print(f"largest difference from the prototype: {difference:.2g}")
            assert difference < TOLERANCE, "the converted network differs from the prototype"


if __name__ == "__main__":
    main()
