#!/usr/bin/env python3
"""Writes pictures.json: what Pillow decodes from the valid PNG, JPEG and BMP files of bad_inputs.

Run: python3 pictures.py DATA/bad_inputs > pictures.json   (made with Pillow 13.0.0)

Left out are BMP files that Pillow refuses, and one whose alpha it ignores. RGB, or RGBA where a pixel is not opaque; EXIF orientation applied. Pillow clips 16-bit grey to 255;
its high byte is taken here, as Pillow itself does for 16-bit colour. `fnv` is FNV-1a 64.
"""

import json
import sys
from pathlib import Path

from PIL import Image, ImageOps


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def high_bytes(picture):
    values = list(picture.getdata())
    grey = Image.new("L", picture.size)
    grey.putdata([value >> 8 for value in values])
    colour = grey.convert("RGBA")
    clear = picture.info.get("transparency")
    colour.putalpha(Image.frombytes("L", picture.size, bytes(0 if v == clear else 255 for v in values)))
    return colour


def pixels(path):
    picture = Image.open(path)
    picture.load()
    if picture.mode.startswith("I"):
        picture = high_bytes(picture)
    picture = ImageOps.exif_transpose(picture)
    colour = picture.convert("RGBA")
    return colour.convert("RGB") if colour.getchannel("A").getextrema() == (255, 255) else colour


def main(root):
    lines = []
    for entry in map(json.loads, (root / "manifest.jsonl").open()):
        name = entry["file"]
        folders = ("png_suite/", "jpeg_variants/", "bmp_ok/")
        if not name.startswith(folders) or name == "bmp_ok/V5_A1_R5_G5_B5.bmp":
            continue
        try:
            picture = pixels(root / name)
        except OSError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        lines.append(json.dumps({"file": name, "width": picture.width, "height": picture.height,
                                 "channels": len(picture.mode), "fnv": fnv(picture.tobytes())}))
    print("[\n" + ",\n".join(lines) + "\n]")


main(Path(sys.argv[1]))
