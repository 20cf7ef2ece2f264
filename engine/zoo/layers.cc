#include "engine/zoo/layers.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

// FNV-1a: the weights of a model must be the same in every build.
uint64_t HashName(absl::string_view name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  }
  return hash;
}

// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t NextRandom(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::vector<int64_t> Twice(int64_t value) { return {value, value}; }
std::vector<int64_t> FourTimes(int64_t value) { return {value, value, value, value}; }

SymbolicShape Batched(const std::vector<int64_t>& rest) {
  SymbolicShape shape = {Dim{-1, "N"}};
  for (const int64_t extent : rest) {
    shape.push_back(Dim{extent, ""});
  }
  return shape;
}

}  // namespace

std::string Layers::Name(absl::string_view op) { return absl::StrCat("/", op, "_", count_++); }

ValueId Layers::Image(int64_t channels, int64_t side) {
  return builder_.Input("input", DataType::kFloat32, Batched({channels, side, side}));
}

ValueId Layers::Vector(int64_t extent) {
  return builder_.Input("input", DataType::kFloat32, Batched({extent}));
}

ValueId Layers::Weight(const std::string& name, const Shape& shape, float center, float spread) {
  absl::StatusOr<Tensor> tensor = Tensor::Create(DataType::kFloat32, shape);
  if (!tensor.ok()) {
    status_.Update(tensor.status());
    return builder_.Constant(name, Tensor::Scalar<float>(0));
  }
  uint64_t state = seed_ ^ HashName(name);
  float* values = tensor->mutable_data<float>();
  for (int64_t i = 0; i < shape.num_elements(); ++i) {
    const float unit = static_cast<float>(NextRandom(state) >> 40) * 0x1p-23f - 1.f;  // [-1, 1)
    values[i] = center + spread * unit;
  }
  return builder_.Constant(name, *std::move(tensor));
}

ValueId Layers::Kaiming(const std::string& name, const Shape& shape, int64_t fan_in) {
  return Weight(name, shape, 0, std::sqrt(6.f / static_cast<float>(fan_in)));
}

ValueId Layers::Conv(const std::string& name, ValueId x, const ConvShape& shape) {
  const int64_t per_group = shape.in / shape.groups;
  const Shape weights({shape.out, per_group, shape.kernel, shape.kernel});
  std::vector<ValueId> inputs = {
      x, Kaiming(absl::StrCat(name, ".weight"), weights, per_group * shape.kernel * shape.kernel)};
  if (shape.bias) {
    inputs.push_back(Weight(absl::StrCat(name, ".bias"), Shape({shape.out}), 0, 0));
  }
  return builder_.Op("Conv", Name("Conv"), std::move(inputs),
                     {{"kernel_shape", Twice(shape.kernel)},
                      {"strides", Twice(shape.stride)},
                      {"pads", FourTimes(shape.padding)},
                      {"dilations", Twice(1)},
                      {"group", shape.groups}});
}

ValueId Layers::UpConv(const std::string& name, ValueId x, int64_t in, int64_t out) {
  const ValueId weight = Kaiming(absl::StrCat(name, ".weight"), Shape({in, out, 2, 2}), in);
  const ValueId bias = Weight(absl::StrCat(name, ".bias"), Shape({out}), 0, 0);
  return builder_.Op("ConvTranspose", Name("ConvTranspose"), {x, weight, bias},
                     {{"kernel_shape", Twice(2)}, {"strides", Twice(2)}});
}

ValueId Layers::BatchNorm(const std::string& name, ValueId x, int64_t channels, float scale) {
  const Shape shape({channels});
  const ValueId gamma = Weight(absl::StrCat(name, ".weight"), shape, scale, 0.2f * scale);
  const ValueId beta = Weight(absl::StrCat(name, ".bias"), shape, 0, 0.1f);
  const ValueId mean = Weight(absl::StrCat(name, ".running_mean"), shape, 0, 0.1f);
  const ValueId variance = Weight(absl::StrCat(name, ".running_var"), shape, 1, 0.2f);
  return builder_.Op("BatchNormalization", Name("BatchNormalization"),
                     {x, gamma, beta, mean, variance}, {{"epsilon", 1e-5f}});
}

ValueId Layers::Relu6(ValueId x) {
  const ValueId low = builder_.Constant("zero", Tensor::Scalar<float>(0));
  const ValueId high = builder_.Constant("six", Tensor::Scalar<float>(6));
  return builder_.Op("Clip", Name("Clip"), {x, low, high});
}

ValueId Layers::Linear(const std::string& name, ValueId x, int64_t in, int64_t out) {
  const ValueId weight = Kaiming(absl::StrCat(name, ".weight"), Shape({out, in}), in);
  const ValueId bias = Weight(absl::StrCat(name, ".bias"), Shape({out}), 0, 0);
  return builder_.Op("Gemm", Name("Gemm"), {x, weight, bias}, {{"transB", int64_t{1}}});
}

ValueId Layers::MaxPool(ValueId x, int64_t kernel, int64_t stride, int64_t padding) {
  return builder_.Op(
      "MaxPool", Name("MaxPool"), {x},
      {{"kernel_shape", Twice(kernel)}, {"strides", Twice(stride)}, {"pads", FourTimes(padding)}});
}

ValueId Layers::Flatten(ValueId x) {
  return builder_.Op("Flatten", Name("Flatten"), {x}, {{"axis", int64_t{1}}});
}

ValueId Layers::Concat(ValueId a, ValueId b) {
  return builder_.Op("Concat", Name("Concat"), {a, b}, {{"axis", int64_t{1}}});
}

absl::StatusOr<Graph> Layers::Finish(const std::string& name, ValueId output,
                                     std::vector<int64_t> shape) && {
  DNND_RETURN_IF_ERROR(status_);
  builder_.Declare(output, DataType::kFloat32, Batched(shape));
  builder_.Output(output);
  DNND_ASSIGN_OR_RETURN(Graph graph, std::move(builder_).Build());
  graph.value(output).name = name;
  return graph;
}

}  // namespace dnnd::engine
