#!/usr/bin/env python3
"""Tests scores.py on cases that are computed by hand."""

import unittest

import numpy
import scores
from scores import Found, Thing

HERE, THERE = (0, 0, 10, 10), (20, 20, 30, 30)


def found(score, box, picture=0, label="star"):
    return Found(picture, label, score, box)


class AveragePrecisionTest(unittest.TestCase):
    def test_overlap(self):
        for other, want in {HERE: 1, THERE: 0, (0, 0, 10, 5): 0.5, (5, 0, 15, 10): 1 / 3, (10, 0, 20, 10): 0}.items():
            with self.subTest(other):
                self.assertAlmostEqual(want, scores.overlap(HERE, other))
        self.assertEqual(0, scores.overlap((1, 1, 1, 1), (1, 1, 1, 1)))

    def test_of_two_things(self):
        things = [Thing(0, "star", HERE), Thing(0, "star", THERE)]
        cases = {
            "both found": ([found(0.9, HERE), found(0.8, THERE)], 1),
            "nothing found": ([], 0),
            "one found": ([found(0.9, HERE)], 0.5),
            "a wrong one before both": ([found(0.9, (50, 50, 60, 60)), found(0.8, HERE), found(0.7, THERE)], 2 / 3),
            "a wrong one between": ([found(0.9, HERE), found(0.8, (50, 50, 60, 60)), found(0.7, THERE)], 0.5 + 0.5 * 2 / 3),
            "a wrong one after both": ([found(0.9, HERE), found(0.8, THERE), found(0.7, (50, 50, 60, 60))], 1),
            "one found twice": ([found(0.9, HERE), found(0.8, (0, 0, 10, 9)), found(0.7, THERE)], 0.5 + 0.5 * 2 / 3),
            "too little of it": ([found(0.9, (0, 0, 10, 4)), found(0.8, THERE)], 0.25),
            "in another picture": ([found(0.9, HERE, picture=1), found(0.8, THERE)], 0.25),
        }
        for name, (boxes, want) in cases.items():
            with self.subTest(name):
                self.assertAlmostEqual(want, scores.average_precision(boxes, things, 0.5))

    def test_the_mean_is_over_the_labels_that_are_there(self):
        things = [Thing(0, "star", HERE), Thing(0, "moon", THERE)]
        self.assertAlmostEqual(0.5, scores.mean_average_precision(
            [found(0.9, HERE), found(0.9, THERE), found(0.9, THERE, label="heart")], things, 0.5))


class ConfusionTest(unittest.TestCase):
    def test_of_two_masks(self):
        confusion = scores.Confusion(4)
        confusion.add(numpy.array([[0, 0, 1, 1]]), numpy.array([[0, 1, 1, 1]]))
        confusion.add(numpy.array([[2], [2]]), numpy.array([[2], [0]]))
        self.assertAlmostEqual(4 / 6, confusion.pixel_accuracy())
        numpy.testing.assert_allclose(confusion.ious(), [1 / 3, 2 / 3, 1 / 2, numpy.nan])
        self.assertAlmostEqual(0.5, confusion.mean_iou())

    def test_masks_of_two_sizes_are_refused(self):
        with self.assertRaisesRegex(ValueError, r"\(2, 1\).*\(1, 2\)"):
            scores.Confusion(2).add(numpy.zeros((1, 2), int), numpy.zeros((2, 1), int))


if __name__ == "__main__":
    unittest.main()
