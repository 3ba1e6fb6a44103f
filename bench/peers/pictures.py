"""W4, the peer: PIL and torchvision on one thread, with PIL's draft mode or without; or torchvision.io."""

import argparse
import io
import pathlib

import torch
from PIL import Image
from torchvision import io as tv_io
from torchvision.transforms import InterpolationMode, v2

import serve


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--draft", action="store_true")
    parser.add_argument("--tensors", action="store_true", help="torchvision.io and transforms on tensors")
    options = parser.parse_args()
    torch.set_num_threads(1)
    files = [path.read_bytes() for path in sorted(options.folder.glob("*.jpg"))]
    steps = [v2.Resize(options.size, interpolation=InterpolationMode.BILINEAR, antialias=True),
             v2.CenterCrop(options.size)]
    scale = [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.5] * 3)]
    whole = v2.Compose(steps + ([] if options.tensors else [v2.ToImage()]) + scale)

    def view(data):
        if options.tensors:
            return whole(tv_io.decode_jpeg(torch.frombuffer(bytearray(data), dtype=torch.uint8)))
        picture = Image.open(io.BytesIO(data))
        if options.draft:
            picture.draft("RGB", (options.size, options.size))
        return whole(picture.convert("RGB"))

    def measure():
        for data in files:
            view(data)
        return len(files)

    serve.serve(measure, lambda: {"values": view(files[0]).flatten().tolist()})


if __name__ == "__main__":
    main()
