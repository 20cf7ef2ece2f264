"""Detectors as their exporters write them: the outputs' layouts, names and operators, behind a small network.

Where a layout is taken from stands at each. Weights are random and seeded; biases make few boxes sure enough.
"""

import numpy
from network import FEATURES, STEM_STRIDE, Network
from onnx import TensorProto

CLASSES = 6
# So that about one box of a hundred is above the threshold of the tests.
SURE, UNSURE = 1.5, -4.0
BOXES = 0.4
BINS = 16
COEFFICIENTS = 32

YOLO_STRIDES = (8, 16, 32)
# Of yolov5s, in pixels of the input: the usual ones.
YOLO_ANCHORS = (((10, 13), (16, 30), (33, 23)), ((30, 61), (62, 45), (59, 119)), ((116, 90), (156, 198), (373, 326)))
# Few sizes for each level, as SSD and RetinaNet have them.
BOX_STRIDES = (8, 16, 32)
BOX_ANCHORS = (((24, 24), (34, 17)), ((48, 48), (68, 34)), ((96, 96), (136, 68)))
FACE_STRIDES = (8, 16, 32, 64)
FACE_ANCHORS = (((10, 10), (16, 16), (24, 24)), ((32, 32), (48, 48)), ((64, 64), (96, 96)),
                ((128, 128), (192, 192), (256, 256)))
PLUS_STRIDES = (8, 16, 32, 64)
PLUS_BINS = 8


def grid(stride, columns, rows, offset):
    """The (x, y) of the cells, row by row, in pixels."""
    y, x = numpy.mgrid[0:rows, 0:columns]
    return (numpy.stack([x, y], -1).reshape(-1, 2) + offset) * stride


def anchors_of(levels, sizes, offset=0.5):
    """[anchors, 4] of (x, y, width, height) in pixels: by level, row, column, size."""
    found = []
    for (_, stride, rows, columns), level in zip(levels, sizes, strict=True):
        for cell in grid(stride, columns, rows, offset):
            found += [(*cell, *size) for size in level]
    return numpy.array(found)


def by_anchor(net, level, each, values, bias=0.0, gain=1.0):
    """[1, rows * columns * each, values] of a level: permuted and flattened as PyTorch's detectors do it."""
    value, _, rows, columns = level
    raw = net.conv(value, FEATURES, each * values, bias=bias, gain=gain)
    return net.reshape(net.transpose(raw, 0, 2, 3, 1), 1, rows * columns * each, values)


def by_anchors(net, levels, sizes, values, **named):
    return net.concat(1, *(by_anchor(net, level, len(size), values, **named)
                           for level, size in zip(levels, sizes, strict=True)))


def yolo_head(each, values, unsure):
    """Bias and gain of boxes, objectness and classes: boxes are not far from their anchors."""
    return {"bias": numpy.tile([0.0] * 4 + [unsure] + [0.0] * (values - 5), each),
            "gain": numpy.tile([BOXES] * 4 + [SURE] * (values - 4), each)}


def yolo_grids(net, values, unsure=UNSURE, axes=True):
    """Each level's raw values: [1, 3, rows, columns, values], or as the convolution has them."""
    for level, size in zip(net.pyramid(YOLO_STRIDES), YOLO_ANCHORS, strict=True):
        value, stride, rows, columns = level
        raw = net.conv(value, FEATURES, len(size) * values, **yolo_head(len(size), values, unsure))
        if axes:
            raw = net.transpose(net.reshape(raw, 1, len(size), values, rows, columns), 0, 1, 3, 4, 2)
        yield raw, stride, rows, columns


