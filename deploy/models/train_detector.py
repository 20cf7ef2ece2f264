#!/usr/bin/python3
"""Trains the built-in detector of the store on generated scenes of shapes and writes it as ONNX.

usage: train_detector.py [--store DIR] [--epochs N] [--pictures N]
       needs `deploy/scripts/install-packages.sh train`; a quarter of an hour on one core.

The network has no anchors: each cell of three grids (strides 8, 16, 32) tells how far the four sides of a box are, and how
sure it is of each label. What leaves the ONNX file is what YOLOv8 to v12 give, [4 + labels, cells] of (middle x, middle y,
width, height, scores) in pixels of the input, so that the server recognises it and prepares pictures as `letterboxed` does.

In training a cell learns from a shape when it lies in it and is, of all cells, among the best at it already, as TOOD has it
(Feng et al., 2021); what it learns as score is how good its box is.
"""

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

import scenes
import shapes
import training
from training import convolution

SIDE = 160
PAD = 114
STRIDES = (8, 16, 32)
VALIDATION_SCENES = 400
BATCH = 64
PEAK_RATE = 4e-3
LABELS = len(shapes.LABELS)
# Cells that learn from one shape.
TEACHERS = 10
# How much the quality of the box counts beside the score when cells are ranked (TOOD's beta; its alpha is 1).
BOX_EXPONENT = 6
# Of the loss of boxes beside the loss of scores, as in YOLOv8 without its distributions.
BOX_WEIGHT = 5


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity, as in YOLOv3: nothing follows the sum."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(convolution(channels, channels), convolution(channels, channels))

    def forward(self, x):
        return x + self.body(x)


