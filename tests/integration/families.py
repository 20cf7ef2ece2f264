"""Detectors as their exporters write them, and what decodes their outputs in numpy: the table that families_test runs.

Decoders are written from the exporters' own, not from ours.
"""

import dataclasses
import typing

import detector_models as models
import detectors
import numpy
from detectors import bilinear, corners, letterboxed, stretched


def of_logits(values):
    return 1 / (1 + numpy.exp(-values))


@dataclasses.dataclass
class Case:
    """A model, its configuration where it needs one, and how its pictures and outputs are to be read."""

    make: typing.Callable
    kind: str
    read: typing.Callable
    place: typing.Callable
    values: typing.Callable
    config: str = ""  # empty: recognised
    wrong: str = ""  # a kind that it is not
    mask_of: typing.Callable = None
    suppresses: bool = False  # overlaps are resolved already


class Family(detectors.Detector):
    """One exporter's model: pixels as `values`, placed as `place`, decoded as `read`."""

    def __init__(self, case, file):
        super().__init__(file)
        self.case = case

    def prepare(self, picture):
        width, height = (extent for extent in self.session.get_inputs()[0].shape[:0:-1] if extent != 3)
        return self.case.place(picture, width, height)

    def tensor(self, pixels):
        if self.session.get_inputs()[0].type == "tensor(uint8)":
            return pixels[None].astype(numpy.uint8)
        tensor = super().tensor(pixels)
        return tensor if len(self.session.get_inputs()[0].shape) == 4 else tensor[0]

    def values(self, pixels):
        return self.case.values(pixels)

    def resolve(self, found):
        return found if self.case.suppresses else super().resolve(found)

    def decode(self, outputs, width, height):
        return *self.case.read(outputs, width, height), None


def centered(picture, width, height, pad=114):
    """A letterbox with the picture in its middle."""
    return letterboxed(picture, width, height, pad, middle=True)


class Masked(Family):
    """A model that gives a mask for each box; mask_of() as the model's own post-processing has it."""

    def find_masks(self, picture, threshold):
        """[(index, box in pixels of the picture, mask of the whole picture)], best first."""
        picture = detectors.upright(picture)
        pixels, factors, *corner = self.prepare(picture)
        corner = corner[0] if corner else numpy.zeros(2)
        height, width = pixels.shape[:2]
        outputs = self.run(pixels)
        scores, boxes, _ = self.decode(outputs, width, height)
        # The middles of the picture's pixels in the input.
        x = (numpy.arange(picture.width) + 0.5) * factors[0] + corner[0]
        y = (numpy.arange(picture.height) + 0.5) * factors[1] + corner[1]
        found = []
        for i in numpy.flatnonzero(scores.max(-1) >= threshold):
            box = (boxes[i] - numpy.tile(corner, 2)) / numpy.tile(factors, 2)
            inside = numpy.outer((y >= boxes[i][1]) & (y < boxes[i][3]), (x >= boxes[i][0]) & (x < boxes[i][2]))
            mask = self.case.mask_of(outputs, i, boxes[i], x, y, width, height) & inside
            found.append((int(scores[i].argmax()), float(scores[i].max()), box, mask))
        return found


def of_prototypes(by_column):
    """ultralytics, process_mask_native: logits, enlarged to the picture, above 0."""
    def mask_of(outputs, i, box, x, y, width, height):
        row = outputs["output0"][:, i] if by_column else outputs["output0"][i]
        prototypes = outputs["output1"]
        logits = numpy.tensordot(row[-models.COEFFICIENTS:], prototypes, 1)
        return bilinear(logits, x * logits.shape[1] / width, y * logits.shape[0] / height) >= 0

    return mask_of


def of_box(outputs, i, box, x, y, width, height):
    """detectron2, paste_masks_in_image: the mask stretched over its box, at least a half."""
    mask = outputs["masks"][i, 0]
    return bilinear(mask, (x - box[0]) / (box[2] - box[0]) * mask.shape[1],
                    (y - box[1]) / (box[3] - box[1]) * mask.shape[0]) >= 0.5


def of_picture(outputs, i, box, x, y, width, height):
    mask = outputs["masks"][i, 0]
    return bilinear(mask, x, y) >= 0.5


def each_class(scores, boxes):
    """Every class of every box as a box of its own."""
    classes = scores.shape[1]
    alone = numpy.eye(classes)[None] * scores[:, :, None]
    return alone.reshape(-1, classes), numpy.repeat(boxes, classes, 0)


def labelled(labels, scores, boxes):
    """Scores of one class a box as a table of all classes."""
    return numpy.eye(models.CLASSES)[labels.astype(int)] * scores[:, None], boxes


def read_yolo_v5(outputs, width, height):
    rows = outputs["output0"]
    return rows[:, 4:5] * rows[:, 5:5 + models.CLASSES], corners(rows[:, :2], rows[:, 2:4])


def read_yolo_v8(outputs, width, height):
    columns = outputs["output0"]
    return columns[4:4 + models.CLASSES].T, corners(columns[:2].T, columns[2:4].T)


