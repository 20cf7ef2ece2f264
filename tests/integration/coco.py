"""COCO's compressed run lengths, read as cocoapi's maskApi.c writes them."""

import numpy


def runs(counts):
    """The run lengths of a string."""
    found, at = [], 0
    while at < len(counts):
        number, shift, more = 0, 0, True
        while more:
            digit = ord(counts[at]) - 48
            at, more = at + 1, bool(digit & 0x20)
            number |= (digit & 0x1f) << shift
            shift += 5
            if not more and digit & 0x10:
                number |= -1 << shift
        found.append(number + found[-2] if len(found) > 2 else number)
    return found


def pixels_of(counts, width, height):
    """[height, width] of 0 and 1."""
    lengths = runs(counts)
    return numpy.repeat(numpy.arange(len(lengths)) % 2, lengths).reshape(width, height).T
