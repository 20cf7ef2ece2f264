"""Detection heads in numpy, written from their papers and not from ours: from a picture to boxes by ONNX Runtime."""

import dataclasses
import io

import numpy
import onnxruntime
from PIL import Image, ImageOps

IOU = 0.45
# Two engines differ by less than this in a score, so that either of two boxes may suppress the other.
TIE = 0.002


@dataclasses.dataclass
class Found:
    """One thing; box in pixels of the upright picture, not clipped."""

    index: int
    score: float
    box: numpy.ndarray
    points: numpy.ndarray = None
    twins: list = dataclasses.field(default_factory=list)  # suppressed by this one, and nearly as good


def upright(picture):
    return ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("RGB")


def resized(picture, width, height):
    """Across first: rounded between the two, as Pillow itself did before it chose the order by what is quicker."""
    return picture.resize((width, picture.height), Image.Resampling.BILINEAR).resize(
        (width, height), Image.Resampling.BILINEAR)


def stretched(picture, width, height):
    """The picture as [height, width, 3], and what to multiply its coordinates with."""
    pixels = numpy.asarray(resized(picture, width, height), numpy.float32)
    return pixels, numpy.array([width / picture.width, height / picture.height])


def letterboxed(picture, width, height, pad, middle=False):
    """As stretched(); with the place of its left top corner where it lies in the middle."""
    factor = min(width / picture.width, height / picture.height)
    size = (round(picture.width * factor), round(picture.height * factor))
    at = ((width - size[0]) // 2, (height - size[1]) // 2) if middle else (0, 0)
    canvas = Image.new("RGB", (width, height), (pad, pad, pad))
    canvas.paste(resized(picture, *size), at)
    factors = numpy.array([size[0] / picture.width, size[1] / picture.height])
    return (numpy.asarray(canvas, numpy.float32), factors, numpy.array(at)) if middle else (
        numpy.asarray(canvas, numpy.float32), factors)


def padded(picture, multiple, pad=0):
    """At its own size, rounded up."""
    width, height = (-side % multiple + side for side in picture.size)
    canvas = Image.new("RGB", (width, height), (pad, pad, pad))
    canvas.paste(picture, (0, 0))
    return numpy.asarray(canvas, numpy.float32), numpy.ones(2)


def cells(stride, width, height):
    """The (x, y) of each cell of a grid, row by row."""
    y, x = numpy.mgrid[0:-(-height // stride), 0:-(-width // stride)]
    return numpy.stack([x, y], -1).reshape(-1, 2)


def corners(center, size):
    return numpy.concatenate([center - size / 2, center + size / 2], -1)


def softmax(values):
    powers = numpy.exp(values - values.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def bilinear(cells, x, y):
    """The values of cells [rows, columns] at places whose unit is a cell; the outermost reach on beyond the edges."""
    rows, columns = cells.shape
    x, y = numpy.clip(x - 0.5, 0, columns - 1), numpy.clip(y - 0.5, 0, rows - 1)
    left, top = numpy.floor(x).astype(int), numpy.floor(y).astype(int)
    right, bottom = numpy.minimum(left + 1, columns - 1), numpy.minimum(top + 1, rows - 1)
    part_x, part_y = (x - left)[None], (y - top)[:, None]
    upper = cells[numpy.ix_(top, left)] * (1 - part_x) + cells[numpy.ix_(top, right)] * part_x
    lower = cells[numpy.ix_(bottom, left)] * (1 - part_x) + cells[numpy.ix_(bottom, right)] * part_x
    return upper * (1 - part_y) + lower * part_y


def overlap(a, b):
    low, high = numpy.maximum(a[:2], b[:2]), numpy.minimum(a[2:], b[2:])
    shared = numpy.prod(numpy.maximum(high - low, 0))
    return shared / (numpy.prod(a[2:] - a[:2]) + numpy.prod(b[2:] - b[:2]) - shared)


def suppress(found, threshold=IOU):
    kept = []
    for item in sorted(found, key=lambda one: -one.score):
        better = [other for other in kept
                  if item.index == other.index and overlap(item.box, other.box) > threshold]
        if not better:
            kept.append(item)
        elif better[0].score - item.score <= TIE:
            better[0].twins.append(item)
    return kept


class Detector:
    """A model's file, and how it is run. decode() gives (scores [n, classes], corners [n, 4], points [n, k, 2] or None)
    in pixels of the input."""

    def __init__(self, file):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors: it warns of every weight that is an input, too
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def feeds(self, pixels):
        """Its inputs for one picture, by name."""
        sizes = {"image_shape": [pixels.shape[:2]], "scale_factor": [(1, 1)]}
        feeds = {self.session.get_inputs()[0].name: self.tensor(pixels)}
        for feed in self.session.get_inputs()[1:]:
            feeds[feed.name] = numpy.array(sizes[feed.name], numpy.float32)
        return feeds

    def run(self, pixels):
        """Its outputs for one picture, by name."""
        outputs = self.session.get_outputs()
        return {output.name: value[0] if self.counts_pictures(output) else value
                for output, value in zip(outputs, self.session.run(None, self.feeds(pixels)), strict=True)}

    def counts_pictures(self, output):
        """Whether the first extent of an output is that of the one picture, and not of what was found."""
        return output.shape and output.shape[0] in (1, self.session.get_inputs()[0].shape[0])

    def tensor(self, pixels):
        return numpy.ascontiguousarray(self.values(pixels).transpose(2, 0, 1)[None], numpy.float32)

    def find(self, picture, threshold):
        """What it finds in the picture; boxes that have no part in it are left out."""
        picture = upright(picture)
        pixels, factors, *corner = self.prepare(picture)
        corner = corner[0] if corner else numpy.zeros(2)
        height, width = pixels.shape[:2]
        scores, boxes, points = self.decode(self.run(pixels), width, height)
        found = []
        for i in numpy.flatnonzero(scores.max(-1) >= threshold):
            index = int(scores[i].argmax())
            box = (boxes[i] - numpy.tile(corner, 2)) / numpy.tile(factors, 2)
            if (numpy.minimum(box[2:], picture.size) <= numpy.maximum(box[:2], 0)).any():
                continue
            found.append(Found(index, float(scores[i][index]), box,
                               None if points is None else (points[i] - corner) / factors))
        return self.resolve(found)

    def resolve(self, found):
        """Without overlaps."""
        return suppress(found)

    def values(self, pixels):
        return pixels[:, :, ::-1]  # blue first


class Yolox(Detector):
    def prepare(self, picture):
        return letterboxed(picture, 416, 416, 114)

    def decode(self, outputs, width, height):
        rows, = outputs.values()
        grid = numpy.concatenate([cells(stride, width, height) for stride in (8, 16, 32)])
        strides = numpy.concatenate([numpy.full((len(cells(s, width, height)), 1), s) for s in (8, 16, 32)])
        boxes = corners((rows[:, :2] + grid) * strides, numpy.exp(rows[:, 2:4]) * strides)
        return rows[:, 4:5] * rows[:, 5:], boxes, None


class Nanodet(Detector):
    def prepare(self, picture):
        return stretched(picture, 320, 320)

    def values(self, pixels):
        return (pixels[:, :, ::-1] - (103.53, 116.28, 123.675)) / (57.375, 57.12, 57.38)

    def decode(self, outputs, width, height):
        scores, boxes = [], []
        for stride in (8, 16, 32):
            middle = (cells(stride, width, height) + 0.5) * stride
            sides = (softmax(outputs[f"dis_pred_stride_{stride}"].reshape(-1, 4, 8)) @ numpy.arange(8)) * stride
            scores.append(outputs[f"cls_pred_stride_{stride}"])
            boxes.append(numpy.concatenate([middle - sides[:, :2], middle + sides[:, 2:]], -1))
        return numpy.concatenate(scores), numpy.concatenate(boxes), None


class Yunet(Detector):
    def prepare(self, picture):
        return stretched(picture, 320, 320)

    def decode(self, outputs, width, height):
        scores, boxes, points = [], [], []
        for stride in (8, 16, 32):
            grid = cells(stride, width, height)
            box, marks = outputs[f"bbox_{stride}"], outputs[f"kps_{stride}"].reshape(-1, 5, 2)
            scores.append(numpy.sqrt(outputs[f"cls_{stride}"] * outputs[f"obj_{stride}"]))
            boxes.append(corners((box[:, :2] + grid) * stride, numpy.exp(box[:, 2:]) * stride))
            points.append((marks + grid[:, None]) * stride)
        return numpy.concatenate(scores), numpy.concatenate(boxes), numpy.concatenate(points)


class OpenYunet(Yunet):
    def prepare(self, picture):
        return padded(picture, 32)


class RawUltraface(Detector):
    LEVELS = ((8, (10, 16, 24)), (16, (32, 48)), (32, (64, 96)), (64, (128, 192, 256)))

    def prepare(self, picture):
        return stretched(picture, 320, 240)

    def values(self, pixels):
        return (pixels - 127) / 128

    def decode(self, outputs, width, height):
        size = numpy.array([width, height])
        priors = numpy.array([(*((cell + 0.5) * stride / size), *(side / size))
                              for stride, sides in self.LEVELS
                              for cell in cells(stride, width, height) for side in sides]).clip(0, 1)
        offsets = outputs["boxes"]
        center = offsets[:, :2] * 0.1 * priors[:, 2:] + priors[:, :2]
        return outputs["scores"][:, 1:], corners(center, priors[:, 2:] * numpy.exp(offsets[:, 2:] * 0.2)) * numpy.tile(
            size, 2), None
