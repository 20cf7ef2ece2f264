"""Detectors that suppress overlaps, or choose their best boxes, themselves: in the operators that their exporters write.

The sequences are those of files that the exporters wrote; the networks before them are those of detector_models.
"""

import detector_models as models
import numpy
from detector_models import CLASSES, UNSURE
from network import Network
from onnx import TensorProto, numpy_helper

ALL = numpy.iinfo(numpy.int64).max
# What the models themselves leave out; the thresholds of the tests are above.
LEAST_SCORE = 0.25


def sliced(net, value, axis, first, last, step=1):
    return net.add("Slice", value, *(net.constant([number], numpy.int64) for number in (first, last, axis, step)))


def whole(net, *values):
    return net.constant(values if len(values) > 1 else values[0], numpy.int64)


def length(net, value, axis=0):
    """An extent of a value, as a scalar."""
    return net.add("Gather", net.add("Shape", value), whole(net, axis), axis=0)


def unsqueezed(net, value, axis):
    return net.add("Unsqueeze", value, net.constant([axis], numpy.int64))


def floats(net, value):
    return net.add("Cast", value, to=TensorProto.FLOAT)


def filled(net, shape, value):
    """Whole numbers."""
    return net.add("ConstantOfShape", shape, value=numpy_helper.from_array(numpy.array([value])))


def suppressed(net, boxes, scores, most, iou, least=None, **attributes):
    limits = [net.constant([most], numpy.int64), net.constant([iou])]
    return net.add("NonMaxSuppression", boxes, scores, *limits, *([] if least is None else [net.constant([least])]),
                   **attributes)


def picked(net, value, pictures, boxes):
    """value[pictures, boxes, :] as torch.onnx writes it."""
    width = length(net, value, 2)
    flat = net.add("Flatten", value, axis=2)
    index = net.add("Add", boxes, net.add("Mul", pictures, length(net, value, 1)))
    rows = net.add("Reshape", net.add("Gather", flat, index, axis=0),
                   net.concat(0, net.constant([-1], numpy.int64), unsqueezed(net, width, 0)))
    shape = net.concat(0, net.add("Shape", index), unsqueezed(net, width, 0))
    return net.add("Reshape", rows, shape)


def yolov7():
    """WongKinYiu/yolov7, export.py --end2end: output [boxes, 7] of picture, corners, class and score."""
    net = Network("images", 320, 320, seed=41)
    rows = models.yolo_v5_rows(net)
    boxes, sure, scores = (sliced(net, rows, 2, *part) for part in ((0, 4), (4, 5), (5, ALL)))
    scores = net.add("Mul", scores, sure)
    boxes = net.add("MatMul", boxes, net.constant([[1, 0, 1, 0], [0, 1, 0, 1], [-0.5, 0, 0.5, 0], [0, -0.5, 0, 0.5]]))
    best = net.add("ReduceMax", scores, axes=[2], keepdims=1)
    labels = net.add("ArgMax", scores, axis=2, keepdims=1)
    # Boxes of different classes lie so far apart that they do not overlap.
    apart = net.add("Add", boxes, net.add("Mul", floats(net, labels), net.constant(640)))
    selected = suppressed(net, apart, net.transpose(best, 0, 2, 1), 100, 0.45, LEAST_SCORE)
    pictures, index = (net.add("Gather", selected, whole(net, column), axis=1) for column in (0, 2))
    columns = [picked(net, value, pictures, index) for value in (boxes, labels, best)]
    columns[1] = floats(net, columns[1])
    net.give("output", net.concat(1, floats(net, unsqueezed(net, pictures, 1)), *columns), ("boxes", 7))
    return net.file()


def padded_rows(net, rows, most, width):
    """torch.nn.functional.pad of rows to so many, as torch.onnx writes it."""
    values, found = length(net, rows, 1), length(net, rows)
    missing = net.add("Mul", net.add("Sub", whole(net, most), found), values)
    flat = net.reshape(rows, -1)
    pads = [net.concat(0, net.constant([0], numpy.int64), unsqueezed(net, missing, 0)) for _ in range(2)]
    axes = net.add("Gather", net.add("Shape", pads[0]), net.constant([0], numpy.int64), axis=0)
    others = filled(net, net.add("Sub", whole(net, 2), axes), 0)
    pairs = net.reshape(net.concat(0, net.add("Cast", pads[1], to=TensorProto.INT64), others), -1, 2)
    pads = net.reshape(net.transpose(sliced(net, pairs, 0, -1, -ALL, -1), 1, 0), -1)
    all_rows = net.add("Pad", flat, net.add("Cast", pads, to=TensorProto.INT64), "", mode="constant")
    shape = net.concat(0, net.constant([most], numpy.int64), unsqueezed(net, values, 0))
    all_rows = net.add("Expand", net.add("Reshape", all_rows, shape), whole(net, most, width))
    return net.add("ScatterND", net.constant(numpy.zeros((1, most, width))), net.constant([[0]], numpy.int64),
                   net.reshape(all_rows, 1, most, width))


