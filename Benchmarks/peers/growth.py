"""Time and memory of our program by image size and by threads: `python -m Benchmarks.peers.growth`.

Prints two tables and draws time by stage against pixels on logarithmic axes (--plot). A time that grows with the number
of pixels is a straight line of slope 1; the comparison of all cells with all cells has slope 2.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

from Benchmarks.peers import document, machine, ours

SIZES = ("320x240", "640x480", "1024x768", "1600x1200", "2560x1920", "3840x2160")
STAGES = ("backbone", "transformer", "coarse matching", "fine matching", "geometry")
COLORS = ("#0072b2", "#009e73", "#d55e00", "#cc79a7", "#999999")
THREADS = (1, 2, 4)
INFERRED = 8  # threads that this machine does not have


def pixels(size: str) -> int:
    """Pixels of one image."""
    width, height = size.split("x")
    return int(width) * int(height)


def measure(program: Path, arguments: list[str], repeats: int) -> dict[str, Any]:
    """Stage times in seconds, their sum, and the peak in bytes."""
    report = ours.bench(program, *arguments, repeats=repeats)
    stages = {stage: report.seconds(stage) for stage in STAGES}
    total, peak = report.json["total"]["medianSeconds"], report.json["peakBytes"]
    return {"stages": stages, "total": total, "peak": peak, "matches": report.json["matches"]}


def size_table(sizes: dict[str, Any]) -> list[str]:
    """Milliseconds by stage, megabytes, and how fast the total grows from the size before."""
    titles = ["size", *STAGES, "total", "peak memory", "slope"]
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    before: tuple[str, float] | None = None
    for size in sorted(sizes, key=pixels):
        row = sizes[size]
        cells = [f"{1e3 * row['stages'][stage]:.1f} ms" for stage in STAGES]
        slope = ""
        if before is not None:
            slope = f"{math.log(row['total'] / before[1]) / math.log(pixels(size) / pixels(before[0])):.2f}"
        lines.append(f"| {size} | {' | '.join(cells)} | {row['total']:.3f} s | {row['peak'] / 1e6:.0f} MB | {slope} |")
        before = (size, row["total"])
    return lines


def thread_table(threads: dict[str, Any], size: str) -> list[str]:
    """Total time and gain of each number of threads."""
    lines = [f"| threads ({size}) | total | gain | peak memory |", "|---|---|---|---|"]
    alone = threads.get("1", {}).get("total")
    for count in sorted(threads, key=int):
        row = threads[count]
        gain = f"{alone / row['total']:.2f}" if alone else ""
        lines.append(f"| {count} | {row['total']:.3f} s | {gain} | {row['peak'] / 1e6:.0f} MB |")
    if len(threads) == len(THREADS):
        shared, divided = law(threads)
        total = shared + divided / INFERRED
        gain = f"{alone / total:.2f}" if alone else ""
        how = f"{shared:.3f} s + {divided:.3f} s / threads, fitted to the rows above"
        lines.append(f"| {INFERRED}, inferred: {how} | {total:.3f} s | {gain} | |")
    return lines


def law(threads: dict[str, Any]) -> tuple[float, float]:
    """Amdahl's law by least squares: seconds that no thread shortens, and seconds that divide among threads."""
    shares, totals = [1 / int(count) for count in threads], [row["total"] for row in threads.values()]
    mean_share, mean_total = fmean(shares), fmean(totals)
    slope = sum((share - mean_share) * (total - mean_total) for share, total in zip(shares, totals))
    slope /= sum((share - mean_share) ** 2 for share in shares)
    return max(0.0, mean_total - slope * mean_share), slope


def draw(results: dict[str, Any], path: Path) -> None:
    """The plot, as SVG or PNG."""
    import matplotlib

    matplotlib.use("Agg")
    # The same bytes for the same figures.
    matplotlib.rcParams["svg.hashsalt"] = "match"
    from matplotlib import pyplot

    sizes = sorted(results["sizes"], key=pixels)
    across = [pixels(size) / 1e6 for size in sizes]
    figure, axes = pyplot.subplots(figsize=(7, 4.6))
    for stage, color in zip(STAGES, COLORS):
        axes.loglog(across, [results["sizes"][size]["stages"][stage] for size in sizes], "o-", color=color, label=stage)
    axes.loglog(across, [results["sizes"][size]["total"] for size in sizes], "ks-", linewidth=2, label="total")
    first = results["sizes"][sizes[0]]["total"]
    for power, style in ((1, ":"), (2, "--")):
        line = [first * (x / across[0]) ** power for x in across]
        axes.loglog(across, line, style, color="#bbbbbb", label=f"grows with pixels{'' if power == 1 else ' squared'}")
    axes.set_xticks(across, [size.replace("x", "\N{MULTIPLICATION SIGN}") for size in sizes], fontsize=7)
    axes.minorticks_off()
    axes.set_xlabel("size of each image")
    axes.set_ylabel("seconds a pair")
    axes.set_title(f"{results['model']}, {results['machine']}", fontsize=9)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--match", type=Path, default=Path(".build/release/match"), help="our program")
    parser.add_argument("--size", action="append", help=f"measure this size only; may be repeated (all: {', '.join(SIZES)})")
    parser.add_argument("--threads", action="store_true", help=f"measure {THREADS} threads only")
    parser.add_argument("--weights", type=Path, help="a model file instead of the default model")
    parser.add_argument("--runs", type=int, default=5, help="runs of each, after one that does not count (default: 5)")
    parser.add_argument("--results", type=Path, default=Path("demo/growth.json"), help="where figures are kept")
    parser.add_argument("--plot", type=Path, help="draw the plot (.svg, .png)")
    parser.add_argument("--write", type=Path, help="put the tables into this document")
    parser.add_argument("--table", action="store_true", help="measure nothing, print and draw what is kept")
    arguments = parser.parse_args()

    model = ["--weights", str(arguments.weights)] if arguments.weights else []
    partial = arguments.table or arguments.size or arguments.threads
    results: dict[str, Any] = {"sizes": {}, "threads": {}}
    if partial and arguments.results.exists():
        results = json.loads(arguments.results.read_text())
    results |= {"model": arguments.weights.stem if arguments.weights else "default model"}
    if not arguments.table:
        results |= {"machine": machine.processor(), "date": date.today().isoformat()}
        def keep() -> None:
            arguments.results.parent.mkdir(parents=True, exist_ok=True)
            arguments.results.write_text(json.dumps(results, indent=1))

        for size in arguments.size or ([] if arguments.threads else SIZES):
            print(f"{size} ...", file=sys.stderr, flush=True)
            # A pair of the largest size takes as long as a hundred of the usual one.
            runs = arguments.runs if pixels(size) <= pixels("1600x1200") else min(arguments.runs, 2)
            results["sizes"][size] = measure(arguments.match, ["--size", size, *model], runs)
            keep()
        for count in THREADS if arguments.threads or not arguments.size else []:
            options = ["--size", "640x480", "--threads", str(count), *model]
            results["threads"][str(count)] = measure(arguments.match, options, arguments.runs)
            keep()
    tables = [size_table(results["sizes"]), thread_table(results["threads"], "640x480")]
    head = f"{results['model']}; {results['machine']}; {results['date']}."
    text = "\n\n".join([head] + ["\n".join(lines) for lines in tables if len(lines) > 2])
    print(text)
    if arguments.write:
        document.replace(arguments.write, "growth", text)
    if arguments.plot:
        draw(results, arguments.plot)


if __name__ == "__main__":
    main()
