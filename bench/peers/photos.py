"""Makes JPEG photos for the bench out of flickr8k's: enlarged, with detail added so that they weigh what
photos of that size weigh, quality 85.   photos.py TAR FOLDER WIDTH HEIGHT COUNT
"""

import pathlib
import sys
import tarfile

import numpy
from PIL import Image


def main():
    source, folder, width, height, count = sys.argv[1], pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:])
    folder.mkdir(parents=True, exist_ok=True)
    noise = numpy.random.default_rng(0)
    with tarfile.open(source) as tar:
        names = [name for name in tar.getnames() if name.endswith(".jpg")][:count]
        for name in names:
            picture = Image.open(tar.extractfile(name)).convert("RGB").resize((width, height), Image.BICUBIC)
            grain = noise.normal(0, 6, (height, width, 1))
            pixels = numpy.clip(numpy.asarray(picture) + grain, 0, 255).astype(numpy.uint8)
            Image.fromarray(pixels).save(folder / name, quality=85)


if __name__ == "__main__":
    main()
