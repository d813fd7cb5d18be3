"""Compares the Swift EfficientLoFTR with the reference at full size (16 M parameters, random weights), stage by stage.

    python -m training.goldens.compare_efficientloftr --match .build/release/match

Swift reads the weights as others publish them: the authors' checkpoint with its prefix, the same with folded branches,
and transformers' safetensors. The reference is transformers' network, its last stages as the authors have them (see
efficientloftr.py). Prints a table; fails where a stage, a match or a point differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safetensors.torch import save_file
from transformers import EfficientLoFTRConfig

from training.goldens import efficientloftr, parity
from training.goldens.efficientloftr import Mode
from training.goldens.loftr import texture_pair

TRAINING_TOKENS = 26  # 832 pixels
CORNER = -0.5  # Swift counts from the first pixel's centre, the reference from its corner


def main() -> None:
    arguments = parity.arguments(__doc__)
    network = efficientloftr.random_network(EfficientLoFTRConfig(), arguments.seed, (480, 640), message=0.2)
    print(f"EfficientLoFTR, {sum(p.numel() for p in network.parameters())} parameters\n")
    state = efficientloftr.authors_names(network)
    sizes = parity.SIZES[:1] if arguments.quick else parity.SIZES

    def rows(folder: Path) -> Iterator[tuple[str, parity.Comparison]]:
        files = {
            "authors' checkpoint": folder / "eloftr_outdoor.ckpt",
            "folded": folder / "eloftr_folded.ckpt",
            "transformers": folder / "model.safetensors",
        }
        parity.save_checkpoint(files["authors' checkpoint"], state, "matcher.")
        parity.save_checkpoint(files["folded"], efficientloftr.deployed(state), "")
        save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, files["transformers"])
        runs = [("transformers", False, sizes_of) for sizes_of in sizes]
        runs += [(form, False, sizes[0]) for form in ("authors' checkpoint", "folded")]
        runs += [("authors' checkpoint", True, sizes_of) for sizes_of in (sizes[0], sizes[-1])]
        runs += [] if arguments.quick else [("transformers", False, ((475, 633), (571, 445)))]
        for form, optimized, (size0, size1) in runs:
            images = texture_pair(size0, size1, arguments.seed)
            mode = Mode(optimized=optimized, training_tokens=TRAINING_TOKENS)
            expected = efficientloftr.trace(network, *images, mode)
            if size0 != size1 or size0[0] % 32:
                expected.pop("confidence")  # the reference keeps padding
            options = ("--variant", "optimized") if optimized else ()
            ours = parity.run_swift(arguments.match, folder, files[form], images, *options)
            name = f"{parity.size_name(size0, size1)}, {form}{', optimised' if optimized else ''}"
            yield name, parity.compare(ours, expected, CORNER)

    if not parity.table("Against transformers and the authors' last stages:", rows):
        raise SystemExit("the Swift EfficientLoFTR differs from the reference")


if __name__ == "__main__":
    main()