def yolo_v5_rows(net, coefficients=0):
    """[1, 6300, 5 + classes (+ 32)] of a network of 320 x 320."""
    values, levels = 5 + CLASSES + coefficients, []
    for (raw, stride, rows, columns), sizes in zip(yolo_grids(net, values), YOLO_ANCHORS, strict=True):
        count = len(sizes) * rows * columns
        raw, extra = net.split(raw, 4, 5 + CLASSES, coefficients) if coefficients else (raw, None)
        middle, size, scores = net.split(net.add("Sigmoid", raw), 4, 2, 2, 1 + CLASSES)
        cells = grid(1, columns, rows, -0.5).reshape(1, 1, rows, columns, 2)
        middle = net.scaled(middle, 2 * stride, cells * stride)
        size = net.add("Mul", net.add("Pow", net.scaled(size, 2), net.constant(2)),
                       net.constant(numpy.reshape(sizes, (1, 3, 1, 1, 2))))
        parts = [middle, size, scores] + ([extra] if coefficients else [])
        levels.append(net.reshape(net.concat(4, *parts), 1, count, values))
    return net.concat(1, *levels)


def yolo_v5(coefficients=0):
    """ultralytics/yolov5, export.py: one output0 [1, boxes, 5 + classes (+ 32)]; with output1, its prototypes."""
    net = Network("images", 320, 320, seed=5)
    rows = yolo_v5_rows(net, coefficients)
    net.give("output0", rows, (1, 6300, 5 + CLASSES + coefficients))
    if coefficients:
        give_prototypes(net)
    return net.file()


def yolo_v7_grids():
    """WongKinYiu/yolov7, export.py without --grid: [1, 3, rows, columns, 5 + classes] a level, before the sigmoid."""
    net = Network("images", 320, 320, seed=24)
    values = 5 + CLASSES
    grids = yolo_grids(net, values, UNSURE + 2)
    for name, (raw, _, rows, columns) in zip(("output", "516", "528"), grids, strict=True):
        net.give(name, raw, (1, 3, rows, columns, values))
    return net.file()


def yolo_v3_grids(open_size=False):
    """darknet's YOLOv3 by its converters: [1, 3 * (5 + classes), rows, columns] a level, before the sigmoid; the
    coarsest first."""
    net = Network("000_net", 416, 416, seed=27, open_size=open_size)
    values = 5 + CLASSES
    levels = list(yolo_grids(net, values, UNSURE - 1, axes=False))
    for name, (raw, _, rows, columns) in zip(("082_convolutional", "094_convolutional", "106_convolutional"),
                                             reversed(levels), strict=True):
        net.give(name, raw, (1, 3 * values, f"{name}_rows", f"{name}_columns") if open_size else
                 (1, 3 * values, rows, columns))
    return net.file()


def give_prototypes(net):
    rows, columns = net.height // STEM_STRIDE, net.width // STEM_STRIDE
    net.give("output1", net.conv(net.stem(), FEATURES, COEFFICIENTS), (1, COEFFICIENTS, rows, columns))


def yolo_v8_columns(net, coefficients=0, of_corners=False):
    """[1, 4 + classes (+ 32), boxes]; `of_corners`: of corners, as before a suppression, not of middle and size."""
    boxes, scores, extras, cells, strides = [], [], [], [], []
    for value, stride, rows, columns in net.pyramid(YOLO_STRIDES):
        count = rows * columns
        scored = net.conv(value, FEATURES, CLASSES, bias=UNSURE + 2, gain=SURE)
        raw = net.concat(1, net.conv(value, FEATURES, 4 * BINS), scored)
        box, score = net.split(net.reshape(raw, 1, 4 * BINS + CLASSES, count), 1, 4 * BINS, CLASSES)
        boxes.append(box)
        scores.append(score)
        if coefficients:
            extras.append(net.reshape(net.conv(value, FEATURES, coefficients), 1, coefficients, count))
        cells.append(grid(1, columns, rows, 0.5))
        strides.append(numpy.full(count, stride))
    cells, strides = numpy.concatenate(cells).T[None], numpy.concatenate(strides)[None, None]
    bins = net.transpose(net.reshape(net.concat(2, *boxes), 1, 4, BINS, cells.shape[2]), 0, 2, 1, 3)
    weighed = net.add("Conv", net.add("Softmax", bins, axis=1), net.constant(numpy.arange(BINS).reshape(1, BINS, 1, 1)))
    first, last = net.split(net.reshape(weighed, 1, 4, cells.shape[2]), 1, 2, 2)
    low = net.add("Sub", net.constant(cells), first)
    high = net.add("Add", net.constant(cells), last)
    box = net.concat(1, low, high)
    if not of_corners:
        middle = net.add("Div", net.add("Add", low, high), net.constant(2))
        box = net.concat(1, middle, net.add("Sub", high, low))
    parts = [net.add("Mul", box, net.constant(strides)), net.add("Sigmoid", net.concat(2, *scores))]
    parts += [net.concat(2, *extras)] if coefficients else []
    return net.concat(1, *parts), cells.shape[2]


