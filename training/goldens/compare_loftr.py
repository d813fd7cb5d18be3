"""Compares the Swift LoFTR with kornia's at full size (11.6 M parameters, random weights), stage by stage.

    python -m training.goldens.compare_loftr --match .build/release/match

Swift reads the weights as others publish them: kornia's and the authors' checkpoints, recognised by their tensors. For
optimal transport, kornia runs the float64 reference of optimal_transport.py. Prints a table; fails where a stage, a
match or a point differs. Last, the time that `match` takes for both images as photos.
"""

from __future__ import annotations

import copy
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
from kornia.feature.loftr.loftr import default_cfg

from training.goldens import loftr, optimal_transport, parity

CORNER = -0.5  # Swift counts from the first pixel's centre, the reference from its corner
TRANSPORT_FACTOR = 2.5


def main() -> None:
    arguments = parity.arguments(__doc__)
    sizes = parity.SIZES[:1] if arguments.quick else parity.SIZES
    corrected = copy.deepcopy(default_cfg)
    corrected["coarse"]["temp_bug_fix"] = True
    transport = optimal_transport.configuration_of(default_cfg)
    # The file's name says which position encoding it is.
    runs = [("loftr_outdoor.ckpt", "", default_cfg, pair) for pair in sizes]
    runs += [("indoor_ds_new.ckpt", "matcher.", corrected, sizes[0])]
    runs += [("outdoor_ot.ckpt", "matcher.", transport, pair) for pair in (sizes[0], sizes[-1])[: len(sizes)]]

    def rows(folder: Path) -> Iterator[tuple[str, parity.Comparison]]:
        for file, prefix, configuration, (size0, size1) in runs:
            network = loftr.random_loftr(configuration, arguments.seed, (480, 640))
            if configuration is transport:
                # Without a temperature, similarities must be larger to stand out.
                network.backbone.layer3_outconv.weight.data.mul_(TRANSPORT_FACTOR)
            parity.save_checkpoint(folder / file, network.state_dict(), prefix)
            images = loftr.texture_pair(size0, size1, arguments.seed)
            expected = loftr.trace(network, *images)
            ours = parity.run_swift(arguments.match, folder, folder / file, images)
            yield f"{parity.size_name(size0, size1)}, {file}", parity.compare(ours, expected, CORNER)

    if not parity.table("LoFTR, 11561456 parameters, against kornia:", rows):
        raise SystemExit("the Swift LoFTR differs from kornia's")
    print_time(arguments.match, arguments.seed)


def print_time(match: Path, seed: int) -> None:
    """Prints what `match` reports of its time on a pair of 640x480."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights, photos = folder / "loftr_outdoor.ckpt", [folder / "image0.png", folder / "image1.png"]
        parity.save_checkpoint(weights, loftr.random_loftr(default_cfg, seed, (480, 640)).state_dict(), "")
        for photo, image in zip(photos, loftr.texture_pair((480, 640), (480, 640), seed)):
            cv2.imwrite(str(photo), (image * 255).round().byte().numpy())
        run = [match.resolve(), *photos, "--weights", weights, "--geometry", "none"]
        summary = subprocess.run(run, check=True, capture_output=True, text=True).stdout
        print("match on both as photos,", next(line for line in summary.splitlines() if line.startswith("time")))


if __name__ == "__main__":
    main()
