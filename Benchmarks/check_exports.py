"""Reads every file that `match export` writes with the programs that they are for, and compares them with each other.

    python Benchmarks/check_exports.py --match .build/release/match --pairs DIR --photos DIR [--work DIR]

The database with Python's sqlite3, hloc's files with h5py by hloc's own rules, the text files by COLMAP's importers.
Needs COLMAP, NumPy and h5py.
"""

import argparse
import csv
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
from colmap_model import colmap, read_database


def read_hloc(features, matches):
    """Keypoints by name and matches by pair of names, found as hloc finds them."""
    keypoints = {}

    def visit(path, item):
        if isinstance(item, h5py.Dataset) and path.endswith("/keypoints"):
            keypoints[path[:-len("/keypoints")]] = item[()]

    with h5py.File(features, "r") as file:
        file.visititems(visit)
        for name, points in keypoints.items():
            group = file[name]
            assert group["scores"].shape == (len(points),), name
            assert group["image_size"].shape == (2,), name
            assert (points > -0.5 - 1e-3).all() and (points < group["image_size"][()] - 0.5 + 1e-3).all(), name
    found = {}
    with h5py.File(matches, "r") as file:
        flat = {name.replace("/", "-"): name for name in keypoints}
        for first in file:
            for second in file[first]:
                group = file[first][second]
                partners, scores = group["matches0"][()], group["matching_scores0"][()]
                assert partners.shape == scores.shape == (len(keypoints[flat[first]]),)
                assert ((scores > 0) == (partners >= 0)).mean() > 0.999
                left = np.flatnonzero(partners != -1)
                found[flat[first], flat[second]] = np.stack([left, partners[left]], 1)
    return keypoints, found


def as_set(rows):
    return {(int(a), int(b)) for a, b in rows}


def same_keypoints(name, ours, theirs, tolerance):
    # COLMAP's importer drops images without keypoints.
    ours, theirs = ({image: points for image, points in images.items() if len(points)} for images in (ours, theirs))
    assert set(ours) == set(theirs), f"{name}: other images"
    worst = max(np.abs(ours[image] - theirs[image]).max(initial=0) for image in ours)
    assert worst <= tolerance, f"{name}: keypoints differ by {worst} px"
    return worst


def same_matches(name, ours, theirs):
    assert set(ours) == set(theirs), f"{name}: other pairs"
    for pair in ours:
        assert as_set(ours[pair]) == as_set(theirs[pair]), f"{name}: other matches of {pair}"
    return sum(len(rows) for rows in ours.values())


def import_text(options, text):
    """The text files through COLMAP: databases with all matches (verified by COLMAP) and with our inliers."""
    databases = []
    for kind in ("raw", "inliers"):
        database = options.work / f"{kind}.db"
        colmap("feature_importer", "--database_path", database, "--image_path", options.photos, "--import_path", text,
               log=options.work / f"{kind}-features.log")
        colmap("matches_importer", "--database_path", database, "--match_list_path", text / f"matches.{kind}", "--match_type", kind,
               "--SiftMatching.use_gpu", 0, log=options.work / f"{kind}-matches.log")
        databases.append(read_database(database))
    return databases


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--match", type=Path, default=Path(".build/release/match"))
    parser.add_argument("--pairs", type=Path, required=True, help="what 'match batch' wrote")
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("demo/exports"), help="emptied first")
    options = parser.parse_args()
    if options.work.exists():
        shutil.rmtree(options.work)
    options.work.mkdir(parents=True)
    database, features, matches = (options.work / name for name in ("all.db", "features.h5", "matches.h5"))
    text, tables = options.work / "text", options.work / "csv"
    # Without EXIF data, because COLMAP's pixels of a turned photo are not ours with half a pixel added.
    subprocess.run([options.match, "export", options.pairs, "--no-exif", "--colmap", database, "--hloc", features, matches,
                    "--colmap-text", text, "--csv", tables, "-q"], check=True)

    keypoints, raw, verified = read_database(database)
    count = sum(len(points) for points in keypoints.values())
    print(f"database: {len(keypoints)} images, {count} keypoints, {len(raw)} pairs, {sum(map(len, raw.values()))} matches, "
          f"{sum(map(len, verified.values()))} verified")
    for pair, rows in raw.items():
        assert len({a for a, _ in rows}) == len({b for _, b in rows}) == len(rows), f"{pair}: a keypoint comes twice"
        assert as_set(verified.get(pair, ())) <= as_set(rows)

    hloc_keypoints, hloc_matches = read_hloc(features, matches)
    worst = same_keypoints("hloc", keypoints, {name: points + 0.5 for name, points in hloc_keypoints.items()}, 1e-3)
    print(f"hloc: the same keypoints half a pixel less (within {worst:.1g} px), the same {same_matches('hloc', raw, hloc_matches)} matches")

    (text_keypoints, text_raw, by_colmap), (_, _, text_verified) = import_text(options, text)
    worst = same_keypoints("text", keypoints, text_keypoints, 1e-3)
    print(f"text: COLMAP imports the same keypoints (within {worst:.1g} px), {same_matches('text', raw, text_raw)} matches, "
          f"{same_matches('text', verified, text_verified)} verified ones; by its own verification {sum(map(len, by_colmap.values()))}")

    files = list(tables.rglob("*.csv"))
    rows = [len(list(csv.DictReader(path.open()))) for path in files]
    print(f"csv: {len(files)} files, {sum(rows)} matches")
    assert len(files) == len(raw)


if __name__ == "__main__":
    try:
        main()
    except AssertionError as failure:
        sys.exit(f"FAILED: {failure}")