def yolo_v8(coefficients=0, width=320, height=320):
    """ultralytics/ultralytics, export: output0 [1, 4 + classes (+ 32), boxes]; with output1, its prototypes."""
    net = Network("images", width, height, seed=8)
    columns, count = yolo_v8_columns(net, coefficients)
    net.give("output0", columns, (1, 4 + CLASSES + coefficients, count))
    if coefficients:
        give_prototypes(net)
    return net.file()


def nanodet_plus():
    """RangiLyu/nanodet, tools/export_onnx.py: one output [1, cells, classes + 4 * bins], scores after their sigmoid."""
    net = Network("data", 320, 320, seed=9)
    values, levels = CLASSES + 4 * PLUS_BINS, []
    for value, _, rows, columns in net.pyramid(PLUS_STRIDES):
        bias = [UNSURE] * CLASSES + [0] * (4 * PLUS_BINS)
        scores, sides = net.split(net.conv(value, FEATURES, values, bias=bias, gain=SURE), 1, CLASSES, 4 * PLUS_BINS)
        levels.append(net.reshape(net.concat(1, net.add("Sigmoid", scores), sides), 1, values, rows * columns))
    net.give("output", net.transpose(net.concat(2, *levels), 0, 2, 1), (1, 2125, values))
    return net.file()


def give_ssd(net, levels, boxes):
    """Scores of "nothing" and of each class by softmax, and boxes."""
    count = len(anchors_of(levels, BOX_ANCHORS))
    bias = numpy.tile([2 - UNSURE] + [0] * CLASSES, 2)
    scores = by_anchors(net, levels, BOX_ANCHORS, 1 + CLASSES, bias=bias, gain=SURE)
    net.give("scores", net.add("Softmax", scores, axis=2), (1, count, 1 + CLASSES))
    net.give("boxes", boxes, (1, count, 4))
    return net.file()


def ssd():
    """SSD (Liu et al., 2016) without its decoding: offsets, and scores of all classes and "nothing" by softmax."""
    net = Network("image", 320, 256, seed=11)
    levels = net.pyramid(BOX_STRIDES)
    return give_ssd(net, levels, by_anchors(net, levels, BOX_ANCHORS, 4))


def retinanet():
    """pytorch/vision, RetinaNetHead: logits, offsets without variances."""
    net = Network("images", 320, 256, seed=12)
    levels = net.pyramid(BOX_STRIDES)
    count = len(anchors_of(levels, BOX_ANCHORS))
    scores = by_anchors(net, levels, BOX_ANCHORS, CLASSES, bias=UNSURE - 2, gain=SURE)
    net.give("cls_logits", scores, (1, count, CLASSES))
    net.give("bbox_regression", by_anchors(net, levels, BOX_ANCHORS, 4, gain=0.5), (1, count, 4))
    return net.file()


def ssd_corners(net, levels, sizes, gain=1.0):
    """[1, anchors, 4] corners in parts of the input, decoded by the graph with SSD's variances."""
    side = numpy.array([net.width, net.height] * 2)
    anchors = anchors_of(levels, sizes) / side
    middle, size = net.split(by_anchors(net, levels, sizes, 4, gain=gain), 2, 2, 2)
    middle = net.scaled(middle, 0.1 * anchors[None, :, 2:], anchors[None, :, :2])
    half = net.add("Mul", net.add("Exp", net.scaled(size, 0.2)), net.constant(anchors[None, :, 2:] / 2))
    return net.concat(2, net.add("Sub", middle, half), net.add("Add", middle, half))