def ultralytics(coefficients=0, dynamic=False):
    """ultralytics/ultralytics, export with nms=True: output0 [1, 300, 6 (+ 32)] of corners, score and class (and
    coefficients of output1, its prototypes); behind what was found, zeros. `dynamic`: with dynamic=True, which says
    nothing of the extents of output0."""
    net = Network("images", 320, 320, seed=55, batch="batch" if dynamic else 1)
    most, width = 300, 6 + coefficients
    columns, _ = models.yolo_v8_columns(net, coefficients, of_corners=True)
    rows = net.transpose(columns, 0, 2, 1)
    boxes, scores, extra = (sliced(net, rows, 2, *part)
                            for part in ((0, 4), (4, 4 + CLASSES), (4 + CLASSES, 4 + CLASSES + coefficients)))
    best = net.add("ReduceMax", scores, axes=[-1], keepdims=0)
    labels = net.add("ArgMax", scores, axis=-1, keepdims=0)
    boxes, labels, best, extra = (net.add("Gather", value, whole(net, 0), axis=0)
                                  for value in (boxes, labels, best, extra))
    sure = net.add("Greater", best, net.constant(LEAST_SCORE))
    boxes, best, labels, extra = (
        net.add("GatherND", value, net.transpose(net.add("NonZero", sure), 1, 0))
        for value in (boxes, best, labels, extra))
    # Boxes of different classes are moved apart, in parts of a quarter of the picture.
    small = net.add("Mul", net.add("Div", boxes, net.constant(320)), net.constant(0.25))
    found = length(net, labels)
    column = net.add("Reshape", labels, net.concat(0, unsqueezed(net, found, 0), net.constant([1], numpy.int64)))
    shape = net.reshape(net.concat(0, unsqueezed(net, found, 0), net.constant([4], numpy.int64)), -1)
    ones = filled(net, net.add("Shape", shape), 1)
    shape = net.add("Where", net.add("Equal", shape, net.add("Mul", ones, whole(net, -1))), ones, shape)
    offsets = net.add("Mul", floats(net, net.add("Expand", column, shape)), net.constant(0.25))
    moved = net.add("Concat", net.add("Add", sliced(net, small, 1, 0, 4), offsets), sliced(net, small, 1, 4, ALL),
                    axis=-1)
    selected = suppressed(net, floats(net, unsqueezed(net, moved, 0)),
                          floats(net, unsqueezed(net, unsqueezed(net, best, 0), 0)), ALL, 0.7)
    index = net.add("Squeeze", net.add("Gather", selected, net.constant([2], numpy.int64), axis=1),
                    net.constant([1], numpy.int64))
    index = sliced(net, index, 0, 0, most)
    boxes, best, labels, extra = (net.add("Gather", value, index, axis=0) for value in (boxes, best, labels, extra))
    rows = net.add("Concat", boxes, net.reshape(best, -1, 1), floats(net, net.reshape(labels, -1, 1)), extra, axis=-1)
    rows = sliced(net, padded_rows(net, rows, most, width), 0, 0, 1)
    net.give("output0", rows, ("batch", "rows", "values") if dynamic else (1, most, width))
    if coefficients:
        models.give_prototypes(net)
    return net.file()


def best_rows(net, value, index, width):
    """The rows that `index` [1, rows] names, as torch.gather is written."""
    wide = net.constant([-1, -1, width], numpy.int64)
    ones = filled(net, net.constant([3], numpy.int64), 1)
    shape = net.add("Where", net.add("Equal", wide, net.add("Mul", ones, whole(net, -1))), ones, wide)
    return net.add("GatherElements", value, net.add("Expand", unsqueezed(net, index, 2), shape), axis=1)


def yolov10():
    """THU-MIG/yolov10, and Ultralytics with end2end=True: output0 [1, 300, 6] of corners, score and class, the best
    ones of a network that gives each thing one box."""
    net = Network("images", 320, 320, seed=43)
    columns, _ = models.yolo_v8_columns(net, of_corners=True)
    boxes, scores = net.add("Split", net.transpose(columns, 0, 2, 1), net.constant([4, CLASSES], numpy.int64),
                            outputs=2, axis=-1)
    most = net.constant([300], numpy.int64)
    _, index = net.add("TopK", net.add("ReduceMax", scores, axes=[-1], keepdims=0), most, outputs=2, axis=1)
    flat = net.add("Flatten", best_rows(net, scores, index, CLASSES), axis=1)
    best, place = net.add("TopK", flat, most, outputs=2, axis=1)
    labels = net.add("Mod", place, whole(net, CLASSES))
    row = net.add("Cast", net.add("Div", place, whole(net, CLASSES)), to=TensorProto.INT64)
    boxes = best_rows(net, boxes, net.add("GatherElements", index, row, axis=1), 4)
    net.give("output0", net.add("Concat", boxes, unsqueezed(net, best, 2), floats(net, unsqueezed(net, labels, 2)),
                                axis=-1), (1, 300, 6))
    return net.file()


