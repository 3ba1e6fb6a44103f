"""W3: photos of 500x375 from JPEG files to vectors, ViT-B/32 in fp32, batches of 32.

From the files to unit vectors, decoding included, all threads on both sides: ours as `braid embed` does it;
the peers as usual, PIL and torchvision in a DataLoader, then torch or onnxruntime. The same weights on all
sides (random, of open_clip's ViT-B/32 without the norm before its blocks).
"""

from suite import machine, pictures, places, training
from suite.case import Case, Peer
from suite.side import Side


def compare(ours, theirs):
    width = 512
    cosines = [sum(a * b for a, b in zip(ours["vectors"][i:i + width], theirs["vectors"][i:i + width]))
               for i in range(0, len(ours["vectors"]), width)]
    return f"least cosine of a photo's two vectors {min(cosines):.6f}"


def recipe():
    made = training.recipe("ViT-B/32", 32)
    path = places.work("embedding") / "vit_b32.yaml"
    path.write_text(made.read_text().replace("keep_side: 224", "keep_side: 224, fit: crop"))
    return path


def cases(quick):
    folder = pictures.photos(500, 375, 64 if quick else 256)
    source = recipe()
    weights = source.with_suffix(".safetensors")
    ours = Side("braid", [places.program("embed_photos"), source, weights, folder, "32"])

    def peer(runner, workers):
        return Side(f"{runner}, {workers} loader workers", places.peer(
            "embedding", weights, folder, "--runner", runner, "--workers", workers))
    torch = [peer(runner, workers) for runner, workers in
             [("torch", 0), ("torch", 1), ("torch", 2), ("compile", 1),
              *([("bf16", 1)] if machine.has_bf16() else [])]]
    onnx = [peer("onnx", workers) for workers in (0, 1, 2)]
    return [Case("ViT-B/32, batch 32", "photos", ours,
                 [Peer("onnxruntime", onnx, 1.3), Peer("torch", torch, 1.3)], rounds=3, compare=compare)]