def ultraface():
    """Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB, version-RFB-320.onnx: corners in parts of the input."""
    net = Network("input", 320, 240, seed=23)
    levels = net.pyramid(FACE_STRIDES)
    scores = net.concat(1, *(by_anchor(net, level, len(sizes), 2, bias=numpy.tile([1.5, -1.5], len(sizes)), gain=SURE)
                             for level, sizes in zip(levels, FACE_ANCHORS, strict=True)))
    net.give("scores", net.add("Softmax", scores, axis=2), (1, 4420, 2))
    net.give("boxes", ssd_corners(net, levels, FACE_ANCHORS), (1, 4420, 4))
    return net.file()


def decoded_ssd():
    """qfgaohao/pytorch-ssd, convert_to_caffe2_models.py: scores of each class and of "nothing", corners in parts."""
    net = Network("0", 300, 300, seed=14)
    levels = net.pyramid(BOX_STRIDES)
    return give_ssd(net, levels, ssd_corners(net, levels, BOX_ANCHORS))


def decoded_paddle():
    """PaddlePaddle/PaddleDetection with exclude_nms: boxes [1, boxes, 4] in pixels, scores [1, classes, boxes]."""
    net = Network("image", 320, 320, seed=15)
    levels = net.pyramid(BOX_STRIDES)
    count = len(anchors_of(levels, BOX_ANCHORS))
    scores = by_anchors(net, levels, BOX_ANCHORS, CLASSES, bias=UNSURE, gain=SURE)
    net.give("concat_0.tmp_0", net.scaled(ssd_corners(net, levels, BOX_ANCHORS), 320), (1, count, 4))
    net.give("transpose_0.tmp_0", net.transpose(net.add("Sigmoid", scores), 0, 2, 1), (1, CLASSES, count))
    return net.file()


def decoded_scaled():
    """PaddlePaddle/PaddleDetection: a second input scale_factor, by which its boxes are divided."""
    net = Network("image", 320, 256, seed=32)
    levels = net.pyramid(BOX_STRIDES)
    count = len(anchors_of(levels, BOX_ANCHORS))
    scores = by_anchors(net, levels, BOX_ANCHORS, CLASSES, bias=UNSURE - 2, gain=SURE)
    y, x = net.split(net.reshape(net.feed("scale_factor", (1, 2)), 1, 1, 2), 2, 1, 1)
    boxes = net.scaled(ssd_corners(net, levels, BOX_ANCHORS), [320, 256, 320, 256])
    net.give("divide_0.tmp_0", net.add("Div", boxes, net.concat(2, x, y, x, y)), (1, count, 4))
    net.give("transpose_0.tmp_0", net.transpose(net.add("Sigmoid", scores), 0, 2, 1), (1, CLASSES, count))
    return net.file()


def decoded_shaped():
    """qqwweee/keras-yolo3, as onnx/models has it, without its suppression: a second input image_shape, by which its
    boxes, in parts of the picture, are multiplied; top first."""
    net = Network("input_1", 320, 256, seed=33)
    levels = net.pyramid(BOX_STRIDES)
    count = len(anchors_of(levels, BOX_ANCHORS))
    scores = by_anchors(net, levels, BOX_ANCHORS, CLASSES, bias=UNSURE - 2, gain=SURE)
    shape = net.reshape(net.feed("image_shape", (1, 2)), 1, 1, 2)
    x_min, y_min, x_max, y_max = net.split(ssd_corners(net, levels, BOX_ANCHORS), 2, 1, 1, 1, 1)
    boxes = net.add("Mul", net.concat(2, y_min, x_min, y_max, x_max), net.concat(2, shape, shape))
    net.give("yolonms_layer_1/ExpandDims_1:0", boxes, (1, count, 4))
    net.give("yolonms_layer_1/ExpandDims_3:0", net.transpose(net.add("Sigmoid", scores), 0, 2, 1), (1, CLASSES, count))
    return net.file()