def read_grids(levels, make_boxes):
    """levels: (raw [anchors, rows, columns, values], stride, anchors' sizes)."""
    scores, boxes = [], []
    for raw, stride, sizes in levels:
        _, rows, columns, values = raw.shape
        cells = models.grid(1, columns, rows, 0).reshape(1, rows, columns, 2)
        middle, size = make_boxes(raw, cells, stride, numpy.reshape(sizes, (3, 1, 1, 2)))
        boxes.append(corners(middle, size).reshape(-1, 4))
        scores.append((of_logits(raw[..., 4:5]) * of_logits(raw[..., 5:])).reshape(-1, values - 5))
    return numpy.concatenate(scores), numpy.concatenate(boxes)


def read_yolo_v7_grids(outputs, width, height):
    def make(raw, cells, stride, sizes):
        return (2 * of_logits(raw[..., :2]) - 0.5 + cells) * stride, (2 * of_logits(raw[..., 2:4])) ** 2 * sizes

    return read_grids(zip(outputs.values(), models.YOLO_STRIDES, models.YOLO_ANCHORS), make)


def read_yolo_v3_grids(outputs, width, height):
    def make(raw, cells, stride, sizes):
        return (of_logits(raw[..., :2]) + cells) * stride, numpy.exp(raw[..., 2:4]) * sizes

    raws = [raw.reshape(3, -1, *raw.shape[1:]).transpose(0, 2, 3, 1) for raw in outputs.values()]
    return read_grids(zip(raws, models.YOLO_STRIDES[::-1], models.YOLO_ANCHORS[::-1]), make)


def read_nanodet_plus(outputs, width, height):
    rows, = outputs.values()
    cells = numpy.concatenate([detectors.cells(stride, width, height) * stride for stride in models.PLUS_STRIDES])
    strides = numpy.concatenate([numpy.full((len(detectors.cells(stride, width, height)), 1), stride)
                                 for stride in models.PLUS_STRIDES])
    bins = detectors.softmax(rows[:, models.CLASSES:].reshape(-1, 4, models.PLUS_BINS))
    sides = bins @ numpy.arange(models.PLUS_BINS) * strides
    return rows[:, :models.CLASSES], numpy.concatenate([cells - sides[:, :2], cells + sides[:, 2:]], -1)


