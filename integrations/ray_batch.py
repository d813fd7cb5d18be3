"""Matches the pairs of a folder on a Ray cluster: shards of `match batch` as tasks, retried where a machine is lost.

    pip install ray numpy
    match batch photos/ -o out/ --overlap-search 20 --write-pairs pairs.txt      # or any other choice of pairs
    python integrations/ray_batch.py photos/ -o out/ --shards 64 --address auto -- --pairs pairs.txt --memory 8GB

What follows `--` goes to `match batch` as it is. The photos (and the list of pairs) must be at the same path on every
machine. Each shard's store comes back through Ray into the output folder when it is complete; the same command goes on
where an earlier one stopped. A machine that a shard returns to, or a shared --work folder, saves the pairs that it had.
"""

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import ray

sys.path.insert(0, str(Path(__file__).resolve().parent))
from read_pairs import read_pairs


class ShardKilled(Exception):
    """`match` was ended by a signal, as the kernel does where memory runs out: worth another try."""


class ShardFailed(Exception):
    """`match` refused: another try would end the same way."""


def run_shard(command: list[str], index: int, count: int, work: str) -> bytes:
    """Matches one shard and returns its store."""
    folder = Path(work) / f"{index}-of-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    # PR_SET_PDEATHSIG: if Ray ends this worker, `match` ends too and gives its store free for the next try.
    die_with_worker = lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    process = subprocess.run(
        [*command, "-o", str(folder), "--shard", f"{index}/{count}", "--quiet"],
        stderr=subprocess.PIPE, text=True, preexec_fn=die_with_worker)
    if process.returncode < 0:
        raise ShardKilled(f"shard {index}/{count} was ended by signal {-process.returncode}")
    if process.returncode != 0:
        raise ShardFailed(f"shard {index}/{count}: {process.stderr.strip()} (exit code {process.returncode})")
    return (folder / f"shard-{index}-of-{count}.pairs").read_bytes()


def keep(store: bytes, path: Path) -> None:
    """Writes a whole store or nothing."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        file.write(store)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)


def check(output: Path) -> tuple[int, int]:
    """The number of pairs in the folder and of those that failed; every pair must be there once, or again after it failed."""
    types, expected = {}, 0
    for pair in read_pairs(output):
        expected = pair["header"]["pairCount"]
        if types.get(pair["names"]) == "matched":
            raise SystemExit(f"{output}: the pair {' '.join(pair['names'])} is there twice")
        types[pair["names"]] = pair["type"]
    if len(types) != expected:
        raise SystemExit(f"{output}: {len(types)} of {expected} pairs are there")
    return len(types), list(types.values()).count("failed")


def main() -> None:
    own, extra = sys.argv[1:], []
    if "--" in own:
        own, extra = own[:own.index("--")], own[own.index("--") + 1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="the folder of the photos, at the same path on every machine")
    parser.add_argument("-o", "--output", required=True, type=Path, help="the folder for the stores, on this machine")
    parser.add_argument("--shards", type=int, required=True, help="tasks; some for every machine, minutes each")
    parser.add_argument("--address", help="the cluster (auto: the running one; default: this machine alone)")
    parser.add_argument("--match", default="match", help="the program, at the same path on every machine")
    parser.add_argument("--cpus", type=int, default=1, help="processors of a task, and its --threads")
    parser.add_argument("--work", default="/var/tmp/match-batch", help="folder on the workers for shards under way")
    parser.add_argument("--retries", type=int, default=5, help="tries of a shard whose worker is lost")
    arguments = parser.parse_args(own)

    ray.init(address=arguments.address, log_to_driver=False, logging_level="warning")
    arguments.output.mkdir(parents=True, exist_ok=True)
    command = [arguments.match, "batch", str(Path(arguments.folder).absolute()), "--threads", str(arguments.cpus), *extra]
    task = ray.remote(
        num_cpus=arguments.cpus, max_retries=arguments.retries, retry_exceptions=[ShardKilled])(run_shard)
    stores = {
        index: arguments.output / f"shard-{index}-of-{arguments.shards}.pairs"
        for index in range(1, arguments.shards + 1)}
    waiting = {
        task.remote(command, index, arguments.shards, arguments.work): index
        for index, path in stores.items() if not path.exists()}
    done = len(stores) - len(waiting)
    while waiting:
        (ready,), _ = ray.wait(list(waiting), num_returns=1)
        index = waiting.pop(ready)
        try:
            keep(ray.get(ready), stores[index])
        except ray.exceptions.RayTaskError as error:
            raise SystemExit(f"{error.cause}") from None
        done += 1
        print(f"{done} of {len(stores)} shards", flush=True)
    pairs, failed = check(arguments.output)
    print(f"{pairs} pairs in {arguments.output}, {failed} of them failed")


if __name__ == "__main__":
    main()