def sorted_out(net, bias):
    """A box of each anchor of the coarsest level, with its best score and its class, as suppression leaves them."""
    levels, sizes = net.pyramid(BOX_STRIDES)[-1:], BOX_ANCHORS[-1:]
    scores = net.add("Sigmoid", by_anchors(net, levels, sizes, CLASSES, bias=bias, gain=SURE))
    return (ssd_corners(net, levels, sizes), net.add("ReduceMax", scores, axes=[2], keepdims=0),
            net.add("ArgMax", scores, axis=2, keepdims=0), len(anchors_of(levels, sizes)))


def decoded_tensorflow():
    """TensorFlow's object detection API by tf2onnx: bytes in, top first, in parts of the input; classes from 1."""
    net = Network("image_tensor:0", 320, 320, seed=16, of_bytes=True)
    boxes, scores, labels, count = sorted_out(net, UNSURE + 1)
    x_min, y_min, x_max, y_max = net.split(boxes, 2, 1, 1, 1, 1)
    net.give("detection_boxes:0", net.concat(2, y_min, x_min, y_max, x_max), (1, count, 4))
    labels = net.scaled(net.add("Cast", labels, to=TensorProto.FLOAT), 1.0, 1.0)
    net.give("detection_classes:0", labels, (1, count))
    net.give("detection_scores:0", scores, (1, count))
    # Two less than there are: what is behind them does not count.
    net.give("num_detections:0", net.constant([count - 2]), (1,))
    return net.file()


def decoded_mmdeploy():
    """open-mmlab/mmdeploy: dets [1, boxes, 5] of corners and score, labels [1, boxes]."""
    net = Network("input", 320, 320, seed=17)
    boxes, scores, labels, count = sorted_out(net, UNSURE + 1)
    boxes = net.concat(2, net.scaled(boxes, 320), net.reshape(scores, 1, count, 1))
    net.give("dets", boxes, (1, count, 5))
    net.give("labels", labels, (1, count), TensorProto.INT64)
    return net.file()


def decoded_rows():
    """THU-MIG/yolov10 and Ultralytics with nms=True: output0 [1, boxes, 6] of corners, score and class."""
    net = Network("images", 320, 320, seed=18)
    boxes, scores, labels, count = sorted_out(net, UNSURE + 1)
    labels = net.reshape(net.add("Cast", labels, to=TensorProto.FLOAT), 1, count, 1)
    net.give("output0", net.concat(2, net.scaled(boxes, 320), net.reshape(scores, 1, count, 1), labels), (1, count, 6))
    return net.file()


def decoded_yolov7():
    """WongKinYiu/yolov7, --end2end: output [boxes, 7] of picture, corners, class and score."""
    net = Network("images", 320, 320, seed=19)
    boxes, scores, labels, count = sorted_out(net, UNSURE + 1)
    labels = net.reshape(net.add("Cast", labels, to=TensorProto.FLOAT), 1, count, 1)
    rows = net.concat(2, net.constant(numpy.zeros((1, count, 1))), net.scaled(boxes, 320), labels,
                      net.reshape(scores, 1, count, 1))
    net.give("output", net.reshape(rows, count, 7), (count, 7))
    return net.file()


def mask_rcnn(side=28):
    """pytorch/vision, maskrcnn_resnet50_fpn: boxes [boxes, 4] in pixels, labels, scores, masks [boxes, 1, 28, 28] of
    each box; with the side of the input, pasted into the picture as that model does when all of it is exported."""
    net = Network("image", 160, 160, seed=31)
    boxes, scores, labels, count = sorted_out(net, UNSURE + 1)
    net.give("boxes", net.scaled(net.reshape(boxes, count, 4), 160), (count, 4))
    net.give("labels", net.reshape(labels, count), (count,), TensorProto.INT64)
    net.give("scores", net.reshape(scores, count), (count,))
    # A mask for each box out of the picture's own features, in blobs: shrunk, mixed, and enlarged again.
    few = net.conv(net.stem(), FEATURES, count, kernel=8, stride=8)
    grown = net.add("Resize", few, "", "", net.constant([1, count, side, side], numpy.int64), mode="linear",
                    coordinate_transformation_mode="half_pixel")
    net.give("masks", net.reshape(net.add("Sigmoid", grown), count, 1, side, side), (count, 1, side, side))
    return net.file()
