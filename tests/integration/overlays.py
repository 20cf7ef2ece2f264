"""The colours of dnnctl's overlays, as its README has them."""

import colorsys

import numpy

# A class's colour is whole bytes of a hue in whole degrees.
COLOR_TOLERANCE = 2


def class_color(index):
    return numpy.round(numpy.array(colorsys.hsv_to_rgb(index % 360 * 137 % 360 / 360, 1, 1)) * 255)


def is_color(pixels, color):
    return (numpy.abs(pixels.astype(int) - color) <= COLOR_TOLERANCE).all(-1)
