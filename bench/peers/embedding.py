"""W3, the peer: photos to unit vectors by torch or onnxruntime, PIL + torchvision before, in a DataLoader."""

import argparse
import pathlib

import torch
from open_clip.transformer import VisionTransformer
from PIL import Image
from torchvision.transforms import InterpolationMode, v2

import serve
import weights


class Tower(torch.nn.Module):
    def __init__(self, found):
        super().__init__()
        self.vision = VisionTransformer(224, 32, 768, 12, 12, 4.0, output_dim=512, no_ln_pre=True)
        self.bias = weights.load_vision(self.vision, found)

    def forward(self, pictures):
        return torch.nn.functional.normalize(self.vision(pictures) + self.bias, dim=-1)


class Photos(torch.utils.data.Dataset):
    def __init__(self, folder):
        self.names = sorted(folder.glob("*.jpg"))
        self.change = v2.Compose([v2.Resize(224, interpolation=InterpolationMode.BILINEAR, antialias=True),
                                  v2.CenterCrop(224), v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
                                  v2.Normalize([0.5] * 3, [0.5] * 3)])

    def __len__(self):
        return len(self.names)

    def __getitem__(self, i):
        return self.change(Image.open(self.names[i]).convert("RGB"))


def onnx_runner(tower, work):
    import onnxruntime
    path = work / "vit_b32.onnx"
    torch.onnx.export(tower, (torch.zeros(2, 3, 224, 224),), str(path), input_names=["pictures"],
                      dynamic_axes={"pictures": {0: "batch"}}, opset_version=17, dynamo=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda pictures: torch.from_numpy(session.run(None, {"pictures": pictures.numpy()})[0])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weights")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--runner", choices=["torch", "bf16", "compile", "onnx"], default="torch")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    tower = Tower(weights.read_safetensors(options.weights)).eval()
    encode = tower
    if options.runner == "onnx":
        encode = onnx_runner(tower, pathlib.Path(options.weights).parent)
    if options.runner == "compile":
        encode = torch.compile(tower)
    loader = torch.utils.data.DataLoader(Photos(options.folder), batch_size=32, num_workers=options.workers,
                                         persistent_workers=options.workers > 0)
    parts = []

    @torch.inference_mode()
    def measure():
        parts.clear()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.runner == "bf16"):
            parts.extend(encode(pictures).float() for pictures in loader)
        return len(loader.dataset)

    serve.serve(measure, lambda: {"vectors": torch.cat(parts).flatten().tolist()},
                {"threads": torch.get_num_threads()})


if __name__ == "__main__":
    main()