def box_scores(net, levels, bias):
    """[1, classes, boxes], as NonMaxSuppression reads them."""
    scores = models.by_anchors(net, levels, models.BOX_ANCHORS, CLASSES, bias=bias, gain=models.SURE)
    return net.transpose(net.add("Sigmoid", scores), 0, 2, 1)


def keras_yolo():
    """qqwweee/keras-yolo3, as onnx/models has its yolov3: boxes, scores and what NonMaxSuppression selects of them;
    a second input image_shape; top first."""
    net = Network("input_1", 320, 256, seed=44)
    levels = net.pyramid(models.BOX_STRIDES)
    shape = net.reshape(net.feed("image_shape", (1, 2)), 1, 1, 2)
    x_min, y_min, x_max, y_max = net.split(models.ssd_corners(net, levels, models.BOX_ANCHORS), 2, 1, 1, 1, 1)
    boxes = net.add("Mul", net.concat(2, y_min, x_min, y_max, x_max), net.concat(2, shape, shape))
    scores = box_scores(net, levels, UNSURE - 1)
    net.give("yolonms_layer_1/ExpandDims_1:0", boxes, (1, "boxes", 4))
    net.give("yolonms_layer_1/ExpandDims_3:0", scores, (1, CLASSES, "boxes"))
    selected = suppressed(net, boxes, scores, 20, 0.5, LEAST_SCORE)
    net.give("yolonms_layer_1/concat_2:0", net.add("Cast", selected, to=TensorProto.INT32), ("selected", 3),
             TensorProto.INT32)
    return net.file()


def centered():
    """NonMaxSuppression of boxes that are given by their middles (center_point_box), with one extent for its results."""
    net = Network("image", 320, 320, seed=45)
    levels = net.pyramid(models.BOX_STRIDES)
    low, high = net.split(net.scaled(models.ssd_corners(net, levels, models.BOX_ANCHORS), 320), 2, 2, 2)
    middle = net.add("Div", net.add("Add", low, high), net.constant(2))
    boxes = net.concat(2, middle, net.add("Sub", high, low))
    scores = box_scores(net, levels, UNSURE - 1)
    count = len(models.anchors_of(levels, models.BOX_ANCHORS))
    net.give("boxes", boxes, (1, count, 4))
    net.give("scores", scores, (1, CLASSES, count))
    net.give("selected_indices", suppressed(net, boxes, scores, 50, 0.6, LEAST_SCORE, center_point_box=1),
             ("selected", 3), TensorProto.INT64)
    return net.file()


def paddle():
    """PaddlePaddle/PaddleDetection by Paddle2ONNX: rows [boxes, 6] of class, score and corners, best first, and their
    number; a second input scale_factor, by which its boxes are divided."""
    net = Network("image", 320, 256, seed=46)
    levels = net.pyramid(models.BOX_STRIDES)
    y, x = net.split(net.reshape(net.feed("scale_factor", (1, 2)), 1, 1, 2), 2, 1, 1)
    boxes = net.scaled(models.ssd_corners(net, levels, models.BOX_ANCHORS), [320, 256, 320, 256])
    boxes = net.add("Div", boxes, net.concat(2, x, y, x, y))
    scores = box_scores(net, levels, UNSURE - 1)
    _, label, box = net.split(suppressed(net, boxes, scores, 100, 0.5, LEAST_SCORE), 1, 1, 1, 1)
    place = net.add("Add", net.add("Mul", label, net.add("Gather", net.add("Shape", scores),
                                                         net.constant([2], numpy.int64), axis=0)), box)
    best = net.add("Gather", net.reshape(scores, -1), net.reshape(place, -1), axis=0)
    least = net.concat(0, net.add("Shape", best), net.constant([100], numpy.int64))
    count = net.add("ReduceMin", least, axes=[0], keepdims=1)
    best, order = net.add("TopK", best, count, outputs=2, axis=0)
    labels, index = (net.add("Gather", net.reshape(value, -1), order, axis=0) for value in (label, box))
    rows = net.add("Squeeze", net.add("Gather", boxes, index, axis=1), net.constant([0], numpy.int64))
    net.give("multiclass_nms3_0.tmp_0",
             net.concat(1, floats(net, unsqueezed(net, labels, 1)), unsqueezed(net, best, 1), rows), ("boxes", 6))
    net.give("multiclass_nms3_0.tmp_2", net.add("Cast", count, to=TensorProto.INT32), (1,), TensorProto.INT32)
    return net.file()
