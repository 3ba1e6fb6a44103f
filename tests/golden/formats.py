#!/usr/bin/env python3
"""Writes small pictures of every format into formats/, and formats.json: what Pillow decodes.

Run: python3 formats.py   (made with Pillow 13.0.0; rewrites both)

RGB, or RGBA where a pixel is not opaque; orientation applied; 16 bits as their high byte. `worst` is
the difference of a sample that is no mistake: libtiff multiplies colours by alpha and back.
"""

import json
from pathlib import Path

from PIL import Image, ImageOps

HERE = Path(__file__).parent
FOLDER = HERE / "formats"
WIDTH, HEIGHT = 9, 7


def colour():
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    picture.putdata([(20 + 25 * x, 10 + 33 * y, (x * y * 37) % 256)
                     for y in range(HEIGHT) for x in range(WIDTH)])
    return picture


def clear():
    picture = colour().convert("RGBA")
    alpha = Image.new("L", picture.size)
    alpha.putdata([(x * 31 + y * 5) % 256 for y in range(HEIGHT) for x in range(WIDTH)])
    picture.putalpha(alpha)
    return picture


def wide():  # 16 bits
    picture = Image.new("I;16", (WIDTH, HEIGHT))
    picture.putdata([(x * 7001 + y * 311) % 65536 for y in range(HEIGHT) for x in range(WIDTH)])
    return picture


def indexed():
    return colour().quantize(16)


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def written():
    """name, picture, options of save."""
    rgb, rgba = colour(), clear()
    other = ImageOps.invert(rgb)
    yield "lossy.webp", rgb, {"quality": 80}
    yield "lossless.webp", rgb, {"lossless": True}
    yield "alpha.webp", rgba, {"lossless": True, "exact": True}
    yield "animated.webp", rgb, {"lossless": True, "save_all": True, "append_images": [other]}
    yield "turned.webp", rgb, {"lossless": True, "exif": exif(6)}
    yield "plain.gif", indexed(), {}
    yield "lines.gif", indexed(), {"interlace": 1}
    yield "clear.gif", indexed(), {"transparency": 3, "interlace": 0}
    yield "animated.gif", indexed(), {"save_all": True, "append_images": [other.quantize(16)]}
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"):
        yield f"{compression}.tif", rgb, {"compression": compression}
    yield "alpha.tif", rgba, {}
    yield "grey.tif", rgb.convert("L"), {}
    yield "wide.tif", wide(), {}
    yield "indexed.tif", indexed(), {}
    yield "fax.tif", rgb.convert("1"), {"compression": "group4"}
    yield "inks.tif", rgb.convert("CMYK"), {}
    yield "turned.tif", rgb, {"tiffinfo": {0x0112: 8}}
    yield "grey.bmp", rgb.convert("L"), {}
    yield "bits.bmp", rgb.convert("1"), {}
    yield "indexed.bmp", indexed(), {}
    yield "colour.bmp", rgb, {}
    yield "alpha.bmp", rgba, {}
    yield "colour.ppm", rgb, {}
    yield "grey.pgm", rgb.convert("L"), {}
    yield "wide.pgm", wide(), {}
    yield "bits.pbm", rgb.convert("1"), {}
    yield "wide.png", wide(), {}
    yield "colour.jpg", rgb, {"quality": 90}
    yield "progressive.jpg", rgb, {"quality": 90, "progressive": True}
    yield "inks.jpg", rgb.convert("CMYK"), {"quality": 90}
    yield "turned.jpg", rgb, {"quality": 90, "exif": exif(3)}


TEXTS = {
    "plain_bits.pbm": b"P1\n# stars\n5 2\n10101\n0 1 0 1 0\n",
    "plain_grey.pgm": b"P2 3 2 # maximum:\n 7\n0 1 2\n3 4 7\n",
    "plain_colour.ppm": b"P3\n2 1\n255\n255 0 10  20 30 40\n",
    "odd_maximum.ppm": b"P6\n2 1\n100\n" + bytes([0, 50, 100, 1, 2, 99]),
    "wide_colour.ppm": b"P6 1 1 1000 " + bytes([0x03, 0xE8, 0x01, 0xF4, 0x00, 0x01]),
}


def pixels(path):
    picture = Image.open(path)
    picture.load()
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):
        grey = Image.new("L", picture.size)
        # A PNG or TIFF sample loses its low byte; a PGM sample is scaled by its maximum.
        scale = (lambda v: round(v / 257)) if path.suffix == ".pgm" else (lambda v: v >> 8)
        grey.putdata([scale(v) for v in picture.getdata()])
        picture = grey
    rgba = picture.convert("RGBA")
    return rgba.convert("RGB") if rgba.getchannel("A").getextrema() == (255, 255) else rgba


def worst(name):
    return {"alpha.tif": 8, "inks.tif": 1}.get(name, 0)


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, picture, options in written():
        picture.save(FOLDER / name, **options)
    for name, text in TEXTS.items():
        (FOLDER / name).write_bytes(text)
    lines = []
    for path in sorted(FOLDER.iterdir()):
        picture = pixels(path)
        lines.append(json.dumps({"file": path.name, "width": picture.width, "height": picture.height,
                                 "channels": len(picture.mode), "worst": worst(path.name),
                                 "data": picture.tobytes().hex()}))
    (HERE / "formats.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


main()
