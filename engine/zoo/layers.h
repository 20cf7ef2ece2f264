// The layers that the architectures of the zoo are made of, with their initial weights.
#ifndef DNND_ENGINE_ZOO_LAYERS_H_
#define DNND_ENGINE_ZOO_LAYERS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "engine/ir/builder.h"

namespace dnnd::engine {

struct ConvShape {
  int64_t in;
  int64_t out;
  int64_t kernel;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t groups = 1;
  bool bias = true;
};

// Adds layers to one graph. Weights are drawn uniformly with the variance of Kaiming's
// initialisation (2 / fan_in), which keeps activations of ReLU networks at their scale; biases are
// zero. Running statistics of batch normalisation are near mean 0 and variance 1, and not equal to
// them, so that folding them is no identity. Not thread-safe.
class Layers {
 public:
  Layers(std::string name, uint64_t seed) : builder_(std::move(name)), seed_(seed) {}

  ValueId Image(int64_t channels, int64_t side);
  ValueId Vector(int64_t extent);

  ValueId Conv(const std::string& name, ValueId x, const ConvShape& shape);
  // 2x2, stride 2.
  ValueId UpConv(const std::string& name, ValueId x, int64_t in, int64_t out);
  // `scale` is the mean of the scales: below 1 for the last one of a residual branch, so that sums
  // of many branches keep their scale.
  ValueId BatchNorm(const std::string& name, ValueId x, int64_t channels, float scale = 1);
  ValueId Relu(ValueId x) { return Unary("Relu", x); }
  ValueId Relu6(ValueId x);
  ValueId Linear(const std::string& name, ValueId x, int64_t in, int64_t out);
  ValueId MaxPool(ValueId x, int64_t kernel, int64_t stride, int64_t padding = 0);
  ValueId GlobalAveragePool(ValueId x) { return Unary("GlobalAveragePool", x); }
  ValueId Flatten(ValueId x);
  ValueId Add(ValueId a, ValueId b) { return builder_.Op("Add", Name("Add"), {a, b}); }
  ValueId Concat(ValueId a, ValueId b);

  // Names the output and declares its shape: [N] and what is given.
  absl::StatusOr<Graph> Finish(const std::string& name, ValueId output,
                               std::vector<int64_t> shape) &&;

 private:
  std::string Name(absl::string_view op);
  ValueId Unary(const std::string& op, ValueId x) { return builder_.Op(op, Name(op), {x}); }
  // Uniform in [center - spread, center + spread].
  ValueId Weight(const std::string& name, const Shape& shape, float center, float spread);
  ValueId Kaiming(const std::string& name, const Shape& shape, int64_t fan_in);

  GraphBuilder builder_;
  const uint64_t seed_;
  int count_ = 0;
  absl::Status status_;  // the first failure: memory for a weight
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ZOO_LAYERS_H_
