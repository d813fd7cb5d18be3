"""Makes the training data smaller, for a machine that is reached by limited transfers.

    python -m training.data.archive --data DIR --to DIR2 --mebibytes 44

Every photo stays; RGB-D frames are thinned out until both archives fit.
"""

from __future__ import annotations

import argparse
import io
import json
import tarfile
from pathlib import Path

from training.data.photos import read_archive, read_files


def write_archive(path: Path, files: dict[str, bytes]) -> int:
    """Writes a tar archive; returns its size."""
    with tarfile.open(path, "w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path.stat().st_size


def thinned(files: dict[str, bytes], every: int) -> dict[str, bytes]:
    """Every so many frames of each sequence, with their description."""
    meta = json.loads(files["meta.json"])
    kept: dict[str, bytes] = {}
    for sequence in meta.values():
        sequence["frames"] = sequence["frames"][::every]
        for frame in sequence["frames"]:
            kept |= {frame[key]: files[frame[key]] for key in ("image", "depth")}
    return kept | {"meta.json": json.dumps(meta).encode()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--mebibytes", type=float, default=44.0, help="of both archives together")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    photos = dict(read_files(arguments.data))
    room = arguments.mebibytes * 2**20 - write_archive(arguments.to / "photos.tar", photos)
    print(f"{len(photos)} photos")
    source = arguments.data / "rgbd.tar"
    if source.exists():
        files = read_archive(source)
        for every in (1, 2, 3, 4, 6, 8, 12, 16):
            if write_archive(arguments.to / "rgbd.tar", thinned(files, every)) <= room:
                print(f"RGB-D frames: every {every}")
                break
        else:
            (arguments.to / "rgbd.tar").unlink()
            print("no room for RGB-D frames")
    total = sum(path.stat().st_size for path in arguments.to.glob("*.tar"))
    print(f"{total / 2**20:.1f} MiB in {arguments.to}")


if __name__ == "__main__":
    main()
