"""How good detectors and segmenters are, by the usual measures, from plain values: nothing here knows of the daemon."""

import collections
import typing

import numpy


class Found(typing.NamedTuple):
    """A box that a detector reports; box is (x_min, y_min, x_max, y_max)."""
    picture: int
    label: str
    score: float
    box: tuple


class Thing(typing.NamedTuple):
    """A box that is there."""
    picture: int
    label: str
    box: tuple


def overlap(a, b):
    """The intersection of two boxes over their union."""
    width, height = (min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in range(2))
    shared = max(width, 0) * max(height, 0)
    union = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - shared
    return shared / union if union > 0 else 0.0


def average_precision(found, things, least_overlap):
    """Of boxes of one label: the area below precision over recall, by all points, as PASCAL VOC has it since 2010.

    A found box is right if, of the things of its picture, the one that it overlaps most reaches `least_overlap` and was not
    found before by a better score.
    """
    by_picture = collections.defaultdict(list)
    for thing in things:
        by_picture[thing.picture].append(thing)
    taken = set()
    right = []
    for box in sorted(found, key=lambda box: -box.score):
        there = by_picture[box.picture]
        overlaps = [overlap(box.box, thing.box) for thing in there]
        best = max(range(len(there)), key=overlaps.__getitem__, default=None)
        hit = best is not None and overlaps[best] >= least_overlap and (box.picture, best) not in taken
        right.append(hit)
        if hit:
            taken.add((box.picture, best))
    hits = numpy.cumsum(right)
    recall = hits / len(things)
    precision = hits / numpy.arange(1, len(right) + 1)
    # At each recall the best precision at it or beyond.
    precision = numpy.maximum.accumulate(precision[::-1])[::-1]
    return float(numpy.sum(numpy.diff(recall, prepend=0) * precision))


def mean_average_precision(found, things, least_overlap):
    """The mean over the labels that are there."""
    return float(numpy.mean([average_precision([box for box in found if box.label == label],
                                               [thing for thing in things if thing.label == label], least_overlap)
                             for label in sorted({thing.label for thing in things})]))


class Confusion:
    """Pixels by true and by found class, over any number of masks."""

    def __init__(self, classes):
        self._counts = numpy.zeros((classes, classes), numpy.int64)

    def add(self, true, found):
        """Two masks of one size, [height, width] of indices."""
        if true.shape != found.shape:
            raise ValueError(f"got a mask {found.shape}, want {true.shape}")
        numpy.add.at(self._counts, (true.ravel(), found.ravel()), 1)

    def pixel_accuracy(self):
        return float(self._counts.trace() / self._counts.sum())

    def ious(self):
        """For each class the pixels that are and are found over those that are or are found; NaN for one that is neither."""
        both = self._counts.diagonal()
        either = self._counts.sum(0) + self._counts.sum(1) - both
        return numpy.divide(both, either, out=numpy.full(len(both), numpy.nan), where=either > 0)

    def mean_iou(self):
        return float(numpy.nanmean(self.ious()))
