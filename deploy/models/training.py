"""What the training scripts of the built-in models share: options, a layer, turns of pictures, the loop, the ONNX file.

Needs `deploy/scripts/install-packages.sh train`. Everything is seeded: the same script on the same machine with as many
threads writes the same model.
"""

import argparse
import pathlib
import time
import typing

import numpy as np
import onnx
import onnx.numpy_helper
import onnx.shape_inference
import torch
from PIL import Image
from torch import nn

TRAINING_SEED = 1
VALIDATION_SEED = 2  # seed 3 and up are left to tests
OPSET = 13


def options(description, epochs, pictures):
    """The options of a script, read; these epochs and pictures unless told otherwise. Seeds PyTorch."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--store", type=pathlib.Path, default=pathlib.Path(__file__).parent / "store")
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--pictures", type=int, default=pictures)
    torch.manual_seed(TRAINING_SEED)
    return parser.parse_args()


def chw(picture, side):
    """The picture stretched to a square, [3, side, side] in 0 to 255."""
    return np.asarray(picture.resize((side, side), Image.BILINEAR)).transpose(2, 0, 1)


def convolution(inputs, outputs, size=3, stride=1):
    """A convolution that keeps the size, or divides it by the stride; BatchNormalization; ReLU."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Turn(typing.NamedTuple):
    """Augmentation that costs no drawing: a batch turned by quarters and mirrored. Shapes keep their names."""
    quarters: int
    mirrored: bool

    @staticmethod
    def random():
        return Turn(int(torch.randint(4, (1,))), bool(torch.rand(1) < 0.5))

    def maps(self, maps):
        """Of [..., rows, columns]: pictures and masks."""
        maps = torch.rot90(maps, self.quarters, (-2, -1))
        return maps.flip(-1) if self.mirrored else maps

    def boxes(self, boxes, side):
        """Of boxes [..., 4] (x_min, y_min, x_max, y_max) in pictures of side x side."""
        for _ in range(self.quarters):
            left, top, right, bottom = boxes.unbind(-1)
            boxes = torch.stack((top, side - right, bottom, side - left), -1)
        if self.mirrored:
            left, top, right, bottom = boxes.unbind(-1)
            boxes = torch.stack((side - right, top, side - left, bottom), -1)
        return boxes


def fit(model, optimizer, peak_rate, epochs, count, batch, loss_of, held_out):
    """Trains on rows 0 to count, so many a batch: `loss_of(rows)` is the loss of a batch, `held_out()` tells how good the model is, in words."""
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak_rate, total_steps=epochs * -(-count // batch))
    started = time.monotonic()
    for epoch in range(epochs):
        for rows in torch.randperm(count).split(batch):
            loss = loss_of(rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        model.eval()
        with torch.no_grad():
            told = held_out()
        model.train()
        print(f"epoch {epoch + 1}/{epochs}: loss {loss.item():.3f}, held out: {told}, {time.monotonic() - started:.0f} s",
              flush=True)


def read(model, file):
    """Gives the model the weights that it had when `write` wrote it."""
    written = {tensor.name: torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy())
               for tensor in onnx.load(str(file)).graph.initializer}
    # How many batches a mean was taken over is of no use to what is written, and not there.
    model.load_state_dict({name: written[name] if not name.endswith("num_batches_tracked") else value
                           for name, value in model.state_dict().items()})


def write(model, store, name, side, output, labels):
    """Puts the model into the store as version 1, with a free batch size, and its labels.

    BatchNormalization stays unfolded (training=PRESERVE in evaluation mode): folding it is the server's work. The extents of
    the output, of which PyTorch loses some, are those that ONNX infers.
    """
    folder = store / name / "1"
    folder.mkdir(parents=True, exist_ok=True)
    file = str(folder / "model.onnx")
    model.eval()
    torch.onnx.export(model, torch.zeros(1, 3, side, side), file, opset_version=OPSET,
                      training=torch.onnx.TrainingMode.PRESERVE, input_names=["image"], output_names=[output],
                      dynamic_axes={"image": {0: "N"}, output: {0: "N"}})
    inferred = onnx.shape_inference.infer_shapes(onnx.load(file))
    del inferred.graph.value_info[:]  # of what lies between: the server infers it
    onnx.save(inferred, file)
    (store / name / "labels.txt").write_text("".join(f"{label}\n" for label in labels))
