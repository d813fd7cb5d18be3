"""From a folder of photos to a COLMAP model, by our matches and by COLMAP's own SIFT, side by side.

    python Benchmarks/reconstruct.py --match .build/release/match --photos DIR [--truth cameras.txt] [--work DIR]

Fails (status 1) where not every photo is registered, the mean reprojection error is 1 px or more, or (without --truth) SIFT gives
more points.
`--truth`: the file of training/render/make_views.py; poses are compared after similarity alignment. Needs COLMAP and NumPy.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from colmap_model import colmap, pose_errors, reconstruct

SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp"}


def read_truth(path):
    """Poses by name, and the one camera of all views: fx, fy, cx, cy."""
    poses, cameras = {}, set()
    for line in path.read_text().split("\n"):
        if line and not line.startswith("#"):
            name, *values = line.split()
            numbers = np.array(values, float)
            cameras.add(tuple(values[:4]))
            poses[name] = (numbers[4:13].reshape(3, 3), numbers[13:])
    if len(cameras) != 1:
        raise SystemExit(f"{path}: views of different cameras; this script knows one")
    return poses, [float(value) for value in cameras.pop()]


def run(command):
    print("$", " ".join(map(str, command)), flush=True)
    start = time.monotonic()
    subprocess.run(list(map(str, command)), check=True)
    return time.monotonic() - start


def ours(options, camera, fixed):
    """Our model, and the seconds of its steps."""
    work, seconds = options.work, {}
    pairs = options.pairs
    if pairs is None:
        pairs = work / "pairs"
        seconds["matching"] = run([options.match, "batch", options.photos, "-o", pairs, *options.batch.split()])
    database = work / "match.db"
    known = ["--camera", ",".join(f"{value:.12g}" for value in camera)] if camera else []
    seconds["export"] = run([options.match, "export", pairs, "--images", options.photos, "--colmap", database, *options.export.split(), *known])
    start = time.monotonic()
    model = reconstruct(database, options.photos, work / "match", fixed)
    seconds["mapper"] = time.monotonic() - start
    return model, seconds


def sift(options, camera, fixed):
    """COLMAP's own model: its SIFT on the CPU with its defaults, all photos with one camera as ours."""
    work, seconds = options.work, {}
    database = work / "sift.db"
    threads = [] if options.threads is None else ["--SiftExtraction.num_threads", options.threads]
    known = []
    if camera:
        fx, fy, cx, cy = camera
        known = ["--ImageReader.camera_model", "PINHOLE", "--ImageReader.camera_params", f"{fx},{fy},{cx + 0.5},{cy + 0.5}"]
    start = time.monotonic()
    colmap("feature_extractor", "--database_path", database, "--image_path", options.photos, "--ImageReader.single_camera", 1,
           "--SiftExtraction.use_gpu", 0, *known, *threads, log=work / "sift-features.log")
    threads = [] if options.threads is None else ["--SiftMatching.num_threads", options.threads]
    colmap("exhaustive_matcher", "--database_path", database, "--SiftMatching.use_gpu", 0, *threads, log=work / "sift-matches.log")
    seconds["matching"] = time.monotonic() - start
    start = time.monotonic()
    model = reconstruct(database, options.photos, work / "sift", fixed)
    seconds["mapper"] = time.monotonic() - start
    return model, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--match", type=Path, default=Path(".build/release/match"))
    parser.add_argument("--photos", type=Path, required=True, help="the folder of the photos")
    parser.add_argument("--truth", type=Path, help="cameras.txt of training/render/make_views.py")
    parser.add_argument("--pairs", type=Path, help="what 'match batch' wrote already")
    parser.add_argument("--batch", default="", help="options of 'match batch', in one text")
    parser.add_argument("--export", default="", help="options of 'match export', likewise")
    parser.add_argument("--work", type=Path, default=Path("demo/reconstruction"), help="emptied first")
    parser.add_argument("--threads", type=int, help="threads of COLMAP")
    parser.add_argument("--refine-intrinsics", action="store_true", help="with --truth: let COLMAP refine the known camera")
    options = parser.parse_args()
    if shutil.which("colmap") is None:
        raise SystemExit("colmap is not installed: apt-get install colmap")
    photos = [path for path in options.photos.rglob("*") if path.suffix.lower() in SUFFIXES]
    if options.work.exists():
        shutil.rmtree(options.work)
    options.work.mkdir(parents=True)
    poses, camera = read_truth(options.truth) if options.truth else (None, None)
    fixed = [] if options.threads is None else ["--Mapper.num_threads", options.threads]
    if camera and not options.refine_intrinsics:
        for name in ("focal_length", "extra_params"):
            fixed += [f"--Mapper.ba_refine_{name}", 0]
    runs = {"match": ours(options, camera, fixed), "COLMAP's SIFT": sift(options, camera, fixed)}
    failures = report(runs, len(photos), poses)
    for failure in failures:
        print("FAILED:", failure)
    sys.exit(1 if failures else 0)


def report(runs, count, poses):
    """Prints the table; what does not hold."""
    rows = [("registered photos", lambda model, _: f"{model.registered} of {count}"),
            ("points", lambda model, _: f"{model.points}"),
            ("observations", lambda model, _: f"{model.observations}"),
            ("mean track length", lambda model, _: f"{model.track_length:.2f}"),
            ("mean reprojection error, px", lambda model, _: f"{model.error:.3f}")]
    if poses:
        errors = {name: pose_errors(model.poses, poses) for name, (model, _) in runs.items() if model and len(model.poses) > 3}
        spread = np.array([-R.T @ t for R, t in poses.values()])
        print(f"\ncameras within {np.linalg.norm(spread.max(0) - spread.min(0)):.2f} m")
        for place, quantity, unit in ((0, "rotation error", "degrees"), (1, "position error", "m")):
            rows.append((f"{quantity}, median, {unit}", lambda _, name, place=place: f"{np.median(errors[name][place]):.4f}"))
            rows.append((f"{quantity}, largest, {unit}", lambda _, name, place=place: f"{errors[name][place].max():.4f}"))
    print(f"\n{'':32}" + "".join(f"{name:>16}" for name in runs))
    for title, text in rows:
        print(f"{title:32}" + "".join(f"{text(model, name) if model else '-':>16}" for name, (model, _) in runs.items()))
    for step in ("matching", "export", "mapper"):
        print(f"{'seconds, ' + step:32}" + "".join(f"{f'{seconds[step]:.1f}' if step in seconds else '-':>16}" for _, seconds in runs.values()))
    model, other = runs["match"][0], runs["COLMAP's SIFT"][0]
    failures = []
    if model is None or model.registered < count:
        failures.append("not every photo is registered")
    if model and model.error >= 1:
        failures.append("the mean reprojection error is 1 px or more")
    # The rendered views are judged by their poses.
    if not poses and model and other and model.points < other.points:
        failures.append("SIFT gives more points")
    return failures


if __name__ == "__main__":
    main()
