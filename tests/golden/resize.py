#!/usr/bin/env python3
"""Writes resize.json: what Pillow's Image.resize gives, for tests/modality/resize_test.cpp.

Run: python3 resize.py > resize.json   (made with Pillow 9.4.0; any version since 2.7 agrees)

Inputs are not stored: both sides draw them from the same 32-bit LCG. `fnv` is FNV-1a 64 of the
output bytes, `first` the first of them, to see how far off a wrong result is.
"""

import json

from PIL import Image

CASES = [  # mode, input size, output size, box or None
    ("RGB", (224, 224), (96, 96), None),
    ("RGB", (96, 96), (224, 224), None),
    ("RGB", (13, 7), (5, 3), None),
    ("RGB", (5, 3), (13, 7), None),
    ("RGB", (1, 1), (4, 4), None),
    ("RGB", (64, 48), (1, 1), None),
    ("RGB", (31, 17), (31, 8), None),
    ("RGB", (31, 17), (8, 17), None),
    ("RGB", (31, 17), (31, 17), None),
    ("RGB", (300, 2), (7, 50), None),
    ("RGB", (100, 80), (32, 32), (10, 20, 90, 70)),
    ("RGB", (100, 80), (32, 32), (10.25, 20.5, 33.3, 61.7)),
    ("RGB", (100, 80), (48, 48), (0.1, 0.2, 99.7, 79.9)),
    ("RGB", (100, 80), (100, 80), (1, 1, 99, 79)),
    ("RGB", (640, 427), (97, 61), (123.456, 7.89, 600.1, 400.2)),
    ("RGBA", (136, 128), (48, 48), None),
    ("RGBA", (17, 19), (40, 23), None),
    ("RGBA", (50, 40), (16, 16), (3.5, 4.5, 44.25, 39.0)),
]
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def noise(count, state=1):
    """Mixes smooth runs and jumps, so that negative lobes of the cubic clip at both ends."""
    out = bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        value = state >> 24
        out.append(0 if value < 64 else 255 if value > 192 else value)
    return bytes(out)


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def main():
    cases = []
    for mode, size, out, box in CASES:
        picture = Image.frombytes(mode, size, noise(size[0] * size[1] * len(mode)))
        for name, kind in FILTERS.items():
            data = picture.resize(out, kind, box=box).tobytes()
            cases.append({"channels": len(mode), "from": size, "to": out, "box": box or (0, 0, *size),
                          "filter": name, "fnv": fnv(data), "first": list(data[:12])})
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()
