"""W10, the peer: from the start of Python to the first hit, with open_clip's towers and faiss.

  search.py prepare MODEL.safetensors EXPORTED_INDEX WORK     # once: a checkpoint and a faiss index
  search.py find WORK SHAPE QUESTION                          # prints {"hits": [{"key", "score"}]}

SHAPE: whole (the model as trained) or text (its text tower alone).
"""

import json
import pathlib
import sys


def towers(found, whole):
    """open_clip's modules of the sizes that the weights have."""
    import torch
    from open_clip.transformer import TextTransformer, VisionTransformer

    import weights

    def depth(prefix):
        return 1 + max(int(name.split(".")[3]) for name in found if name.startswith(f"{prefix}.encoder.trunk.")
                       and name.split(".")[3].isdigit())
    model = torch.nn.Module()
    space, width = found["text.projection.linear.weight"].shape
    model.text = TextTransformer(77, found["text.encoder.tokens.weight"].shape[0], width, width // 64, depth("text"),
                                 output_dim=space, no_causal_mask=True, use_pad_mask=True, pad_id=0, eos_id=49407,
                                 pool_type="eos", proj_bias=True)
    weights.load_text(model.text, found)
    if whole:
        width = found["image.encoder.stem.weight"].shape[0]
        patch = round((found["image.encoder.stem.weight"].shape[1] / 3) ** 0.5)
        side = patch * round((found["image.encoder.positions"].shape[0] - 1) ** 0.5)
        model.vision = VisionTransformer(side, patch, width, depth("image"), width // 64, 4.0, output_dim=space,
                                         no_ln_pre=True)
        weights.load_vision(model.vision, found)
    return model


def prepare(weights_file, exported, work):
    import faiss
    import numpy
    import torch

    import weights
    found = weights.read_safetensors(weights_file)
    torch.save(found, work / "weights.pt")
    vectors = numpy.ascontiguousarray(numpy.load(exported / "vectors.npy"), dtype=numpy.float32)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(work / "photos.faiss"))
    keys = [json.loads(line)["key"] for line in (exported / "items.jsonl").read_text().splitlines()]
    (work / "keys.json").write_text(json.dumps(keys))


def find(work, shape, question):
    import faiss
    import torch
    from open_clip.tokenizer import SimpleTokenizer
    found = torch.load(work / "weights.pt", mmap=True)
    with torch.inference_mode():
        model = towers(found, shape == "whole").eval()
        vector = torch.nn.functional.normalize(model.text(SimpleTokenizer(context_length=77)([question])), dim=-1)
    index = faiss.read_index(str(work / "photos.faiss"))
    scores, rows = index.search(vector.numpy(), 10)
    keys = json.loads((work / "keys.json").read_text())
    print(json.dumps({"hits": [{"key": keys[row], "score": float(score)} for row, score in zip(rows[0], scores[0])]}))


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4]))
    else:
        find(pathlib.Path(sys.argv[2]), *sys.argv[3:])
