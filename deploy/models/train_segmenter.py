#!/usr/bin/python3
"""Trains the built-in segmenter of the store on generated scenes of shapes and writes it as ONNX.

usage: train_segmenter.py [--store DIR] [--epochs N] [--pictures N]
       needs `deploy/scripts/install-packages.sh train`, and the detector in the store; ten minutes on one core.

The network is a small U-Net (Ronneberger et al., 2015): 160x160 RGB in, a logit out for each class and pixel. Its way down
starts as the detector's, with the weights that it has in the store: what a shape is, it knows already. Pictures are stretched and their
values lie in 0 to 1, which is what the server does for a segmenter without a configuration.
"""

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

import scenes
import train_detector
import training
from training import convolution

SIDE = 160
VALIDATION_SCENES = 200
# Small, for many steps in few pictures.
BATCH = 16
# The way down changes slowly: it has learned most of what it needs.
ENCODER_RATE = 1e-3
DECODER_RATE = 4e-3
# Rounds of --epochs, each with the rates up and down again: after the first, stars are still taken for crosses.
ROUNDS = 2
# Channels of each level of the way down: from half the resolution of the input, each half that of the one before.
WIDTHS = (16, 24, 48, 64)

def doubled(inputs, outputs):
    """Twice the resolution: a transposed convolution 2x2 of stride 2, in the form that PyTorch computes fast on a CPU."""
    return nn.Sequential(nn.Conv2d(inputs, 4 * outputs, 1), nn.PixelShuffle(2))


class UNet(nn.Module):
    """16x80x80 -> 24x40x40 -> 48x20x20 -> 64x10x10, back up beside each, and up once more to the logits; 0.23 million weights.

    Nothing but the logits has the input's own resolution, where a convolution of eight channels costs more than all of the lower
    half does, and outlines are no better for it.
    """

    def __init__(self, detector):
        super().__init__()
        self.down = nn.ModuleList([*detector.stem, *detector.stages[:2]])
        self.up, self.merge = nn.ModuleList(), nn.ModuleList()
        for fine, coarse in zip(WIDTHS, WIDTHS[1:]):
            self.up.append(doubled(coarse, fine))
            self.merge.append(convolution(2 * fine, fine))
        self.logits = doubled(WIDTHS[0], len(scenes.CLASSES))

    def forward(self, images):
        levels = []
        x = images
        for down in self.down:
            x = down(x)
            levels.append(x)
        levels.pop()
        for up, merge, beside in zip(reversed(self.up), reversed(self.merge), reversed(levels)):
            x = merge(torch.cat((up(x), beside), 1))
        return self.logits(x)


def dataset(seed, count):
    """Pictures [count, 3, SIDE, SIDE] and masks [count, SIDE, SIDE], as bytes."""
    images = torch.zeros((count, 3, SIDE, SIDE), dtype=torch.uint8)
    masks = torch.zeros((count, SIDE, SIDE), dtype=torch.uint8)
    for i, scene in enumerate(scenes.scenes(seed, count)):
        images[i] = torch.tensor(training.chw(scene.picture, SIDE))
        masks[i] = torch.tensor(np.asarray(Image.fromarray(scene.mask).resize((SIDE, SIDE), Image.NEAREST)))
    return images, masks


def mean_iou(found, masks):
    """The mean over the classes of the share that found and true pixels have in common."""
    counts = torch.bincount(masks.flatten().long() * len(scenes.CLASSES) + found.flatten(),
                            minlength=len(scenes.CLASSES) ** 2).reshape(len(scenes.CLASSES), -1).double()
    common = counts.diag()
    return (common / (counts.sum(0) + counts.sum(1) - common)).mean().item()


def main():
    options = training.options(__doc__.splitlines()[0], epochs=5, pictures=4000)
    print(f"drawing {options.pictures} scenes", flush=True)
    images, masks = dataset(training.TRAINING_SEED, options.pictures)
    held_images, held_masks = dataset(training.VALIDATION_SEED, VALIDATION_SCENES)
    detector = train_detector.Detector()
    training.read(detector, options.store / "shapes-detector/1/model.onnx")
    model = UNet(detector)

    def loss_of(rows):
        turn = training.Turn.random()
        return functional.cross_entropy(model(turn.maps(images[rows]).float() / 255), turn.maps(masks[rows]).long())

    def held_out():
        found = torch.cat([model(part.float() / 255).argmax(1) for part in held_images.split(BATCH)])
        return f"mean IoU {mean_iou(found, held_masks):.4f}"

    encoder = list(model.down.parameters())
    decoder = [*model.up.parameters(), *model.merge.parameters(), *model.logits.parameters()]
    for _ in range(ROUNDS):
        optimizer = torch.optim.AdamW([{"params": encoder}, {"params": decoder}], weight_decay=0.01)
        training.fit(model, optimizer, [ENCODER_RATE, DECODER_RATE], options.epochs, len(images), BATCH, loss_of, held_out)
    training.write(model, options.store, "shapes-segmenter", SIDE, "logits", scenes.CLASSES)


if __name__ == "__main__":
    main()
