"""Reads the pairs that `match batch` stores: python integrations/read_pairs.py out/ (layout: docs/formats.md)."""
import io, json, struct, sys, zlib
from pathlib import Path
import numpy as np

def read_pairs(path):
    """Yields a dict a record of a .pairs file, or of all files of a folder; of a pair's records the last one counts."""
    root = Path(path)
    for file in sorted(f for f in root.rglob("*.pairs") if "/." not in f"/{f.relative_to(root)}") if root.is_dir() else [root]:
        data, at, header = memoryview(file.read_bytes()), 16, None
        if not b"match-pairs/1\n\0\0".startswith(data[:16]): raise ValueError(f"{file}: not a file of pairs")
        while at + 8 <= len(data) and any(data[at:]):  # a last record may be torn, or zeros
            size, checksum = struct.unpack_from("<II", data, at)
            record, start, at = data[at + 8:at + 8 + size], at, at + 8 + size
            if zlib.crc32(record) != checksum and at < len(data): raise ValueError(f"{file}: damaged at byte {start}")
            if zlib.crc32(record) != checksum or at > len(data): break
            if header: yield {"header": header, **decode(record)}
            else: header = json.loads(bytes(record))

def decode(record):
    """A record's fields; a row of the matches is x0 y0 x1 y1 score."""
    stream = io.BytesIO(record)
    take = lambda form: struct.unpack("<" + form, stream.read(struct.calcsize("<" + form)))
    text = lambda: stream.read(*take("H")).decode()
    if take("B") == (2,):
        return {"type": "failed", "names": (text(), text()), "part": ("pair", "image0", "image1")[take("B")[0]],
                "reason": text(), "seconds": take("d")[0]}
    pair = {"type": "matched", "names": (text(), text()), "sizes": (take("II"), take("II")), "network_sizes": (take("II"), take("II"))}
    pair["quarter_turns"], kind, estimated = take("3B")
    pair["geometry"] = (None, "homography", "fundamental", "essential")[kind]
    if estimated: pair |= {"matrix": np.reshape(take("9d"), (3, 3)), "threshold": take("d")[0]}
    elif kind: pair["reason"] = text()
    count, = take("I")
    pair["matches"] = np.frombuffer(stream.read(20 * count), "<f4").reshape(-1, 5)
    bits = np.frombuffer(stream.read((count + 7) // 8) if estimated else bytes(count), np.uint8)
    return pair | {"inliers": np.unpackbits(bits, bitorder="little")[:count].astype(bool), "seconds": take("d")[0]}

if __name__ == "__main__":
    for pair in read_pairs(sys.argv[1]):
        failed = pair["type"] == "failed"
        print(*pair["names"], pair["reason"] if failed else f"{len(pair['matches'])} matches, {pair['inliers'].sum()} inliers", sep="\t")
