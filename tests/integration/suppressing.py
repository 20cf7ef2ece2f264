"""Detectors that suppress overlaps, or choose their best boxes, themselves, and what decodes their outputs in numpy: the
table that suppression_test runs."""

import pathlib

import detectors
import families
import numpy
import suppressing_models as models
from detector_models import COEFFICIENTS
from families import Case, centered, labelled, parts, stretched

EXPORTS = pathlib.Path(__file__).resolve().parent / "exports"


def export(name):
    """A file that an exporter wrote; see exports/README.md."""
    return lambda: (EXPORTS / f"{name}.onnx").read_bytes()


def read_selected(by_corners):
    """Boxes by what was selected of them, (picture, class, box): a class and a score each."""
    def read(outputs, width, height):
        boxes, scores, selected = outputs.values()
        _, labels, index = selected.T
        return labelled(labels, scores[labels, index], by_corners(boxes[index]))

    return read


def top_first(boxes):
    return boxes[:, [1, 0, 3, 2]]


def of_middles(boxes):
    return detectors.corners(boxes[:, :2], boxes[:, 2:])


def read_padded(outputs, width, height):
    """Rows of corners, score and class; zeros behind them."""
    rows = outputs["output0"]
    return labelled(rows[:, 5], rows[:, 4], rows[:, :4])


def read_counted(outputs, width, height):
    rows, count = outputs.values()
    rows = rows[:int(numpy.ravel(count)[0])]
    return labelled(rows[:, 0], rows[:, 1], rows[:, 2:])


def read_torchvision(first_class):
    def read(outputs, width, height):
        boxes, scores, labels = list(outputs.values())[:3]
        if scores.dtype.kind == "i":  # R-CNNs give them the other way round
            scores, labels = labels, scores
        return labelled(labels - first_class, scores, boxes)

    return read


def own_size(picture, width, height):
    return detectors.padded(picture, 32)


DECODED = "detection { kind: DECODED }"
LETTERBOXED = DECODED + " preprocess { resize: LETTERBOX pad_value: 114 }"
NO_BACKGROUND = "detection { kind: DECODED background: true }"

CASES = {
    "yolov7": Case(models.yolov7, "DECODED", families.read_yolov7, centered, parts, LETTERBOXED, wrong="YOLO_V5",
                   suppresses=True),
    "ultralytics": Case(models.ultralytics, "DECODED", read_padded, centered, parts, LETTERBOXED, wrong="YOLOX",
                        suppresses=True),
    "ultralytics_dynamic": Case(lambda: models.ultralytics(dynamic=True), "DECODED", read_padded, centered, parts,
                                LETTERBOXED, wrong="SSD", suppresses=True),
    "yolov10": Case(models.yolov10, "DECODED", read_padded, centered, parts, LETTERBOXED, wrong="YOLO_V3_GRID",
                    suppresses=True),
    "keras_yolo": Case(models.keras_yolo, "DECODED", read_selected(top_first), centered, parts,
                       "detection { kind: DECODED box_format: CORNERS_Y_FIRST } "
                       "preprocess { resize: LETTERBOX pad_value: 114 }", wrong="YOLO_V5_GRID", suppresses=True),
    "centered": Case(models.centered, "DECODED", read_selected(of_middles), stretched, parts,
                     "detection { kind: DECODED box_format: CENTER_AND_SIZE }", wrong="SSD", suppresses=True),
    "paddle": Case(models.paddle, "DECODED", read_counted, stretched, parts, DECODED, wrong="ULTRAFACE",
                   suppresses=True),
    "torchvision_ssd": Case(export("torchvision_ssd"), "DECODED", read_torchvision(1), stretched, parts, NO_BACKGROUND,
                            wrong="SSD", suppresses=True),
    "torchvision_retinanet": Case(export("torchvision_retinanet"), "DECODED", read_torchvision(0), own_size, parts,
                                  DECODED, wrong="YOLOX", suppresses=True),
    "torchvision_faster_rcnn": Case(export("torchvision_faster_rcnn"), "DECODED", read_torchvision(1), stretched, parts,
                                    NO_BACKGROUND, wrong="YUNET", suppresses=True),
}

MASKED = {
    "ultralytics_masks": Case(lambda: models.ultralytics(COEFFICIENTS), "DECODED", read_padded, centered, parts,
                              LETTERBOXED, mask_of=families.of_prototypes(by_column=False), suppresses=True),
    "torchvision_mask_rcnn": Case(export("torchvision_mask_rcnn"), "DECODED", read_torchvision(1), stretched, parts,
                                  NO_BACKGROUND, mask_of=families.of_picture, suppresses=True),
}
