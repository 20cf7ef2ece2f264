"""Boxes of a reply held against those of a reference."""

import numpy
from dnnd.v1 import config_pb2

DETECT = config_pb2.ModelConfig.DETECT
# What the project promises of boxes.
PIXELS = 1.0
# Two resizers, two JPEG decoders and two engines.
SCORE_TOLERANCE = 0.02
# Things this near to the threshold may be found by one and not by the other.
UNSURE = 0.02


def box_of(detection):
    box = detection.box
    return numpy.array([box.x_min, box.y_min, box.x_max, box.y_max])


def clipped(box, result):
    return numpy.clip(box, 0, [result.width, result.height] * 2)


def match(case, expected, result, threshold):
    """Each thing of the reference to one of ours, and none of ours too many; the largest difference in pixels."""
    worst = 0
    left = list(result.detections)
    for want in expected:
        pairs = [(numpy.abs(box_of(got) - clipped(twin.box, result)).max(), i, twin)
                 for i, got in enumerate(left) for twin in (want, *want.twins)
                 if got.category.index == want.index]
        distance, i, twin = min(pairs, key=lambda pair: pair[0], default=(numpy.inf, None, want))
        if distance > PIXELS:
            case.assertLess(want.score, threshold + UNSURE, f"missing: {want}")
            continue
        got = left.pop(i)
        worst = max(worst, distance)
        case.assertAlmostEqual(twin.score, got.category.score, delta=SCORE_TOLERANCE)
        if twin.points is not None:
            points = numpy.array([(point.x, point.y) for point in got.keypoints])
            case.assertEqual((5, 2), points.shape)
            case.assertLessEqual(numpy.abs(points - twin.points).max(), PIXELS)
    for got in left:
        case.assertLess(got.category.score, threshold + UNSURE, f"too many: {got}")
    return worst
