"""W1, the peer: open_clip's towers and loss, torch's fused AdamW. Same weights, photos and captions as ours.

open_clip's text tower is bidirectional with its padding masked and pools the last token, as ours does;
its vision tower has no norm before the blocks. Everything else is what open_clip builds.
"""

import argparse
import json
import pathlib
import sys
import tarfile

import torch
from open_clip.loss import ClipLoss
from open_clip.tokenizer import SimpleTokenizer
from open_clip.transformer import TextTransformer, VisionTransformer
from PIL import Image
from torchvision.transforms import v2

import serve
import weights

BATCHES = 4
END = 49407


def numbers(text):
    return [int(x) for x in text.split(",")]


class Towers(torch.nn.Module):
    def __init__(self, shape, context, found):
        super().__init__()
        width, depth, heads = numbers(shape["image"])
        self.vision = VisionTransformer(int(shape["side"]), int(shape["patch"]), width, depth, heads, 4.0,
                                        output_dim=int(shape["space"]), no_ln_pre=True)
        width, depth, heads = numbers(shape["text"])
        self.text = TextTransformer(context, 49408, width, heads, depth, output_dim=int(shape["space"]),
                                    no_causal_mask=True, use_pad_mask=True, pad_id=0, eos_id=END, pool_type="eos",
                                    proj_bias=True)
        self.logit_scale = torch.nn.Parameter(torch.tensor(1 / 0.07).log())
        self.vision_bias = torch.nn.Parameter(weights.load_vision(self.vision, found))
        weights.load_text(self.text, found)

    def forward(self, pictures, tokens):
        images = torch.nn.functional.normalize(self.vision(pictures) + self.vision_bias, dim=-1)
        texts = torch.nn.functional.normalize(self.text(tokens), dim=-1)
        return images, texts, self.logit_scale.exp()


def read_batches(data, side, size, context):
    folder = pathlib.Path(data) / "flickr8k"
    rows = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()[:BATCHES * size]]
    to_tensor = v2.Compose([v2.Resize((side, side), antialias=True), v2.ToImage(),
                            v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.5] * 3)])
    tars = {name: tarfile.open(folder / name) for name in {row["shard"] for row in rows}}
    pictures = torch.stack([to_tensor(Image.open(tars[row["shard"]].extractfile(row["image"])).convert("RGB"))
                            for row in rows])
    tokens = SimpleTokenizer(context_length=77)([row["captions_en"][0] for row in rows])
    if context == "longest":
        tokens = tokens[:, :int((tokens != 0).sum(1).max())]
    return pictures.split(size), tokens.split(size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--context", default="77")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("shape", nargs="+")
    options = parser.parse_intermixed_args()
    shape = dict(word.split("=") for word in options.shape)
    batch = int(shape["batch"])
    pictures, tokens = read_batches(options.data, int(shape["side"]), batch, options.context)
    model = Towers(shape, tokens[0].shape[1], weights.read_safetensors(options.weights)).train()
    forward = torch.compile(model) if options.compile else model
    loss_of = ClipLoss()
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    spared = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.1}, {"params": spared, "weight_decay": 0}],
                                  lr=1e-4, betas=(0.9, 0.98), eps=1e-8, fused=True)
    losses = []

    def step():
        at = len(losses) % BATCHES
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            images, texts, scale = forward(pictures[at], tokens[at])
            loss = loss_of(images, texts, scale)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        return batch

    serve.serve(step, lambda: {"losses": losses},
                {"context": tokens[0].shape[1], "threads": torch.get_num_threads()})


if __name__ == "__main__":
    sys.exit(main())
