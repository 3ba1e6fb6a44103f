"""W4: a JPEG becomes a normalised square of 224, on one core: shorter side to 224, middle cut out, antialiased.

Photos of flickr8k, enlarged with grain added so that they weigh what photos of that size weigh. Ours decodes
large JPEGs at 1/2, 1/4 or 1/8 while 1.5 times the wanted side is left, as `braid embed` and training do;
PIL's draft mode does the like only when asked.
"""

import subprocess

from suite import places
from suite.case import Case, Peer
from suite.side import Side, SideFailed


def photos(width, height, count):
    """A folder of that many JPEGs; made once."""
    folder = places.WORK / "photos" / f"{width}x{height}-{count}"
    if len(list(folder.glob("*.jpg"))) != count:
        done = subprocess.run([str(word) for word in places.peer(
            "photos", places.DATA / "flickr8k/train-000.tar", folder, width, height, count)],
            capture_output=True, text=True, check=False)
        if done.returncode:
            raise SideFailed("photos: " + done.stderr[-400:])
    return folder


def compare(ours, theirs):
    gaps = [abs(a - b) for a, b in zip(ours["values"], theirs["values"])]
    return f"mean |difference| {sum(gaps) / len(gaps):.4f} of -1 .. 1, largest {max(gaps):.3f}"


def cases(quick):
    made = []
    for width, height, count, least in ((500, 375, 64, 2.2), (2000, 1500, 12, 4.0)):
        folder = photos(width, height, count)
        off = [Side("PIL + torchvision", places.peer("pictures", folder))]
        tensors = [Side("torchvision.io + v2 on tensors", places.peer("pictures", folder, "--tensors"))]
        on = [Side("PIL draft + torchvision", places.peer("pictures", folder, "--draft"))]
        made.append(Case(f"{width}x{height}", "photos", Side("braid", [places.program("pictures"), folder]),
                         [Peer("PIL, draft off", off, least), Peer("PIL, draft on", on),
                          Peer("torchvision.io", tensors)], rounds=7, time="cpu_seconds",
                         compare=compare))
    return made
