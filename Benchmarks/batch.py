"""What keeping features gains, and how much memory a batch takes, measured on the photos that ship with the project.

    python Benchmarks/batch.py cache  --match .build/release/match      # 40 photos, all 780 pairs
    python Benchmarks/batch.py memory --match .build/release/match      # 200 photos, 2000 pairs, a plot

`cache` times the same pairs with features kept, with features made anew for every pair, and as one process a pair (on
some pairs, for the whole). `memory` asks for pairs in no order, which keep no small cache busy, and samples the
process's resident memory (its own pages and its files') through the run.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures/rendered/pose"
PAGE = 4096


def make_photos(folder: Path, count: int) -> list[str]:
    """Photos of 640x480 from the rendered fixtures: each as it is, then crops of them, scaled up again."""
    sources = sorted(path for path in FIXTURES.rglob("*") if path.suffix in (".jpg", ".png"))
    rng = random.Random(0)
    names = []
    for index in range(count):
        photo = Image.open(sources[index % len(sources)])
        if index >= len(sources):
            width, height = photo.width * 3 // 4, photo.height * 3 // 4
            x, y = rng.randrange(photo.width - width), rng.randrange(photo.height - height)
            photo = photo.crop((x, y, x + width, y + height))
        names.append(f"{index:03}.jpg")
        photo.convert("L").resize((640, 480), Image.LANCZOS).save(folder / names[-1], quality=92)
    return names


def timed(command: list) -> tuple[float, float]:
    """Wall-clock and processor seconds."""
    wall, before = time.perf_counter(), os.times()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - wall, processor


def cache(arguments, folder: Path) -> None:
    photos = folder / "photos"
    photos.mkdir()
    names = make_photos(photos, arguments.photos)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
    sample = random.Random(1).sample(pairs, min(arguments.sample, len(pairs)))
    listed = folder / "sample.txt"
    listed.write_text("".join(f"{a} {b}\n" for a, b in sample))
    threads = ["--threads", arguments.threads]
    batch = [arguments.match, "batch", photos, *threads, "--quiet"]
    single = [*threads, "--quiet", "--rotations", "none", "--scales", "none"]
    ways = {
        "one process a pair": [timed([arguments.match, photos / a, photos / b, *single]) for a, b in sample],
        "batch, features made anew": [timed([*batch, "-o", folder / "anew", "--no-cache", "--pairs", listed])],
        "batch, features kept": [timed([*batch, "-o", folder / "kept"])],
    }
    print(f"{arguments.photos} photos of 640x480, {len(pairs)} pairs, {arguments.threads} threads")
    print("| way | pairs | seconds a pair | factor | processor seconds a pair | factor |\n|---|---|---|---|---|---|")
    first = None
    for way, runs in ways.items():
        count = len(pairs) if way.endswith("kept") else len(sample)
        wall, processor = (sum(values) / count for values in zip(*runs))
        first = first or (wall, processor)
        print(f"| {way} | {count} | {wall:.3f} | {first[0] / wall:.2f} | {processor:.3f} | {first[1] / processor:.2f} |")


def memory(arguments, folder: Path) -> None:
    photos = folder / "photos"
    photos.mkdir()
    names = make_photos(photos, arguments.photos)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
    chosen = random.Random(2).sample(pairs, arguments.pairs)
    (folder / "pairs.txt").write_text("".join(f"{a} {b}\n" for a, b in chosen))
    command = [arguments.match, "batch", photos, "-o", folder / "out", "--pairs", folder / "pairs.txt", "--verbose",
               "--threads", arguments.threads, "--memory", f"{arguments.budget}MB", "--max-size", arguments.max_size]
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    start, samples = time.perf_counter(), []
    while process.poll() is None:
        try:
            resident = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * PAGE / 1e6
        except (OSError, IndexError):
            break
        samples.append((time.perf_counter() - start, resident))
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    print(process.communicate()[0], end="")
    peak = max(resident for _, resident in samples)
    print(f"{len(samples)} samples: peak {peak:.0f} MB of a budget of {arguments.budget} MB, {arguments.pairs / seconds:.2f} pairs/s")
    steps, height = 72, 12
    columns = [0.0] * steps
    for at, resident in samples:
        column = min(steps - 1, int(at / seconds * steps))
        columns[column] = max(columns[column], resident)
    for row in range(height, 0, -1):
        level = arguments.budget * row / height
        print(f"{level:6.0f} |" + "".join("#" if value >= level - arguments.budget / height / 2 else " " for value in columns))
    print("    MB +" + "-" * steps + f"> {seconds:.0f} s")
    if peak > arguments.budget: sys.exit("the budget was exceeded")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cache", "memory"])
    parser.add_argument("--match", default=".build/release/match")
    parser.add_argument("--photos", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sample", type=int, default=60, help="cache: pairs for the two slower ways")
    parser.add_argument("--pairs", type=int, default=2000, help="memory: pairs to match")
    parser.add_argument("--budget", type=int, default=600, help="memory: MB")
    parser.add_argument("--max-size", type=int, default=640, help="memory: longer side seen by the network")
    arguments = parser.parse_args()
    arguments.photos = arguments.photos or (40 if arguments.what == "cache" else 200)
    with tempfile.TemporaryDirectory() as folder:
        (cache if arguments.what == "cache" else memory)(arguments, Path(folder))


if __name__ == "__main__":
    main()
