"""Renders the demonstration's pair and the whole fixture set again, byte for byte.

    python -m training.render.make_fixtures [--output fixtures] [--only NAME ...] [--workers 3] [--check]

`--check` writes nothing: it renders and compares with fixtures/rendered/SHA256SUMS. The bytes depend on the versions in
training/requirements.txt (random numbers, Fourier transforms, JPEG encoder), not on the number of workers.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy starts: sums must not depend on the number of threads

import argparse  # noqa: E402
import hashlib  # noqa: E402
import multiprocessing  # noqa: E402
from pathlib import Path  # noqa: E402

from training.render.demo import render_demo  # noqa: E402
from training.render.homography_pairs import SEQUENCES, render_sequences  # noqa: E402
from training.render.pose_pairs import SCENES, render_pose_pairs  # noqa: E402

GRADES_HEAD = "# path0 path1 grade kind rotation_degrees overlap (the smaller share of a picture that the other one sees)\n"


def _work(task):
    kind, name = task
    if kind == "demo":
        return task, render_demo()
    return task, (render_pose_pairs(name) if kind == "pose" else render_sequences(name))


def render_all(only=(), workers=3):
    """Every file of the set as {path: bytes}, paths relative to the fixtures folder."""
    tasks = [("demo", "demo")] + [("pose", name) for name in SCENES] + [("homography", name) for name in SEQUENCES]
    tasks = [task for task in tasks if not only or task[1] in only or task[0] in only]
    done = {}
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for task, result in pool.imap_unordered(_work, tasks, chunksize=1):
            done[task] = result
            print("rendered", *task, flush=True)
    files, lines, grades = {}, [], []
    for task in tasks:
        if task[0] == "demo":
            files.update({f"demo/{path}": data for path, data in done[task].items()})
        elif task[0] == "pose":
            for pair in done[task]:
                files.update({f"rendered/pose/{path}": data for path, data in pair.files.items()})
                lines.append(pair.line)
                grades.append(pair.grade)
        else:
            files.update({f"rendered/homography/{path}": data for path, data in done[task].items()})
    if lines:
        files["rendered/pose/pairs.txt"] = ("\n".join(lines) + "\n").encode()
        files["rendered/pose/grades.txt"] = (GRADES_HEAD + "\n".join(grades) + "\n").encode()
    sums = [f"{hashlib.sha256(files[path]).hexdigest()}  {path}" for path in sorted(files)]
    files["rendered/SHA256SUMS"] = ("\n".join(sums) + "\n").encode()
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("fixtures"))
    parser.add_argument("--only", nargs="*", default=(), help="names of scenes or sequences; or demo, pose, homography")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--check", action="store_true", help="compare with the files in --output instead of writing")
    options = parser.parse_args()
    files = render_all(tuple(options.only), options.workers)
    if options.only:
        del files["rendered/SHA256SUMS"]
    if options.check:
        def same(path, data):
            return (options.output / path).is_file() and (options.output / path).read_bytes() == data

        partial = ("rendered/pose/pairs.txt", "rendered/pose/grades.txt") if options.only else ()
        wrong = [path for path, data in files.items() if path not in partial and not same(path, data)]
        print(f"{len(files) - len(wrong)} of {len(files)} files agree", *wrong, sep="\n  ")
        raise SystemExit(1 if wrong else 0)
    for path, data in files.items():
        target = options.output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    print(f"wrote {len(files)} files, {sum(map(len, files.values())) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
