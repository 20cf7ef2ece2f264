"""Segmenters as their exporters write them, behind a small network with seeded weights."""

from network import FEATURES, STEM_STRIDE, Network

CLASSES = 5


def enlarged(net, value):
    """[1, channels, height, width] of the input's size, as exporters end their heads."""
    return net.add("Resize", value, "", net.constant([1, 1, STEM_STRIDE, STEM_STRIDE]), mode="linear",
                   coordinate_transformation_mode="half_pixel")


def classes(width, height, open_size=False, whole=True):
    """A score for each class before any softmax: of the input's size, or of a quarter of it (segformer's logits)."""
    net = Network("pixel_values", width, height, seed=41, open_size=open_size)
    value = net.conv(net.stem(), FEATURES, CLASSES, gain=3.0)
    value = enlarged(net, value) if whole else value
    rows, columns = (height, width) if whole else (height // STEM_STRIDE, width // STEM_STRIDE)
    net.give("logits", value, (1, CLASSES, "rows", "columns") if open_size else (1, CLASSES, rows, columns))
    return net.file()


def matting(width, height):
    """ZHKKKe/MODNet, onnx/export_onnx.py: how much of each pixel is foreground, by sigmoid."""
    net = Network("input", width, height, seed=42)
    value = enlarged(net, net.conv(net.stem(), FEATURES, 1, gain=2.0))
    net.give("output", net.add("Sigmoid", value), (1, 1, height, width))
    return net.file()
