"""braid's weights in open_clip's modules: the same function on both sides."""

import json

import numpy
import torch


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        body = file.read()
    types = {"F32": numpy.float32, "I64": numpy.int64}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            flat = numpy.frombuffer(body[begin:end], types[entry["dtype"]])
            tensors[name] = torch.from_numpy(flat.reshape(entry["shape"]).copy())
    return tensors


def load_blocks(blocks, found, prefix):
    for i, block in enumerate(blocks):
        at = f"{prefix}.{i}."
        pairs = [(block.ln_1, "attention_norm"), (block.ln_2, "mlp_norm"), (block.attn.out_proj, "attention.output"),
                 (block.mlp.c_fc, "mlp.first"), (block.mlp.c_proj, "mlp.second")]
        for module, name in pairs:
            module.weight.copy_(found[at + name + ".weight"])
            module.bias.copy_(found[at + name + ".bias"])
        block.attn.in_proj_weight.copy_(found[at + "attention.input.weight"])
        block.attn.in_proj_bias.copy_(found[at + "attention.input.bias"])


def load_norm(norm, found, prefix):
    norm.weight.copy_(found[prefix + ".weight"])
    norm.bias.copy_(found[prefix + ".bias"])


@torch.no_grad()
def load_vision(vision, found, prefix="image"):
    """open_clip's patches have no bias: ours goes into the positions. Returns the bias of our projection."""
    at = f"{prefix}.encoder."
    vision.conv1.weight.copy_(found[at + "stem.weight"].reshape(vision.conv1.weight.shape))
    vision.class_embedding.copy_(found[at + "class"].flatten())
    positions = found[at + "positions"].clone()
    positions[1:] += found[at + "stem.bias"]
    vision.positional_embedding.copy_(positions)
    load_blocks(vision.transformer.resblocks, found, at + "trunk")
    load_norm(vision.ln_post, found, at + "trunk.norm")
    vision.proj.copy_(found[f"{prefix}.projection.linear.weight"].T)
    return found[f"{prefix}.projection.linear.bias"]


@torch.no_grad()
def load_text(text, found, prefix="text"):
    at = f"{prefix}.encoder."
    text.token_embedding.weight.copy_(found[at + "tokens.weight"])
    text.positional_embedding.copy_(found[at + "positions"][:text.num_pos])
    load_blocks(text.transformer.resblocks, found, at + "trunk")
    load_norm(text.ln_final, found, at + "trunk.norm")
    text.text_projection.weight.copy_(found[f"{prefix}.projection.linear.weight"])
    text.text_projection.bias.copy_(found[f"{prefix}.projection.linear.bias"])