class Detector(nn.Module):
    """3x160x160 -> 48x20x20, 64x10x10, 64x5x5 -> from coarse to fine, the same head on each; 0.23 million weights."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(convolution(3, 16, stride=2), convolution(16, 24, stride=2))
        widths = (48, 64, 64)
        self.stages = nn.ModuleList([
            nn.Sequential(convolution(24, 48, stride=2), Residual(48)),
            nn.Sequential(convolution(48, 64, stride=2), Residual(64)),
            convolution(64, 64, stride=2)])
        self.lateral = nn.ModuleList(convolution(width, 40, 1) for width in widths)
        self.head = nn.Sequential(convolution(40, 40), convolution(40, 40))
        self.values = nn.Conv2d(40, 4 + LABELS, 1)
        nn.init.constant_(self.values.bias[:4], 0.7)  # boxes of four cells
        nn.init.constant_(self.values.bias[4:], -4.0)  # few cells see a shape
        cells = [((x + 0.5) * stride, (y + 0.5) * stride, stride) for stride in STRIDES
                 for y in range(SIDE // stride) for x in range(SIDE // stride)]
        self.register_buffer("middles", torch.tensor([cell[:2] for cell in cells]).T.contiguous(), persistent=False)
        self.register_buffer("strides", torch.tensor([cell[2:] for cell in cells]).T.contiguous(), persistent=False)

    def predict(self, images):
        """Boxes [N, 4, cells] (x_min, y_min, x_max, y_max) in pixels, and logits [N, labels, cells]."""
        x = self.stem(images)
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        rows, coarser = [], None
        for level in reversed(range(len(STRIDES))):
            merged = self.lateral[level](levels[level])
            if coarser is not None:
                merged = merged + functional.interpolate(coarser, scale_factor=2, mode="nearest")
            coarser = merged
            cells = (SIDE // STRIDES[level]) ** 2
            rows.insert(0, self.values(self.head(merged)).reshape(-1, 4 + LABELS, cells))
        values = torch.cat(rows, 2)
        distances = torch.exp(values[:, :4]) * self.strides
        return torch.cat((self.middles - distances[:, :2], self.middles + distances[:, 2:]), 1), values[:, 4:]

    def forward(self, images):
        """What the server reads: [N, 4 + labels, cells]; from pixels in 0 to 1."""
        boxes, logits = self.predict(images)
        low, high = boxes[:, :2], boxes[:, 2:]
        return torch.cat(((low + high) / 2, high - low, torch.sigmoid(logits)), 1)


def letterboxed(scene):
    """The picture as large as it fits into the middle of SIDE x SIDE, [3, SIDE, SIDE] in 0 to 255, and its boxes there."""
    factor = SIDE / max(scene.picture.size)
    size = [round(side * factor) for side in scene.picture.size]
    corner = tuple((SIDE - side) // 2 for side in size)
    whole = Image.new("RGB", (SIDE, SIDE), (PAD,) * 3)
    whole.paste(scene.picture.resize(size, Image.BILINEAR), corner)
    scale = np.array(size) / scene.picture.size
    boxes = [np.array(thing.box) * np.tile(scale, 2) + np.tile(corner, 2) for thing in scene.things]
    return np.asarray(whole).transpose(2, 0, 1), boxes


def dataset(seed, count):
    """Pictures [count, 3, SIDE, SIDE] as bytes, boxes [count, MOST_SHAPES, 4], labels [count, MOST_SHAPES], -1 for none."""
    images = torch.zeros((count, 3, SIDE, SIDE), dtype=torch.uint8)
    boxes = torch.zeros((count, scenes.MOST_SHAPES, 4))
    labels = torch.full((count, scenes.MOST_SHAPES), -1)
    for i, scene in enumerate(scenes.scenes(seed, count)):
        image, places = letterboxed(scene)
        images[i] = torch.tensor(image)
        for j, (thing, place) in enumerate(zip(scene.things, places)):
            boxes[i, j] = torch.from_numpy(place)
            labels[i, j] = thing.label
    return images, boxes, labels


def overlap(first, second):
    """The generalised intersection over union (Rezatofighi et al., 2019) and the plain one, of boxes [..., 4]."""
    def area(low, high):
        return (high - low).clamp(min=0).prod(-1)
    common = area(torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:]))
    hull = area(torch.minimum(first[..., :2], second[..., :2]), torch.maximum(first[..., 2:], second[..., 2:]))
    union = area(first[..., :2], first[..., 2:]) + area(second[..., :2], second[..., 2:]) - common
    plain = common / union.clamp(min=1e-6)
    return plain - (hull - union) / hull.clamp(min=1e-6), plain


def assigned(middles, found, scores, boxes, labels):
    """Which shape each cell learns from, [N, cells], -1 for none, and the score that it learns, [N, cells].

    From the middles [cells, 2] of the cells, their boxes `found` [N, cells, 4] and `scores` [N, cells, labels]; and the
    shapes' boxes [N, shapes, 4] and labels [N, shapes].
    """
    _, quality = overlap(boxes[:, :, None], found[:, None])  # [N, shapes, cells]
    inside = ((middles > boxes[:, :, None, :2]) & (middles < boxes[:, :, None, 2:])).all(-1) & (labels >= 0)[..., None]
    score = scores.gather(2, labels.clamp(min=0)[:, None].expand(-1, scores.shape[1], -1)).transpose(1, 2)
    rank = torch.where(inside, score * quality ** BOX_EXPONENT + 1e-12, torch.zeros(()))
    best = torch.zeros_like(inside).scatter(2, rank.topk(TEACHERS, 2).indices, True) & inside
    # A cell that would learn from several shapes keeps the one that it fits best.
    candidate = torch.where(best, quality, torch.full((), -1.0))
    fit, shape = candidate.max(1)
    best = best & (torch.arange(labels.shape[1])[:, None] == shape[:, None])
    # The best cell of a shape learns the quality of its box as score, the others in proportion to their rank.
    rank = torch.where(best, rank, torch.zeros(()))
    top = torch.where(best, quality, torch.zeros(())).amax(2, keepdim=True)
    target = (rank / rank.amax(2, keepdim=True).clamp(min=1e-12) * top).amax(1)
    return torch.where(fit >= 0, shape, torch.full((), -1)), target


def detection_loss(model, images, boxes, labels):
    found, logits = (part.transpose(1, 2) for part in model.predict(images.float() / 255))
    with torch.no_grad():
        shape, target = assigned(model.middles.T, found, torch.sigmoid(logits), boxes, labels)
    row, cell = (shape >= 0).nonzero(as_tuple=True)
    shape, target = shape[row, cell], target[row, cell]
    wanted = torch.zeros_like(logits)
    wanted[row, cell, labels[row, shape]] = target
    generalised, _ = overlap(found[row, cell], boxes[row, shape])
    scores = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
    return (scores + BOX_WEIGHT * ((1 - generalised) * target).sum()) / target.sum().clamp(min=1)


def main():
    options = training.options(__doc__.splitlines()[0], epochs=20, pictures=8000)
    print(f"drawing {options.pictures} scenes", flush=True)
    images, boxes, labels = dataset(training.TRAINING_SEED, options.pictures)
    held = dataset(training.VALIDATION_SEED, VALIDATION_SCENES)
    model = Detector()

    def loss_of(rows):
        turn = training.Turn.random()
        return detection_loss(model, turn.maps(images[rows]), turn.boxes(boxes[rows], SIDE), labels[rows])

    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, weight_decay=0.01)
    training.fit(model, optimizer, PEAK_RATE, options.epochs, len(images), BATCH, loss_of,
                 lambda: f"loss {detection_loss(model, *held).item():.3f}")
    training.write(model, options.store, "shapes-detector", SIDE, "detections", shapes.LABELS)


if __name__ == "__main__":
    main()
