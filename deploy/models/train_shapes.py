#!/usr/bin/python3
"""Trains the built-in model of the store on generated pictures of shapes and writes it as ONNX.

usage: train_shapes.py [--store DIR] [--epochs N] [--pictures N]
       needs `deploy/scripts/install-packages.sh train`; some minutes on one core.

The network is a small ResNet, 64x64 RGB in, one logit a label out. Its BatchNormalization nodes stay in the file: folding
them is the server's work. What happens to a picture before the network (`prepared`) is what the model's config.textproto
tells the server to do; the two change together.
"""

import argparse
import pathlib
import time

import numpy as np
import torch
from PIL import Image
from torch import nn

import shapes

SIDE = 64
TRAINING_SEED = 1
VALIDATION_SEED = 2  # seed 3 and up are left to tests
VALIDATION_PICTURES = 800
BATCH = 64
PEAK_RATE = 0.08
OPSET = 13


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return torch.relu(x + self.body(x))


def network():
    """3x64x64 -> 16x32x32 -> 32x16x16 -> 64x8x8 -> 64 -> labels; 120 thousand weights."""
    layers = []
    inputs = 3
    for outputs in (16, 32, 64):
        layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
                   Residual(outputs)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, len(shapes.LABELS)))


def prepared(picture):
    """The picture as the network takes it: shorter side to SIDE, value = (pixel / 255 - 0.5) / 0.5, CHW."""
    pixels = np.asarray(picture.resize((SIDE, SIDE), Image.BILINEAR), np.float32)
    return ((pixels / 255 - 0.5) / 0.5).transpose(2, 0, 1)


def dataset(seed, count):
    labels, inputs = zip(*((label, prepared(picture)) for label, picture in shapes.pictures(seed, count)))
    return torch.from_numpy(np.stack(inputs)), torch.tensor(labels)


def turned(inputs):
    """Augmentation that costs no drawing: each batch mirrored or turned by quarters."""
    inputs = torch.rot90(inputs, int(torch.randint(4, (1,))), (2, 3))
    return inputs.flip(3) if torch.rand(1) < 0.5 else inputs


def accuracy(model, inputs, labels):
    model.eval()
    with torch.no_grad():
        found = torch.cat([model(part).argmax(1) for part in inputs.split(256)])
    model.train()
    return (found == labels).float().mean().item()


def train(model, epochs, inputs, labels, held_out):
    optimizer = torch.optim.SGD(model.parameters(), lr=PEAK_RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = epochs * -(-len(inputs) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    started = time.monotonic()
    for epoch in range(epochs):
        for rows in torch.randperm(len(inputs)).split(BATCH):
            loss = loss_of(model(turned(inputs[rows])), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}/{epochs}: loss {loss.item():.3f}, held-out accuracy "
              f"{accuracy(model, *held_out):.4f}, {time.monotonic() - started:.0f} s", flush=True)


def export(model, folder):
    """Writes model.onnx with a free batch size, BatchNormalization unfolded (training=PRESERVE in evaluation mode)."""
    folder.mkdir(parents=True, exist_ok=True)
    model.eval()
    torch.onnx.export(model, torch.zeros(1, 3, SIDE, SIDE), folder / "model.onnx", opset_version=OPSET,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=pathlib.Path, default=pathlib.Path(__file__).parent / "store")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--pictures", type=int, default=12000)
    options = parser.parse_args()
    torch.manual_seed(TRAINING_SEED)
    print(f"drawing {options.pictures} pictures", flush=True)
    inputs, labels = dataset(TRAINING_SEED, options.pictures)
    model = network()
    train(model, options.epochs, inputs, labels, dataset(VALIDATION_SEED, VALIDATION_PICTURES))
    folder = options.store / "shapes"
    export(model, folder / "1")
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in shapes.LABELS))


if __name__ == "__main__":
    main()