def anchors(width, height, offset):
    levels = [(None, stride, -(-height // stride), -(-width // stride)) for stride in models.BOX_STRIDES]
    return models.anchors_of(levels, models.BOX_ANCHORS, offset)


def at_anchors(offsets, anchors, middle, size):
    return corners(anchors[:, :2] + offsets[:, :2] * middle * anchors[:, 2:],
                   anchors[:, 2:] * numpy.exp(offsets[:, 2:] * size))


def read_ssd(outputs, width, height):
    return each_class(outputs["scores"][:, 1:], at_anchors(outputs["boxes"], anchors(width, height, 0.5), 0.1, 0.2))


def read_retinanet(outputs, width, height):
    return each_class(of_logits(outputs["cls_logits"]),
                      at_anchors(outputs["bbox_regression"], anchors(width, height, 0), 1, 1))


def read_parts(outputs, width, height):
    return outputs["scores"][:, 1:], outputs["boxes"] * ([width, height] * 2)


def read_paddle(outputs, width, height):
    boxes, scores = outputs.values()
    return scores.T, boxes


def read_top_first(outputs, width, height):
    boxes, scores = outputs.values()
    return scores.T, boxes[:, [1, 0, 3, 2]]


def read_tensorflow(outputs, width, height):
    boxes = outputs["detection_boxes:0"][:-2, [1, 0, 3, 2]] * ([width, height] * 2)
    return labelled(outputs["detection_classes:0"][:-2] - 1, outputs["detection_scores:0"][:-2], boxes)


def read_mask_rcnn(outputs, width, height):
    return labelled(outputs["labels"], outputs["scores"], outputs["boxes"])


def read_mmdeploy(outputs, width, height):
    return labelled(outputs["labels"], outputs["dets"][:, 4], outputs["dets"][:, :4])


def read_rows(outputs, width, height):
    rows, = outputs.values()
    return labelled(rows[:, 5], rows[:, 4], rows[:, :4])


def read_yolov7(outputs, width, height):
    rows, = outputs.values()
    return labelled(rows[:, 5], rows[:, 6], rows[:, 1:5])


def levels(strides, anchors, order=1):
    """detection.levels of a configuration."""
    return " ".join(f"levels {{ stride: {stride} widths: {[size[0] for size in sizes]} "
                    f"heights: {[size[1] for size in sizes]} }}"
                    for stride, sizes in list(zip(strides, anchors, strict=True))[::order])


def parts(pixels):
    return pixels / 255


def around(pixels):
    return (pixels - 127) / 128


def normalized(pixels):
    return (pixels[:, :, ::-1] - (103.53, 116.28, 123.675)) / (57.375, 57.12, 58.395)


def own_size(picture, width, height):
    return detectors.padded(picture, 32, 128)


def darker(picture, width, height):
    return centered(picture, width, height, 128)


BOXES = levels(models.BOX_STRIDES, models.BOX_ANCHORS)
GRIDS = levels(models.YOLO_STRIDES, models.YOLO_ANCHORS)
COARSE_FIRST = levels(models.YOLO_STRIDES, models.YOLO_ANCHORS, -1)

CASES = {
    "yolo_v5": Case(models.yolo_v5, "YOLO_V5", read_yolo_v5, centered, parts, wrong="SSD"),
    "yolo_v8": Case(models.yolo_v8, "YOLO_V8", read_yolo_v8, centered, parts, wrong="YOLO_V5_GRID"),
    "yolo_v7_grids": Case(models.yolo_v7_grids, "YOLO_V5_GRID", read_yolo_v7_grids, centered, parts,
                          f"detection {{ kind: YOLO_V5_GRID {GRIDS} }}", wrong="YOLO_V8"),
    "yolo_v3_grids": Case(models.yolo_v3_grids, "YOLO_V3_GRID", read_yolo_v3_grids, darker, parts,
                          f"detection {{ kind: YOLO_V3_GRID {COARSE_FIRST} }}", wrong="NANODET"),
    "yolo_v3_open": Case(lambda: models.yolo_v3_grids(open_size=True), "YOLO_V3_GRID", read_yolo_v3_grids, own_size,
                         parts, f"detection {{ kind: YOLO_V3_GRID {COARSE_FIRST} }}", wrong="YOLOX"),
    "nanodet_plus": Case(models.nanodet_plus, "NANODET_PLUS", read_nanodet_plus, stretched, normalized,
                         wrong="NANODET"),
    "ssd": Case(models.ssd, "SSD", read_ssd, stretched, parts,
                f"detection {{ kind: SSD background: true {BOXES} }}", wrong="ULTRAFACE"),
    "retinanet": Case(models.retinanet, "SSD", read_retinanet, stretched, parts,
                      f"detection {{ kind: SSD center_variance: 1 size_variance: 1 anchor_offset: 0 {BOXES} }}",
                      wrong="YOLOX"),
    "ultraface": Case(models.ultraface, "ULTRAFACE", read_parts, stretched, around, wrong="YUNET"),
    "decoded_ssd": Case(models.decoded_ssd, "DECODED", read_parts, stretched, around,
                        "detection { kind: DECODED background: true normalized: true } "
                        "preprocess { scale: 1 mean: 127 std: 128 }", wrong="ULTRAFACE_RAW"),
    "decoded_paddle": Case(models.decoded_paddle, "DECODED", read_paddle, stretched, parts,
                           "detection { kind: DECODED }", wrong="SSD"),
    "decoded_scaled": Case(models.decoded_scaled, "DECODED", read_paddle, stretched, parts,
                           "detection { kind: DECODED }", wrong="NANODET_PLUS"),
    "decoded_shaped": Case(models.decoded_shaped, "DECODED", read_top_first, centered, parts,
                           "detection { kind: DECODED box_format: CORNERS_Y_FIRST } "
                           "preprocess { resize: LETTERBOX pad_value: 114 }", wrong="YOLO_V5_GRID"),
    "decoded_tensorflow": Case(models.decoded_tensorflow, "DECODED", read_tensorflow, stretched, None,
                               "detection { kind: DECODED background: true normalized: true "
                               "box_format: CORNERS_Y_FIRST } preprocess { scale: 1 }", wrong="YOLO_V5"),
    "decoded_mmdeploy": Case(models.decoded_mmdeploy, "DECODED", read_mmdeploy, stretched, parts,
                             "detection { kind: DECODED }", wrong="YOLO_V8"),
    "decoded_rows": Case(models.decoded_rows, "DECODED", read_rows, stretched, parts,
                         "detection { kind: DECODED }", wrong="YOLO_V3_GRID"),
    "decoded_yolov7": Case(models.decoded_yolov7, "DECODED", read_yolov7, stretched, parts,
                           "detection { kind: DECODED }", wrong="NANODET"),
}

MASKED = {
    "yolo_v5_masks": Case(lambda: models.yolo_v5(models.COEFFICIENTS), "YOLO_V5", read_yolo_v5, centered, parts,
                          mask_of=of_prototypes(by_column=False)),
    "yolo_v8_masks": Case(lambda: models.yolo_v8(models.COEFFICIENTS), "YOLO_V8", read_yolo_v8, centered, parts,
                          mask_of=of_prototypes(by_column=True)),
    "mask_rcnn": Case(models.mask_rcnn, "DECODED", read_mask_rcnn, stretched, parts, "detection { kind: DECODED }",
                      mask_of=of_box),
    "mask_rcnn_pasted": Case(lambda: models.mask_rcnn(160), "DECODED", read_mask_rcnn, stretched, parts,
                             "detection { kind: DECODED }", mask_of=of_picture),
}
