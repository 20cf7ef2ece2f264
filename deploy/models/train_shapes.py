#!/usr/bin/python3
"""Trains the built-in classifier of the store on generated pictures of shapes and writes it as ONNX.

usage: train_shapes.py [--store DIR] [--epochs N] [--pictures N]
       needs `deploy/scripts/install-packages.sh train`; some minutes on one core.

The network is a small ResNet, 64x64 RGB in, one logit a label out. What happens to a picture before the network
(`prepared`) is what the model's config.textproto tells the server to do; the two change together.
"""

import numpy as np
import torch
from torch import nn

import shapes
import training

SIDE = 64
VALIDATION_PICTURES = 800
BATCH = 64
PEAK_RATE = 0.08


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(training.convolution(channels, channels),
                                  nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return torch.relu(x + self.body(x))


def network():
    """3x64x64 -> 16x32x32 -> 32x16x16 -> 64x8x8 -> 64 -> labels; 120 thousand weights."""
    layers = []
    inputs = 3
    for outputs in (16, 32, 64):
        layers += [training.convolution(inputs, outputs, stride=2), Residual(outputs)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, len(shapes.LABELS)))


def prepared(picture):
    """The picture as the network takes it: shorter side to SIDE, value = (pixel / 255 - 0.5) / 0.5, CHW."""
    return (training.chw(picture, SIDE).astype(np.float32) / 255 - 0.5) / 0.5


def dataset(seed, count):
    labels, inputs = zip(*((label, prepared(picture)) for label, picture in shapes.pictures(seed, count)))
    return torch.from_numpy(np.stack(inputs)), torch.tensor(labels)


def main():
    options = training.options(__doc__.splitlines()[0], epochs=20, pictures=12000)
    print(f"drawing {options.pictures} pictures", flush=True)
    inputs, labels = dataset(training.TRAINING_SEED, options.pictures)
    held_inputs, held_labels = dataset(training.VALIDATION_SEED, VALIDATION_PICTURES)
    model = network()
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)

    def held_out():
        found = torch.cat([model(part).argmax(1) for part in held_inputs.split(256)])
        return f"accuracy {(found == held_labels).float().mean().item():.4f}"

    optimizer = torch.optim.SGD(model.parameters(), lr=PEAK_RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    training.fit(model, optimizer, PEAK_RATE, options.epochs, len(inputs), BATCH,
                 lambda rows: loss_of(model(training.Turn.random().maps(inputs[rows])), labels[rows]), held_out)
    training.write(model, options.store, "shapes", SIDE, "logits", shapes.LABELS)


if __name__ == "__main__":
    main()
