"""W5, W6, W7, the peer: torch's scaled dot product attention, open_clip's loss, torch's AdamW.

  kernels.py attention BATCH HEADS STEPS WIDTH
  kernels.py contrastive ROWS WIDTH
  kernels.py adamw PARAMETERS [fused|foreach|default]
"""

import sys

import torch
from torch.nn import functional

import serve


def attention(batch, heads, steps, width, layout="packed"):
    """q, k, v out of one projection [B, T, 3 H d], as in a transformer block, and its gradient back there."""
    packed = torch.randn(batch, steps, 3 * heads * width, requires_grad=True)
    gradient = torch.randn(batch, steps, heads * width)

    def run():
        q, k, v = packed.view(batch, steps, 3, heads, width).permute(2, 0, 3, 1, 4)
        if layout == "copied":
            q, k, v = q.contiguous(), k.contiguous(), v.contiguous()
        out = functional.scaled_dot_product_attention(q, k, v)
        packed.grad = None
        out.transpose(1, 2).reshape(batch, steps, heads * width).backward(gradient)
        return 1

    return run


def contrastive(rows, width):
    from open_clip.loss import ClipLoss
    torch.manual_seed(1)
    a, b = (functional.normalize(torch.rand(rows, width) * 2 - 1, dim=-1).requires_grad_() for _ in range(2))
    loss_of = ClipLoss()

    def run():
        a.grad = b.grad = None
        loss = loss_of(a, b, torch.tensor(1 / 0.07))
        loss.backward()
        run.loss = loss.item()
        return 1

    return run


def adamw(count, kind="fused"):
    """In tensors of a transformer's size, as a model has them."""
    side = 768
    parameters = [torch.randn(4 * side, side).requires_grad_() for _ in range(count // (4 * side * side))]
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.1, fused=kind == "fused",
                                  foreach=kind == "foreach")

    def run():
        optimizer.step()
        return 1

    return run


def main():
    name, *words = sys.argv[1:]
    numbers = [int(float(word)) if word[0].isdigit() else word for word in words]
    run = {"attention": attention, "contrastive": contrastive, "adamw": adamw}[name](*numbers)
    serve.serve(run, lambda: {"loss": getattr(run, "loss", None)}, {"threads": torch.get_num_threads()})


if __name__ == "__main__":
    main()
