"""Reads the pairs that `match batch` stores: python integrations/read_pairs.py out/ (layout: docs/formats.md)."""
import json, struct, sys, zlib
from pathlib import Path
import numpy as np

KINDS = [None, "homography", "fundamental", "essential"]

def read_pairs(path):
    """Yields a dict a pair from a .pairs file or all of a folder; a torn last record is left out."""
    hidden = lambda file: any(part.startswith(".") for part in file.relative_to(path).parts)
    for file in sorted(f for f in Path(path).rglob("*.pairs") if not hidden(f)) if Path(path).is_dir() else [path]:
        data, end = memoryview(Path(file).read_bytes()), 16
        if data[:16] != b"match-pairs/1\n\0\0": raise ValueError(f"{file}: not a file of pairs")
        header = None
        while end + 8 <= len(data):
            size, checksum = struct.unpack_from("<II", data, end)
            start, end = end + 8, end + 8 + size
            if end > len(data): break
            if zlib.crc32(data[start:end]) != checksum: raise ValueError(f"{file}: damaged at byte {start - 8}")
            if header is None: header = json.loads(bytes(data[start:end]))
            else: yield {"header": header, **decode(data[start:end])}

def decode(data):
    at = 0
    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at); at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]
    def text(): return bytes(take(f"{take('H')}s")).decode()
    pair = {"type": ["", "matched", "failed"][take("B")], "names": (text(), text())}
    if pair["type"] == "failed": return {**pair, "part": ["pair", "image0", "image1"][take("B")], "reason": text(), "seconds": take("d")}
    pair["sizes"], pair["network_sizes"] = (take("II"), take("II")), (take("II"), take("II"))
    pair["quarter_turns"], pair["geometry"], estimated = take("B"), KINDS[take("B")], take("B")
    if estimated: pair["matrix"], pair["threshold"] = np.array(take("9d")).reshape(3, 3), take("d")
    elif pair["geometry"]: pair["reason"] = text()
    count = take("I")
    pair["matches"] = np.frombuffer(data, "<f4", 5 * count, at).reshape(-1, 5); at += 20 * count  # x0 y0 x1 y1 score
    bits = np.frombuffer(data, "u1", (count + 7) // 8 if estimated else 0, at); at += bits.size
    pair["inliers"] = np.unpackbits(bits, bitorder="little")[:count].astype(bool) if estimated else np.zeros(count, bool)
    return {**pair, "seconds": take("d")}

if __name__ == "__main__":
    for pair in read_pairs(sys.argv[1]):
        print(*pair["names"], pair.get("reason", "") if pair["type"] == "failed" else f"{len(pair['matches'])} matches, {pair['inliers'].sum()} inliers", sep="\t")
