#!/usr/bin/env python3
"""The built-in classifier answers held-out pictures right, through the real daemon and the real client.

usage: shapes_accuracy_test.py BIN_DIR       BIN_DIR holds dnnd and dnnctl
"""

import collections
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "deploy/models"))
sys.path.insert(0, str(ROOT / "tests/testing"))

import shapes  # noqa: E402
from daemon import Daemon  # noqa: E402

# Training took seed 1, its validation seed 2, the pictures in the tree seed 5.
HELD_OUT_SEED = 1001
PICTURES = 400
PICTURES_PER_CALL = 50
# ONNX Runtime behind Pillow's own resize has all 400 right. 0.975 leaves room for chance and for another JPEG decoder,
# and none for a wrong normalisation (0.89). The order of the channels it cannot see: shapes come in any colour.
LEAST_ACCURACY = 0.975


def classified(daemon, files):
    """The best label of each file."""
    reply = daemon.dnnctl("classify", "shapes", *files)
    results = [result for line in reply.splitlines() for result in json.loads(line)["results"]]
    return [result["categories"][0]["label"] for result in results]


def main():
    wrong = collections.Counter()
    right = 0
    with tempfile.TemporaryDirectory() as folder, Daemon(sys.argv[1], ROOT / "deploy/models/store") as daemon:
        expected, files = [], []
        for i, (label, picture) in enumerate(shapes.pictures(HELD_OUT_SEED, PICTURES)):
            expected.append(shapes.LABELS[label])
            files.append(pathlib.Path(folder, f"{i}.{'jpg' if i % 2 else 'png'}"))
            picture.save(files[-1], quality=92)
        for start in range(0, PICTURES, PICTURES_PER_CALL):
            found = classified(daemon, files[start:start + PICTURES_PER_CALL])
            for want, got in zip(expected[start:start + PICTURES_PER_CALL], found, strict=True):
                right += want == got
                wrong[f"{want} taken for {got}"] += want != got
    for mistake, count in +wrong and (+wrong).most_common():
        print(f"{count} {mistake}")
    print(f"accuracy {right / PICTURES:.4f} on {PICTURES} held-out pictures, at least {LEAST_ACCURACY} wanted")
    return 0 if right / PICTURES >= LEAST_ACCURACY else 1


if __name__ == "__main__":
    sys.exit(main())
