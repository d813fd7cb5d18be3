"""Converts the prototype's checkpoint to a model file of this project.

    python -m training.convert_prototype CHECKPOINT [--prototype DIR] [-o FILE]

With `--prototype`, the folder of the prototype's `model.py`, both networks run on a random pair and must agree.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from training.model import load_compact, write_model

CONFIGURATION = Path(__file__).parent / "model" / "compact-v0.json"
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
    reference = import_prototype(prototype).Net()
    reference.load_state_dict(load_file(checkpoint))
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
    keypoints0, keypoints1, scores, _ = reference.match(image0, image1, thr=0.01)
    ours = network.match(image0, image1, threshold=0.01)
    # Ours alone drops points outside the image; the prototype's are filtered likewise before comparing.
    limit = torch.tensor([second_size[1] - 0.5, second_size[0] - 0.5])
    kept = ((keypoints1 >= -0.5) & (keypoints1 <= limit)).all(1)
    pairs += [(keypoints0[kept], ours.keypoints0), (keypoints1[kept], ours.keypoints1), (scores[kept], ours.scores)]
    print(f"{len(ours.scores)} matches between 128x96 and {second_size[1]}x{second_size[0]}")
    return max(float((a - b).abs().max()) for a, b in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, help="the prototype's safetensors file")
    parser.add_argument("--prototype", type=Path, help="folder of the prototype's model.py, to compare with")
    parser.add_argument("-o", "--output", type=Path, default=DEFAULT_OUTPUT)
    arguments = parser.parse_args()

    weights = {rename(name): tensor for name, tensor in load_file(arguments.checkpoint).items()}
    write_model(arguments.output, json.loads(CONFIGURATION.read_text()), weights)
    parameters = sum(p.numel() for p in load_compact(arguments.output).parameters())
    print(f"{arguments.output}: {parameters} parameters, {arguments.output.stat().st_size} bytes")
    if arguments.prototype:
        for size in [(96, 128), (112, 80)]:
            difference = largest_difference(arguments.checkpoint, arguments.prototype, arguments.output, size)
            print(f"largest difference from the prototype: {difference:.2g}")
            assert difference < TOLERANCE, "the converted network differs from the prototype"


if __name__ == "__main__":
    main()
