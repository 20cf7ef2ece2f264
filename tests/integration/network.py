"""Small ONNX networks, written node by node: seeded weights, so that their outputs depend on the picture."""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
# What newer tools write is refused by older runtimes, and nothing here needs it.
IR_VERSION = 8
STEM_STRIDE = 4
FEATURES = 8
# Pixels in 0 to 1 are far from a variance of 1.
STEM_GAIN = 3.0


class Network:
    """A picture goes in: [1, 3, height, width] of floats, or [1, height, width, 3] of bytes; `open_size`: sides are
    whatever the picture has, in multiples of the strides; `batch`: a name for the first extent, whose value is 1. Add
    what comes out, then take file()."""

    def __init__(self, name, width, height, seed, of_bytes=False, open_size=False, batch=1):
        self.width, self.height = width, height
        self._random = numpy.random.default_rng(seed)
        self._nodes, self._constants, self._inputs, self._outputs = [], [], [], []
        if of_bytes:
            pixels = self.feed(name, (1, height, width, 3), TensorProto.UINT8)
            planes = self.transpose(self.add("Cast", pixels, to=TensorProto.FLOAT), 0, 3, 1, 2)
            self.picture = self.scaled(planes, 1 / 255)
        else:
            self.picture = self.feed(name, (batch, 3, "height", "width") if open_size else
                                     (batch, 3, height, width))

    def feed(self, name, shape, kind=TensorProto.FLOAT):
        """Another input."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def constant(self, values, kind=numpy.float32):
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(numpy.asarray(values, kind), name))
        return name

    def add(self, operator, *inputs, outputs=1, **attributes):
        """Its output's name, or the list of them."""
        names = [f"value_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names if outputs > 1 else names[0]

    def give(self, name, value, shape, kind=TensorProto.FLOAT):
        """An output."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def file(self):
        graph = helper.make_graph(self._nodes, "network", self._inputs, self._outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model.SerializeToString()

    def conv(self, value, channels, outputs, kernel=1, stride=1, bias=0.0, gain=1.0):
        """With weights that keep the variance (He et al., 2015), times `gain`; that and `bias` may be one an output."""
        spread = numpy.sqrt(2 / (channels * kernel * kernel))
        weights = self._random.normal(0, spread, (outputs, channels, kernel, kernel))
        weights *= numpy.broadcast_to(gain, outputs)[:, None, None, None]
        pad = kernel // 2 if kernel != stride else 0
        return self.add("Conv", value, self.constant(weights), self.constant(numpy.broadcast_to(bias, outputs)),
                        kernel_shape=[kernel, kernel], strides=[stride, stride], pads=[pad] * 4)

    def stem(self):
        """[1, FEATURES, height / 4, width / 4]."""
        return self.add("Relu", self.conv(self.picture, 3, FEATURES, STEM_STRIDE, STEM_STRIDE, gain=STEM_GAIN))

    def pyramid(self, strides, stem=None):
        """(value [1, FEATURES, rows, columns], stride, rows, columns) of each stride, a power of 2 above the stem's."""
        value, stride = stem or self.stem(), STEM_STRIDE
        levels = []
        while stride < strides[-1]:
            value, stride = self.add("Relu", self.conv(value, FEATURES, FEATURES, 3, 2)), stride * 2
            if stride in strides:
                levels.append((value, stride, -(-self.height // stride), -(-self.width // stride)))
        return levels

    def reshape(self, value, *shape):
        return self.add("Reshape", value, self.constant(shape, numpy.int64))

    def transpose(self, value, *axes):
        return self.add("Transpose", value, perm=axes)

    def split(self, value, axis, *sizes):
        return self.add("Split", value, self.constant(sizes, numpy.int64), outputs=len(sizes), axis=axis)

    def concat(self, axis, *values):
        return self.add("Concat", *values, axis=axis) if len(values) > 1 else values[0]

    def scaled(self, value, factors, offsets=0.0):
        """value * factors + offsets."""
        return self.add("Add", self.add("Mul", value, self.constant(factors)), self.constant(offsets))
