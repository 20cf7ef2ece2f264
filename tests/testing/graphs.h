// Small networks for tests, and tensors with reproducible elements.
#ifndef DNND_TESTS_TESTING_GRAPHS_H_
#define DNND_TESTS_TESTING_GRAPHS_H_

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/ir/builder.h"

namespace dnnd::engine {

// Elements of a normal distribution with mean 0 and standard deviation `scale`.
inline Tensor RandomTensor(const Shape& shape, uint32_t seed, float scale = 1.0f) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  Tensor tensor = Tensor::Create(DataType::kFloat32, shape).value();
  for (int64_t i = 0; i < tensor.num_elements(); ++i) {
    tensor.mutable_data<float>()[i] = normal(generator);
  }
  return tensor;
}

// Adds Conv nodes with random weights of a scale that keeps activations near 1.
class TestNetwork {
 public:
  explicit TestNetwork(std::string name) : builder_(std::move(name)) {}

  // A picture input [N,channels,height,width].
  ValueId Input(int64_t channels, int64_t height, int64_t width) {
    return builder_.Input("x", DataType::kFloat32,
                          {Dim{-1, "N"}, Dim{channels, ""}, Dim{height, ""}, Dim{width, ""}});
  }
  ValueId Conv(std::string name, ValueId x, int64_t inputs, int64_t outputs, int64_t kernel,
               int64_t stride = 1, int64_t groups = 1) {
    const float scale = 1.0f / std::sqrt(static_cast<float>(inputs / groups * kernel * kernel));
    const ValueId weights = builder_.Constant(
        name + ".weight", RandomTensor({outputs, inputs / groups, kernel, kernel}, ++seed_, scale));
    const ValueId bias = builder_.Constant(name + ".bias", RandomTensor({outputs}, ++seed_, 0.1f));
    return builder_.Op("Conv", name, {x, weights, bias},
                       {{"kernel_shape", std::vector<int64_t>{kernel, kernel}},
                        {"strides", std::vector<int64_t>{stride, stride}},
                        {"pads", std::vector<int64_t>(4, kernel / 2)},
                        {"group", groups}});
  }
  ValueId Dense(std::string name, ValueId x, int64_t inputs, int64_t outputs) {
    const float scale = 1.0f / std::sqrt(static_cast<float>(inputs));
    const ValueId weights =
        builder_.Constant(name + ".weight", RandomTensor({outputs, inputs}, ++seed_, scale));
    const ValueId bias = builder_.Constant(name + ".bias", RandomTensor({outputs}, ++seed_, 0.1f));
    return builder_.Op("Gemm", name, {x, weights, bias}, {{"transB", int64_t{1}}});
  }
  ValueId Op(std::string op, std::string name, std::vector<ValueId> inputs,
             Attributes attributes = {}) {
    return builder_.Op(std::move(op), std::move(name), std::move(inputs), std::move(attributes));
  }
  GraphBuilder& builder() { return builder_; }

  Graph Finish(ValueId output) {
    builder_.Output(output);
    return std::move(builder_).Build().value();
  }

 private:
  GraphBuilder builder_;
  uint32_t seed_ = 0;
};

// Two residual blocks with a strided shortcut, pooling and a classifier over 10 classes: every way
// in which a plan shares memory.
inline Graph ResidualNetwork() {
  TestNetwork net("residual");
  const ValueId x = net.Input(3, 20, 20);
  const ValueId stem = net.Op("Relu", "stem_relu", {net.Conv("stem", x, 3, 24, 3)});
  const ValueId a = net.Op("Relu", "a_relu", {net.Conv("a", stem, 24, 24, 3)});
  const ValueId sum = net.Op("Add", "sum1", {net.Conv("b", a, 24, 24, 3), stem});
  const ValueId first = net.Op("Relu", "first", {sum});
  const ValueId c = net.Op("Relu", "c_relu", {net.Conv("c", first, 24, 40, 3, 2)});
  const ValueId shortcut = net.Conv("shortcut", first, 24, 40, 1, 2);
  const ValueId second =
      net.Op("Relu", "second", {net.Op("Add", "sum2", {net.Conv("d", c, 40, 40, 3), shortcut})});
  const ValueId pooled = net.Op("GlobalAveragePool", "pool", {second});
  const ValueId flat = net.Op("Flatten", "flat", {pooled});
  return net.Finish(net.Dense("classifier", flat, 40, 10));
}

// The largest difference relative to the largest magnitude of `want`.
inline double RelativeError(const TensorView& got, const TensorView& want) {
  double error = 0;
  double magnitude = 0;
  for (int64_t i = 0; i < want.num_elements(); ++i) {
    error = std::max<double>(error, std::abs(got.data<float>()[i] - want.data<float>()[i]));
    magnitude = std::max<double>(magnitude, std::abs(want.data<float>()[i]));
  }
  return magnitude == 0 ? error : error / magnitude;
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_TESTING_GRAPHS_H_
