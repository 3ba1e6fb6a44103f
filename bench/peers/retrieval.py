"""W2, the peer: an open_clip-style training script. Raw files, DataLoader, AdamW, cosine rate; then recall@10.

  retrieval.py DATA SEED EPOCHS BATCH RATE [WORKERS]
"""

import json
import math
import pathlib
import random
import sys
import tarfile
import time

BEGIN = time.perf_counter()

import torch  # noqa: E402
from open_clip.loss import ClipLoss  # noqa: E402
from open_clip.tokenizer import SimpleTokenizer  # noqa: E402
from open_clip.transformer import TextTransformer, VisionTransformer  # noqa: E402
from PIL import Image  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

SIDE, PATCH, WIDTH, DEPTH, HEADS = 64, 16, 192, 2, 3


class Towers(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.vision = VisionTransformer(SIDE, PATCH, WIDTH, DEPTH, HEADS, 4.0, output_dim=WIDTH, no_ln_pre=True)
        self.text = TextTransformer(77, 49408, WIDTH, HEADS, DEPTH, output_dim=WIDTH, no_causal_mask=True,
                                    use_pad_mask=True, pad_id=0, eos_id=49407, pool_type="eos", proj_bias=True)
        torch.nn.init.normal_(self.text.token_embedding.weight, std=0.05)
        torch.nn.init.normal_(self.text.positional_embedding, std=0.02)
        self.logit_scale = torch.nn.Parameter(torch.tensor(1 / 0.07).log())

    def forward(self, pictures, tokens):
        normalize = torch.nn.functional.normalize
        return normalize(self.vision(pictures), dim=-1), normalize(self.text(tokens), dim=-1)


class Photos(torch.utils.data.Dataset):
    def __init__(self, folder, split, train):
        self.folder, self.train, self.tars = folder, train, {}
        self.rows = [json.loads(line) for line in (folder / f"{split}.jsonl").read_text().splitlines()]
        first = ([v2.RandomResizedCrop(SIDE, scale=(0.4, 1), ratio=(1, 1)), v2.RandomHorizontalFlip()] if train
                 else [v2.Resize((SIDE, SIDE))])
        self.change = v2.Compose(first + [v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
                                          v2.Normalize([0.5] * 3, [0.5] * 3)])
        self.tokenize = SimpleTokenizer(context_length=77)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        row = self.rows[i]
        if row["shard"] not in self.tars:
            self.tars[row["shard"]] = tarfile.open(self.folder / row["shard"])
        picture = self.change(Image.open(self.tars[row["shard"]].extractfile(row["image"])).convert("RGB"))
        texts = row["captions_en"]
        return picture, self.tokenize([random.choice(texts)])[0] if self.train else self.tokenize(texts[:5])


@torch.inference_mode()
def recall(model, photos):
    """recall@10, the mean of both directions: a caption finds its photo, a photo any of its captions."""
    model.eval()
    loader = torch.utils.data.DataLoader(photos, batch_size=64)
    images, texts = zip(*(model(pictures, tokens.flatten(0, 1)) for pictures, tokens in loader))
    scores = torch.cat(texts) @ torch.cat(images).T  # [5 N, N]
    owner = torch.arange(scores.shape[0]) // 5
    found = (scores.topk(10, 1).indices == owner[:, None]).any(1).float().mean()
    back = (owner[scores.topk(10, 0).indices] == torch.arange(scores.shape[1])).any(0).float().mean()
    return float(found + back) / 2


def main():
    folder = pathlib.Path(sys.argv[1]) / "flickr8k"
    seed, epochs, batch, rate = int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    workers = int(sys.argv[6]) if len(sys.argv) > 6 else 1
    torch.manual_seed(seed)
    random.seed(seed)
    loader = torch.utils.data.DataLoader(Photos(folder, "train", True), batch_size=batch, shuffle=True, drop_last=True,
                                         num_workers=workers, persistent_workers=workers > 0)
    model = Towers()
    groups = [{"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": 0.1},
              {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), eps=1e-8, fused=True)
    steps, step, loss_of = epochs * len(loader), 0, ClipLoss()
    for epoch in range(epochs):
        model.train()
        for pictures, tokens in loader:
            step += 1
            warm = max(1, round(0.05 * steps))
            share = step / warm if step < warm else 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))
            for group in optimizer.param_groups:
                group["lr"] = rate * share
            loss = loss_of(*model(pictures, tokens), model.logit_scale.exp())
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}", file=sys.stderr)
    trained_s = time.perf_counter() - BEGIN
    print(json.dumps({"recall": recall(model, Photos(folder, "val", False)), "seconds": time.perf_counter() - BEGIN,
                      "training_seconds": trained_s, "steps": step}))


if __name__ == "__main__":
    main()
