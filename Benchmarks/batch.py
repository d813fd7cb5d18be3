"""What keeping features gains, and how much memory a batch takes, measured on the photos that ship with the project.

    python Benchmarks/batch.py cache  --match .build/release/match      # 40 photos, all 780 pairs
    python Benchmarks/batch.py memory --plot memory.svg                 # 200 photos, 2000 pairs

`cache` times the same pairs with features kept, with features made anew for every pair, and as one process a pair (on
some pairs, for the whole). `memory` asks for pairs in no order, which keep no small cache busy, and samples the
process's resident memory (its own pages and its files') through the run; beside it, some of the pairs as one process each.
On two cores of a larger machine: `taskset -c 0,1 python Benchmarks/batch.py ...`.
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


def sampled(command: list) -> tuple[float, float, list]:
    """Wall-clock and processor seconds of a batch, and its resident megabytes by second."""
    wall, before = time.perf_counter(), os.times()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    samples = []
    while process.poll() is None:
        try:
            resident = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * PAGE / 1e6
        except (OSError, IndexError):
            break
        samples.append((time.perf_counter() - wall, resident))
        time.sleep(0.05)
    print(process.communicate()[0], end="")
    if process.returncode: sys.exit(f"match batch ended with status {process.returncode}")
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - wall, processor, samples


def plot(samples: list, seconds: float, budget: int) -> str:
    """The largest of the samples in every 200th of the time, as SVG."""
    width, height, left, top, steps = 640, 200, 52, 16, 200
    x = lambda second: left + width * second / seconds
    y = lambda megabytes: top + height * (1 - megabytes / (1.1 * budget))
    peaks = [0.0] * steps
    for at, resident in samples:
        step = min(steps - 1, int(at / seconds * steps))
        peaks[step] = max(peaks[step], resident)
    line = " ".join(f"{x((step + 0.5) * seconds / steps):.1f},{y(peak):.1f}" for step, peak in enumerate(peaks) if peak)
    rule = lambda megabytes, style: f'<path d="M{left} {y(megabytes):.1f}h{width}" {style}/>'
    tick = lambda megabytes: f'<text x="{left - 6}" y="{y(megabytes) + 4:.1f}" text-anchor="end">{megabytes:.0f}</text>'
    below = top + height + 16
    marks = [f'<text x="{x(second):.1f}" y="{below}" text-anchor="middle">{second:.0f} s</text>'
             for second in (seconds * quarter / 4 for quarter in range(5))]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 24} {below + 8}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        *(rule(level, 'stroke="#ccc"') + tick(level) for level in (0, budget / 4, budget / 2, budget * 3 / 4)),
        rule(budget, 'stroke="#c00"') + tick(budget),
        f'<text x="{left + 6}" y="{y(budget) + 14:.1f}" fill="#c00">budget, MB</text>',
        f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="1.5"/>',
        *marks, "</svg>", ""])


def memory(arguments, folder: Path) -> None:
    photos = folder / "photos"
    photos.mkdir()
    names = make_photos(photos, arguments.photos)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
    chosen = random.Random(2).sample(pairs, arguments.pairs)
    (folder / "pairs.txt").write_text("".join(f"{a} {b}\n" for a, b in chosen))
    common = ["--threads", arguments.threads, "--max-size", arguments.max_size]
    single = [*common, "--quiet", "--rotations", "none", "--scales", "none"]
    # Half of them before the batch, half after: the machine may have other work now and then.
    sample = random.Random(1).sample(chosen, min(arguments.sample, len(chosen)))
    middle = (len(sample) + 1) // 2
    runs = [timed([arguments.match, photos / a, photos / b, *single]) for a, b in sample[:middle]]
    wall, processor, samples = sampled([arguments.match, "batch", photos, "-o", folder / "out", "--pairs", folder / "pairs.txt",
                                        "--verbose", "--memory", f"{arguments.budget}MB", *common])
    runs += [timed([arguments.match, photos / a, photos / b, *single]) for a, b in sample[middle:]]
    peak = max(resident for _, resident in samples)
    print(f"{arguments.photos} photos of 640x480, {arguments.pairs} pairs, {arguments.threads} threads, longer side {arguments.max_size}")
    print(f"{len(samples)} samples: peak {peak:.0f} MB of a budget of {arguments.budget} MB")
    print("| way | pairs | seconds a pair | factor | processor seconds a pair | factor |\n|---|---|---|---|---|---|")
    first = [sum(values) / len(runs) for values in zip(*runs)]
    for way, count, times in (("one process a pair", len(runs), first),
                              ("batch", arguments.pairs, (wall / arguments.pairs, processor / arguments.pairs))):
        print(f"| {way} | {count} | {times[0]:.3f} | {first[0] / times[0]:.2f} | {times[1]:.3f} | {first[1] / times[1]:.2f} |")
    if arguments.plot: arguments.plot.write_text(plot(samples, wall, arguments.budget))
    if peak > arguments.budget: sys.exit("the budget was exceeded")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cache", "memory"])
    parser.add_argument("--match", default=".build/release/match")
    parser.add_argument("--photos", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sample", type=int, default=60, help="pairs for the slower ways")
    parser.add_argument("--pairs", type=int, default=2000, help="memory: pairs to match")
    parser.add_argument("--budget", type=int, default=600, help="memory: MB")
    parser.add_argument("--max-size", type=int, default=640, help="memory: longer side seen by the network")
    parser.add_argument("--plot", type=Path, help="memory: draw it here (.svg)")
    arguments = parser.parse_args()
    arguments.photos = arguments.photos or (40 if arguments.what == "cache" else 200)
    with tempfile.TemporaryDirectory() as folder:
        (cache if arguments.what == "cache" else memory)(arguments, Path(folder))


if __name__ == "__main__":
    main()
