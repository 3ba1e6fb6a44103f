"""W5, W6, W7, the peer: torch's scaled dot product attention, open_clip's loss, torch's AdamW.

  kernels.py attention BATCH HEADS STEPS WIDTH
  kernels.py contrastive ROWS WIDTH
  kernels.py adamw PARAMETERS [fused|foreach|default]
"""

import sys

import numpy
import torch
from torch.nn import functional

import serve

PHI = 0.6180339887498949


def spread(count, seed):
    """As bench/kernels/kernel.h makes them."""
    return torch.from_numpy((2 * ((numpy.arange(1, count + 1) * PHI + seed / 10) % 1) - 1).astype(numpy.float32))


def mean_size(x):
    return x.detach().abs().mean(dtype=torch.float64).item()


def attention(batch, heads, steps, width, layout="packed"):
    """q, k, v out of one projection [B, T, 3 H d], as in a transformer block, and its gradient back there."""
    rows = batch * steps * heads * width
    packed = spread(3 * rows, 1).view(batch, steps, 3 * heads * width).requires_grad_()
    gradient = spread(rows, 2).view(batch, steps, heads * width)

    def run():
        q, k, v = packed.view(batch, steps, 3, heads, width).permute(2, 0, 3, 1, 4)
        if layout == "copied":
            q, k, v = q.contiguous(), k.contiguous(), v.contiguous()
        out = functional.scaled_dot_product_attention(q, k, v)
        packed.grad = None
        out.transpose(1, 2).reshape(batch, steps, heads * width).backward(gradient)
        run.output = lambda: {"output": mean_size(out), "gradient": mean_size(packed.grad)}
        return 1

    return run


def contrastive(rows, width):
    from open_clip.loss import ClipLoss
    a, b = (functional.normalize(spread(rows * width, seed).view(rows, width), dim=-1).requires_grad_()
            for seed in (1, 2))
    loss_of = ClipLoss()

    def run():
        a.grad = b.grad = None
        loss = loss_of(a, b, torch.tensor(1 / 0.07))
        loss.backward()
        run.output = lambda: {"output": loss.item(), "gradient": mean_size(a.grad)}
        return 1

    return run


def adamw(count, kind="fused"):
    """In tensors of a transformer's size, as a model has them."""
    side = 768
    gradients = spread(count, 2).split(4 * side * side)
    parameters = [part.view(4 * side, side).clone().requires_grad_() for part in spread(count, 1).split(4 * side * side)]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient.view_as(parameter).clone()
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.1, fused=kind == "fused",
                                  foreach=kind == "foreach")

    optimizer.step()
    size = sum(mean_size(parameter) for parameter in parameters) / len(parameters)

    def run():
        optimizer.step()
        return 1

    run.output = lambda: {"output": size}
    return run


def main():
    name, *words = sys.argv[1:]
    numbers = [int(float(word)) if word[0].isdigit() else word for word in words]
    run = {"attention": attention, "contrastive": contrastive, "adamw": adamw}[name](*numbers)
    serve.serve(run, lambda: run.output(), {"threads": torch.get_num_threads()})


if __name__ == "__main__":
    main()
