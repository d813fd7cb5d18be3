"""Time and memory of whole processes, from files to CSV: `python -m Benchmarks.peers.process`.

What a user of the terminal waits for, start included. LoFTR has random weights: threshold 0 gives it windows to refine,
and no other views are tried, as they would be for every pair that hardly matches.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

import cv2

from Benchmarks.peers import document, machine, ours
from Benchmarks.peers.compare import prepared
from Benchmarks.peers.contests import random_loftr


@dataclass(frozen=True)
class Row:
    """A process to measure, and the most that is asked of it."""

    model: str
    size: tuple[int, int]
    suffix: str
    megabytes: int | None
    seconds: float | None = None


ROWS = (
    Row("default", (640, 480), ".jpg", 200, 0.4),
    Row("default", (640, 480), ".png", 200, 0.4),
    Row("default", (1600, 1200), ".jpg", 600),
    Row("default", (3840, 2160), ".jpg", 2500),
    Row("LoFTR", (640, 480), ".jpg", 600),
    Row("LoFTR", (1600, 1200), ".jpg", 2500),
)


# Linux counts a process's largest memory from before it became another program, when it still shared that of this large
# one; a small one in between starts it instead.
STARTER = """
import os, sys, time
nowhere = os.open(os.devnull, os.O_WRONLY)
start = time.perf_counter()
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1)])
_, status, usage = os.wait4(process, 0)
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def run(command: list[str]) -> tuple[float, float]:
    """Seconds and the largest resident megabytes of one process."""
    finished = subprocess.run([sys.executable, "-S", "-c", STARTER, *command], capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {finished.stderr.strip()}")
    seconds, kilobytes = finished.stdout.split()
    return float(seconds), int(kilobytes) * 1024 / 1e6


def measured(program: Path, runs: int) -> Iterator[str]:
    """The table, a line at a time."""
    yield "| model | photos | seconds | asked | peak memory | asked |"
    yield "|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = [str(argument) for argument in prepared(lambda: random_loftr(folder))[1]]
        options = {"default": [], "LoFTR": [*weights, "--threshold", "0", "--rotations", "none", "--scales", "none"]}
        start = [run([str(program), "--version"]) for _ in range(runs + 1)][1:]
        seconds, megabytes = median(first for first, _ in start), max(second for _, second in start)
        yield f"| | `--version` only | {seconds:.3f} | 0.05 | {megabytes:.0f} MB | |"
        for row in ROWS:
            photos = [str(path) for path in ours.street(folder, row.size, row.suffix, cv2.IMREAD_COLOR)]
            command = [str(program), *photos, "--max-size", "0", *options[row.model], "-o", str(folder / "matches.csv")]
            results = [run(command) for _ in range(runs + 1)][1:]
            seconds, megabytes = median(first for first, _ in results), max(second for _, second in results)
            limits = [f"{row.seconds}" if row.seconds else "", f"{row.megabytes} MB" if row.megabytes else ""]
            yield (
                f"| {row.model} | {row.size[0]}x{row.size[1]} {row.suffix[1:].upper()} | {seconds:.2f} | {limits[0]} | "
                f"{megabytes:.0f} MB | {limits[1]} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--match", type=Path, default=Path(".build/release/match"), help="our program")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, after one that does not count (default: 3)")
    parser.add_argument("--write", type=Path, help="put the table into this document")
    arguments = parser.parse_args()
    lines = [f"{machine.processor()}; median seconds and largest memory of {arguments.runs} runs; {date.today().isoformat()}.", ""]
    print(lines[0] + "\n")
    for line in measured(arguments.match.resolve(), arguments.runs):
        print(line, flush=True)
        lines.append(line)
    if arguments.write:
        document.replace(arguments.write, "process", "\n".join(lines))


if __name__ == "__main__":
    main()
