"""How many of the overlapping pairs `match batch --overlap-search N` finds, against matching all pairs.

    python Benchmarks/overlap_recall.py PHOTOS --match .build/release/match --partners 5 10 20 --max-size 320

A pair overlaps where the exhaustive run verifies at least --inliers matches. With N partners an image, not even the best
choice finds all pairs where images overlap with more than N others: the recall of that choice stands beside ours.
"""

import argparse
import collections
import sys
import tempfile
from pathlib import Path

from batch import timed

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integrations"))
from read_pairs import read_pairs


def best_choice(inliers: dict, partners: int) -> set:
    """For each image the partners with most inliers."""
    candidates = collections.defaultdict(list)
    for (a, b), count in inliers.items():
        candidates[a].append((-count, b))
        candidates[b].append((-count, a))
    return {tuple(sorted((name, other))) for name, found in candidates.items() for _, other in sorted(found)[:partners]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--match", default=".build/release/match")
    parser.add_argument("--partners", type=int, nargs="+", default=[5, 10, 20])
    parser.add_argument("--inliers", type=int, default=40)
    parser.add_argument("--max-size", type=int, default=640)
    parser.add_argument("--exhaustive", type=Path, help="keep the exhaustive run here, and use the one that is there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        batch = [arguments.match, "batch", str(arguments.photos), "--quiet"]
        whole = arguments.exhaustive or Path(folder) / "whole"
        _, exhaustive = timed([*batch, "-o", str(whole), "--max-size", str(arguments.max_size)])
        inliers = {tuple(sorted(pair["names"])): int(pair["inliers"].sum()) if pair["type"] == "matched" else 0
                   for pair in read_pairs(whole)}
        truth = {names for names, count in inliers.items() if count >= arguments.inliers}
        images = {name for names in inliers for name in names}
        print(f"{len(images)} images, {len(inliers)} pairs, {len(truth)} with at least {arguments.inliers} inliers")
        print(f"matching them all: {exhaustive:.0f} processor seconds")
        print("| partners | pairs chosen | recall | recall of the best choice | seconds | processor seconds |\n|---|---|---|---|---|---|")
        for partners in arguments.partners:
            listed = Path(folder) / f"{partners}.txt"
            wall, processor = timed([*batch, "-o", f"{folder}/search-{partners}", "--overlap-search", str(partners),
                                     "--write-pairs", str(listed)])
            chosen = {tuple(sorted(line.split("\t"))) for line in listed.read_text().splitlines()}
            recalls = [len(some & truth) / max(len(truth), 1) for some in (chosen, best_choice(inliers, partners))]
            print(f"| {partners} | {len(chosen)} | {recalls[0]:.3f} | {recalls[1]:.3f} | {wall:.0f} | {processor:.0f} |", flush=True)


if __name__ == "__main__":
    main()
