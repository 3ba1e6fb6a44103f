"""W1: one training step of a dual encoder, from batches in memory, on real captions.

Architectures are open_clip's by name, tiny is PERFORMANCE's: 64 px in patches of 8, width 192, 4 blocks a
tower. Both sides start from the same weights and see the same photos and captions; losses are compared
step by step.
"""

from suite import machine, places
from suite.case import Case, Peer
from suite.side import Side

# name: picture side, patch, (width, depth, heads) of pictures and of texts, width of the space, batch
SIZES = {
    "tiny": dict(side=64, patch=8, image=(192, 4, 3), text=(192, 4, 3), space=192, batch=256),
    "ViT-S/16": dict(side=224, patch=16, image=(384, 12, 6), text=(384, 12, 6), space=384, batch=64),
    "ViT-B/32": dict(side=224, patch=32, image=(768, 12, 12), text=(512, 12, 8), space=512, batch=32),
}
LEAST = {"tiny": 2.5, "ViT-S/16": 1.8, "ViT-B/32": 1.5}
ROUNDS = {"tiny": 3, "ViT-S/16": 2, "ViT-B/32": 3}

RECIPE = """\
# Made by bench/run: {name} as open_clip builds it, without dropout and augmentation.
name: bench-{stem}
data:
  files: {{train: {data}/flickr8k/train.jsonl, val: {data}/flickr8k/val.jsonl}}
  key: id
fields:
  image:
    from: image
    modality:
      {{kind: image, size: {side}, keep_side: 224, mean: [0.5], std: [0.5],
       views: {{flip: 0, brightness: 0, contrast: 0, saturation: 0}}}}
    encoder:
      {{kind: vit, patch: {patch}, width: {iw}, depth: {id}, heads: {ih}, dropout: 0, pooling: class}}
  text:
    from: captions_en
    modality:
      {{kind: text, max_tokens: 77, tokenizer_file: {data}/tokenizers/clip_bpe_simple_vocab_16e6.txt.gz,
       views: {{delete: 0, swap: 0, insert: 0, mask: 0}}}}
    encoder: {{kind: text_transformer, width: {tw}, depth: {td}, heads: {th}, dropout: 0, pooling: last}}
space: {{width: {space}}}
alignment:
  - {{between: [image, text], loss: {{kind: info_nce, mask_equal: false}}}}
train: {{batch: {batch}, steps: 100, lr: 0.0001, weight_decay: 0.1, clip: 0}}
"""


def recipe(name, batch):
    size = SIZES[name]
    stem = name.lower().replace("/", "").replace("-", "_")
    path = places.work("training") / f"{stem}.yaml"
    (iw, idepth, ih), (tw, td, th) = size["image"], size["text"]
    path.write_text(RECIPE.format(name=name, stem=stem, data=places.DATA, side=size["side"], patch=size["patch"],
                                  iw=iw, id=idepth, ih=ih, tw=tw, td=td, th=th, space=size["space"],
                                  batch=batch))
    return path


def compare_losses(ours, theirs):
    shared = min(len(ours["losses"]), len(theirs["losses"]))
    first = abs(ours["losses"][0] - theirs["losses"][0])
    last = abs(ours["losses"][shared - 1] - theirs["losses"][shared - 1])
    return f"loss of step 1 differs by {first:.1e}, of step {shared} by {last:.1e}"


def peer_command(name, context, weights, options, batch):
    size = SIZES[name]
    words = [f"{key}={value}" for key, value in dict(
        side=size["side"], patch=size["patch"], image=",".join(map(str, size["image"])),
        text=",".join(map(str, size["text"])), space=size["space"], batch=batch).items()]
    return places.peer("training", "--data", places.DATA, "--weights", weights, "--context", context, *options,
                       *words)


CONFIGURATIONS = {"fp32": [], "fp32, torch.compile": ["--compile"],
                  **({"bf16 autocast": ["--bf16"]} if machine.has_bf16() else {})}


def case(name, quick):
    batch = 16 if quick else SIZES[name]["batch"]
    made = recipe(name, batch)
    weights = made.with_suffix(".safetensors")
    ours = Side("braid", [places.program("training_step"), made, weights])
    peers = []
    for context, title in (("77", "open_clip, 77 tokens"), ("longest", "open_clip, padded to the batch's longest")):
        sides = [Side(label, peer_command(name, context, weights, options, batch))
                 for label, options in CONFIGURATIONS.items()]
        peers.append(Peer(title, sides, LEAST[name] if context == "77" else None,
                          like="" if context == "77" else "open_clip, 77 tokens"))
    return Case(f"{name}, batch {batch}", "pairs", ours, peers, rounds=1 if quick else ROUNDS[name],
                compare=compare_losses, memory=name == "ViT-S/16")


def cases(quick):
    return [case(name, quick) for name in (["tiny"] if quick else SIZES)]
