"""Our times beside those of the peers, in alternation: `python -m Benchmarks.peers.compare`.

Each round runs the peer and ours (`match bench`), each once for nothing and then three times, of which the median counts:
both start every round warm, and what else the machine does disturbs both alike. The table has medians, the range, and
the ratio of ours to theirs. Rows are kept in --results as they are finished, so that they can be measured one at a time
(--only) and printed together (--table).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import torch

from Benchmarks.peers import document, machine, ours
from Benchmarks.peers.contests import ROWS, Row, random_loftr

PEAK = "peak"
SGEMM = "sgemm"
SGEMM_TARGET = 0.6
REPEATS = 3  # runs a round, of ours and of theirs; their median counts as one
PAUSE = 0.5  # seconds in which the threads of the one go to sleep before the other starts
Prepared = TypeVar("Prepared")
MODELS = {"LoFTR": "loftr", "default": "compact"}
PARTS = {"backbone": ["backbone"], "transformer": ["transformer"], "all of the network": []}


def prepared(work: Callable[[], Prepared]) -> Prepared:
    """Runs `work` on one thread: on a busy machine, PyTorch's threads wait for each other at every small operation."""
    torch.set_num_threads(1)
    try:
        return work()
    finally:
        torch.set_num_threads(os.cpu_count() or 1)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The median time of `repeats` runs after one that does not count, as `match bench` measures."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def run_row(row: Row, program: Path, runs: int) -> dict[str, Any]:
    """Times of a row, in seconds."""
    times: dict[str, Any] = {"ours": [], "theirs": []}
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        contest = prepared(lambda: row.prepare(Path(folder)))
        for _ in range(runs):
            times["theirs"].append(seconds(contest.theirs, REPEATS))
            time.sleep(PAUSE)
            times["ours"].append(ours.bench(program, *contest.arguments, repeats=REPEATS).seconds(contest.stage))
    return times


def run_sgemm(program: Path, runs: int) -> dict[str, Any]:
    """GFLOP/s that the cores can do at most, of the machine's own product of large matrices, and of ours by stage."""
    rates: dict[str, Any] = {PEAK: [], SGEMM: []} | {f"{model}, {part}": [] for model in MODELS for part in PARTS}
    peak, blas, operands = machine.peak(), machine.system_blas(), machine.sgemm_operands()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arguments = {
            "LoFTR": [*ours.textures(folder), *prepared(lambda: random_loftr(folder))[1]],
            "default": ours.street(folder),
        }
        machine.sgemm_seconds(blas, operands)
        for _ in range(runs):
            rates[PEAK].append(peak())
            rates[SGEMM].append(machine.gigaflops(machine.sgemm_seconds(blas, operands)))
            time.sleep(PAUSE)
            for model in MODELS:
                report = ours.bench(program, *arguments[model])
                for part, stages in PARTS.items():
                    rates[f"{model}, {part}"].append(report.rate(*stages))
    return rates


def spread(values: list[float], digits: int) -> str:
    """The median, and the range in brackets."""
    return f"{median(values):.{digits}f} [{min(values):.{digits}f}, {max(values):.{digits}f}]"


def table(results: dict[str, Any]) -> str:
    """The rows that have been measured, as Markdown."""
    lines = [
        f"{results['machine']}; {results['date']};",
        f"{results['versions']}.",
        "",
        "| work (640x480 pair, all cores, float32) | ours, s | theirs, s | ratio | target | runs |",
        "|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        times = results["rows"].get(row.name)
        if times is None:
            continue
        if "skipped" in times:
            lines.append(f"| {row.title} | skipped: {times['skipped']} | | | {row.target} | |")
            continue
        ratio = median(times["ours"]) / median(times["theirs"])
        lines.append(
            f"| {row.title} | {spread(times['ours'], 3)} | {spread(times['theirs'], 3)} | {ratio:.2f} | "
            f"at most {row.target} | {len(times['ours'])} |"
        )
    rates = results["rows"].get(SGEMM)
    if rates is not None:
        roof, own = median(rates[PEAK]), median(rates[SGEMM])
        lines += [
            "",
            f"| GFLOP/s | measured | over the cores' peak | over OpenBLAS (target: at least {SGEMM_TARGET}) |",
            "|---|---|---|---|",
        ]
        titles = {PEAK: "peak: multiply-adds in registers", SGEMM: f"OpenBLAS, sgemm of order {machine.ORDER}"}
        for part, values in rates.items():
            rate = median(values)
            lines.append(
                f"| {titles.get(part, part)} | {spread(values, 0)} | {rate / roof:.2f} | "
                f"{'' if part in titles else f'{rate / own:.2f}'} |"
            )
    return "\n".join(lines)


def main() -> None:
    names = [row.name for row in ROWS] + [SGEMM]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--match", type=Path, default=Path(".build/release/match"), help="our program")
    parser.add_argument("--only", choices=names, action="append", help="measure this row only; may be repeated")
    parser.add_argument("--runs", type=int, default=7, help="rounds (default: 7)")
    parser.add_argument("--results", type=Path, default=Path("demo/peers.json"), help="where times are kept")
    parser.add_argument("--table", action="store_true", help="measure nothing, print what is kept")
    parser.add_argument("--write", type=Path, help="put the tables into this document")
    arguments = parser.parse_args()

    results: dict[str, Any] = {"rows": {}}
    if (arguments.table or arguments.only) and arguments.results.exists():
        results = json.loads(arguments.results.read_text())
    if not arguments.table:
        results |= {"machine": machine.processor(), "versions": machine.versions(), "date": date.today().isoformat()}
        for name in names if arguments.only is None else arguments.only:
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                if name == SGEMM:
                    results["rows"][name] = run_sgemm(arguments.match, arguments.runs)
                else:
                    row = next(row for row in ROWS if row.name == name)
                    results["rows"][name] = run_row(row, arguments.match, arguments.runs)
            except (ImportError, RuntimeError) as error:
                # A peer that is not there, or a model that our program does not know, costs its own row only.
                results["rows"][name] = {"skipped": str(error).splitlines()[0]}
            arguments.results.parent.mkdir(parents=True, exist_ok=True)
            arguments.results.write_text(json.dumps(results, indent=1))
    print(table(results))
    if arguments.write:
        document.replace(arguments.write, "peers", table(results))


if __name__ == "__main__":
    main()
