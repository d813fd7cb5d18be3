"""Writes the fixtures that the Swift tests compare with: `python -m training.goldens.make_goldens`.

Made again on the same machine they have the same bytes. The photos are not stored, only where they are cut.

- loftr-small.safetensors, loftr-small-corrected.safetensors: model files, equal but for the position encoding.
- loftr-CASE.safetensors: `image0`, `image1` [height, width] and the stages of kornia's LoFTR (see loftr.py).
- compact-CASE.safetensors: `crop0`, `crop1` (x, y, width, height in the photos `photo0`, `photo1` of the metadata;
  decode them as grey, over 255) and the stages of the compact network with its real weights (see compact.py).
- compact-patch.safetensors: the same with a second fine step of random weights, which are in the file as
  `weights.NAME` (of the model file); the metadata `patch` is the JSON of `fineMatching.patch`. `fine_first` is
  the estimate before that step.
- efficientloftr-small.safetensors: a model file; efficientloftr-CASE.safetensors: the stages of transformers'
  EfficientLoFTR, its last ones as the authors have them (see efficientloftr.py).
- loftr-transport.safetensors, efficientloftr-optimized.safetensors: other coarse matching rules on the same weights;
  the metadata `coarseMatching` is the JSON of that group, further weights are `weights.NAME`.
- layers.safetensors: single layers (see layers.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from torch import Tensor

from training.goldens import compact, efficientloftr, loftr, optimal_transport
from training.goldens.compact import Crop
from training.goldens.fixture import LEAST_MARGIN, decision_margin, write_fixture
from training.goldens.layers import layer_fixtures
from training.model import Compact, load_compact, write_model

PHOTOS = Path("/usr/share/doc/opencv-doc/examples/data")
OUTPUT = Path("fixtures/goldens")
COMPACT_WEIGHTS = Path("Sources/CModels/compact.safetensors")
LEAST_MATCHES = 20
LEAST_DISTANCE = 1e-3  # pixels between a point and the image's outer edge, logits between best and second best
SEED = 0
TRANSPORT_THRESHOLD = 0.01

# Case: corrected position encoding, and height and width of both images.
LOFTR_CASES = {
    "same": (False, (96, 128), (96, 128)),
    "different": (False, (96, 128), (112, 88)),
    "odd": (False, (117, 141), (125, 107)),
    "corrected": (True, (96, 128), (96, 128)),
}
# Case: how the coarse stage decides, and height and width of both images.
EFFICIENT_CASES = {
    "same": (efficientloftr.Mode(threshold=0.05, training_tokens=26), (96, 128), (96, 128)),
    "odd": (efficientloftr.Mode(threshold=0.05, training_tokens=26), (93, 157), (125, 101)),
    "shrunk": (efficientloftr.Mode(threshold=0.05, training_tokens=3), (96, 128), (96, 128)),
    "optimized": (efficientloftr.Mode(optimized=True, threshold=0.05, training_tokens=26), (96, 128), (96, 96)),
}
COMPACT_CASES = {
    "same": (Crop("graf1.png", 95, 69, 128, 96), Crop("graf3.png", 237, 34, 128, 96)),
    "different": (Crop("graf1.png", 100, 100, 128, 96), Crop("graf3.png", 234, 65, 112, 112)),
    "odd": (Crop("graf1.png", 140, 180, 121, 87), Crop("graf3.png", 240, 158, 103, 90)),
}


def check(case: str, stages: dict[str, Tensor], threshold: float, images: tuple[Tensor, Tensor]) -> None:
    """Prints one line, and raises if the case has few matches or a decision that rounding could turn."""
    margin = decision_margin(stages["confidence"], threshold)
    points = stages["keypoints1"]
    limits = torch.tensor([images[1].shape[1] - 0.5, images[1].shape[0] - 0.5])
    distance = float(torch.minimum((points + 0.5).abs(), (points - limits).abs()).min())
    if "fine_logits" in stages:
        best = stages["fine_logits"].topk(2, 1).values
        distance = min(distance, float((best[:, 0] - best[:, 1]).min()))
    print(f"{case}: {len(points)} matches, least margin {margin:.1e}, least distance {distance:.1e}")
    if len(points) < LEAST_MATCHES or margin < LEAST_MARGIN or distance < LEAST_DISTANCE:
        raise RuntimeError(f"{case}: too few matches or too close a decision; choose another seed or crop")


def make_loftr(output: Path) -> None:
    """The small LoFTR, in both forms of the position encoding, and its cases."""
    for case, (corrected, size0, size1) in LOFTR_CASES.items():
        configuration = loftr.small_configuration(corrected)
        network = loftr.random_loftr(configuration, SEED)
        name = "loftr-small-corrected" if corrected else "loftr-small"
        model = loftr.model_json(configuration, name, "small LoFTR of random weights, for tests")
        write_model(output / f"{name}.safetensors", model, loftr.our_weights(network))
        images = loftr.texture_pair(size0, size1, SEED)
        stages = loftr.trace(network, *images)
        check(f"loftr-{case}", stages, configuration["match_coarse"]["thr"], images)
        stages |= {"image0": images[0], "image1": images[1]}
        metadata = {"case": f"loftr-{case}", "weights": f"{name}.safetensors"}
        write_fixture(output / f"loftr-{case}.safetensors", stages, metadata, fine_stride=4, coarse_stride=1)


def make_transport(output: Path) -> None:
    """The small LoFTR with optimal transport: the same weights, another coarse matching rule."""
    configuration = optimal_transport.configuration_of(loftr.small_configuration(False))
    configuration["match_coarse"]["thr"] = TRANSPORT_THRESHOLD
    network = loftr.random_loftr(configuration, SEED)
    images = loftr.texture_pair((96, 128), (112, 88), SEED)
    stages = loftr.trace(network, *images)
    check("loftr-transport", stages, TRANSPORT_THRESHOLD, images)
    kept = ("confidence", "cells0", "cells1", "scores", "keypoints0", "keypoints1")
    stages = {name: stages[name] for name in kept} | {"image0": images[0], "image1": images[1]}
    stages["weights.coarse_matching.bin_score"] = network.coarse_matching.bin_score
    metadata = {"case": "loftr-transport", "weights": "loftr-small.safetensors"}
    metadata["coarseMatching"] = json.dumps(optimal_transport.coarse_json(configuration))
    write_fixture(output / "loftr-transport.safetensors", stages, metadata, fine_stride=4, coarse_stride=1)


def make_efficientloftr(output: Path) -> None:
    """The small EfficientLoFTR and its cases."""
    configuration = efficientloftr.small_configuration()
    network = efficientloftr.random_network(configuration, SEED)
    weights = efficientloftr.our_weights(efficientloftr.authors_names(network))
    name, description = "efficientloftr-small", "small EfficientLoFTR of random weights, for tests"
    write_model(output / f"{name}.safetensors", efficientloftr.model_json(configuration, name, description), weights)
    for case, (mode, size0, size1) in EFFICIENT_CASES.items():
        images = loftr.texture_pair(size0, size1, SEED)
        stages = efficientloftr.trace(network, *images, mode)
        threshold = efficientloftr.similarity_threshold(mode.threshold) if mode.optimized else mode.threshold
        check(f"efficientloftr-{case}", stages, threshold, images)
        if float(stages.pop("fine_margin").min()) < LEAST_MARGIN:
            raise RuntimeError(f"efficientloftr-{case}: two pairs of pixels are too close; choose another seed")
        if case in ("shrunk", "optimized"):
            stages = {key: stages[key] for key in stages if not key.startswith(("half", "quarter", "backbone", "fine"))}
        if not mode.optimized:
            stages["confidence"] = stages["confidence"].half()  # the largest tensor, compared to 1e-3
        stages |= {"image0": images[0], "image1": images[1]}
        model = efficientloftr.model_json(configuration, name, description, mode)
        metadata = {"case": f"efficientloftr-{case}", "weights": f"{name}.safetensors"}
        metadata |= {group: json.dumps(model[group]) for group in ("coarseMatching", "transformer")}
        write_fixture(
            output / f"efficientloftr-{case}.safetensors", stages, metadata, fine_stride=4, coarse_stride=2
        )


def make_compact(output: Path, photos: Path) -> None:
    """The compact network on crops of photos."""
    network = load_compact(COMPACT_WEIGHTS)
    for case, crops in COMPACT_CASES.items():
        write_compact(output, photos, f"compact-{case}", network, crops)


def write_compact(output: Path, photos: Path, case: str, network: Compact, crops: tuple[Crop, Crop]) -> None:
    """One case."""
    images = crops[0].read(photos), crops[1].read(photos)
    stages = compact.trace(network, *images)
    check(case, stages, network.configuration.threshold, images)
    stages |= {"crop0": crops[0].rectangle(), "crop1": crops[1].rectangle()}
    metadata = {
        "case": case,
        "weights": COMPACT_WEIGHTS.name,
        "photo0": crops[0].photo,
        "photo1": crops[1].photo,
    }
    write_fixture(output / f"{case}.safetensors", stages, metadata, fine_stride=4, coarse_stride=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="folder of opencv-doc's photos")
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # sums in a fixed order
    make_loftr(arguments.output)
    make_transport(arguments.output)
    make_efficientloftr(arguments.output)
    make_compact(arguments.output, arguments.photos)
    metadata = {"case": "layers", "weights": "none"}
    write_fixture(arguments.output / "layers.safetensors", layer_fixtures(), metadata, fine_stride=1, coarse_stride=1)


if __name__ == "__main__":
    main()
