"""Runs the drivers for clusters for real: a Ray cluster of two nodes on this machine of which one is killed, and the
tasks of a Slurm array one after the other. MATCH names the program (default: .build/release/match).

    python -m venv .venv-ray && .venv-ray/bin/pip install ray numpy pillow pytest
    .venv-ray/bin/python -m pytest integrations
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from read_pairs import read_pairs

HERE = Path(__file__).resolve().parent
MATCH = os.environ.get("MATCH", str(HERE.parent / ".build/release/match"))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Twelve photos of one wall of blocks, each a few pixels further to the side."""
    folder = tmp_path_factory.mktemp("photos")
    wall = np.kron(np.random.default_rng(0).integers(40, 216, (60, 60), np.uint8), np.ones((8, 8), np.uint8))
    for index in range(12):
        x, y = 9 * index, 5 * index
        Image.fromarray(wall[y:y + 240, x:x + 320]).save(folder / f"{index:02}.png")
    return folder


def records(folder):
    """What a folder holds, without times and shards, in the order of names."""
    found = []
    for pair in read_pairs(folder):
        assert pair["type"] == "matched"
        matrix = pair.get("matrix", np.zeros(0))
        found.append((pair["names"], pair["matches"].tobytes(), pair["inliers"].tobytes(), matrix.tobytes()))
    return sorted(found)


@pytest.fixture(scope="module")
def whole(photos, tmp_path_factory):
    output = tmp_path_factory.mktemp("whole")
    subprocess.run([MATCH, "batch", photos, "-o", output, "--quiet"], check=True)
    return records(output)


def test_whole(whole):
    assert len(whole) == 66
    assert len({names for names, *_ in whole}) == 66


def test_reader_leaves_torn_records_out_and_refuses_damage(whole, tmp_path, photos):
    subprocess.run([MATCH, "batch", photos, "-o", tmp_path, "--quiet", "--sequential", "1"], check=True)
    (store,) = tmp_path.glob("*.pairs")
    data, count = store.read_bytes(), len(records(tmp_path))
    assert count == 11
    flipped = lambda place: data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
    for torn in (data[:-1], data[:-100], flipped(len(data) - 5)):
        store.write_bytes(torn)
        assert len(records(tmp_path)) == count - 1
    for whole_store in (data + bytes(3), data + bytes(4096), data + data[-7:]):
        store.write_bytes(whole_store)
        assert len(records(tmp_path)) == count
    for damaged, message in ((flipped(len(data) // 2), "damaged at byte"), (flipped(30), "damaged at byte 16"), (flipped(3), "not a file of pairs")):
        store.write_bytes(damaged)
        with pytest.raises(ValueError, match=message): records(tmp_path)


def test_ray_cluster_that_loses_a_node(photos, whole, tmp_path):
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
        cluster.wait_for_nodes()
        output, work = tmp_path / "out", tmp_path / "work"
        driver = subprocess.Popen(
            [sys.executable, HERE / "ray_batch.py", photos, "-o", output, "--shards", "6", "--match", MATCH,
             "--address", cluster.address, "--work", work],
            stdout=subprocess.PIPE, text=True)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(driver.stdout))
        reader.start()
        # Both nodes are at work and hold part of a shard each; then one is gone, with all its processes.
        end = time.time() + 120
        while time.time() < end:
            if len([path for path in work.glob("*/*.pairs") if path.stat().st_size > 5000]) >= 2: break
            time.sleep(0.02)
        stored = len(list(output.glob("shard-*.pairs")))
        assert stored < 6, "the work was over before a node could be killed"
        cluster.remove_node(nodes[0], allow_graceful=False)
        assert driver.wait(timeout=240) == 0
        reader.join()
    finally:
        cluster.shutdown()
    # Ray may add lines of its own.
    assert [line for line in lines if line.startswith("66 pairs in ")], "".join(lines)
    assert records(output) == whole


def test_ray_refusals_are_not_repeated(tmp_path):
    driver = subprocess.run(
        [sys.executable, HERE / "ray_batch.py", tmp_path / "none", "-o", tmp_path / "out", "--shards", "2",
         "--match", MATCH, "--work", tmp_path / "work"], capture_output=True, text=True)
    assert driver.returncode == 1
    assert "cannot be listed" in driver.stderr and "exit code 66" in driver.stderr


def test_slurm_array(photos, whole, tmp_path):
    for task in (3, 1, 2):
        environment = {**os.environ, "MATCH": MATCH, "SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_MIN": "1",
                       "SLURM_ARRAY_TASK_MAX": "3", "SLURM_CPUS_PER_TASK": "2", "SLURM_MEM_PER_NODE": "2000"}
        subprocess.run([HERE / "slurm_batch.sh", photos, "-o", tmp_path], env=environment, check=True)
    assert records(tmp_path) == whole
    assert len(list(tmp_path.glob("*.pairs"))) == 3
