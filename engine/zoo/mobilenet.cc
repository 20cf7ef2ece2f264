// MobileNetV2 (Sandler et al. 2018), width 1.0.
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/zoo/architectures.h"
#include "engine/zoo/layers.h"

namespace dnnd::engine {
namespace {

struct Stage {
  int64_t expansion;
  int64_t channels;
  int blocks;
  int64_t stride;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

ValueId ConvNormRelu6(Layers& net, const std::string& name, ValueId x, ConvShape shape) {
  shape.bias = false;
  x = net.Conv(absl::StrCat(name, ".0"), x, shape);
  return net.Relu6(net.BatchNorm(absl::StrCat(name, ".1"), x, shape.out));
}

ValueId InvertedResidual(Layers& net, const std::string& name, ValueId x, int64_t in,
                         int64_t expansion, int64_t out, int64_t stride) {
  const int64_t hidden = in * expansion;
  ValueId y = x;
  int part = 0;
  const auto next = [&] { return absl::StrCat(name, ".conv.", part++); };
  if (expansion != 1) {
    y = ConvNormRelu6(net, next(), y, {in, hidden, 1});
  }
  y = ConvNormRelu6(net, next(), y, {hidden, hidden, 3, stride, 1, hidden});
  y = net.Conv(next(), y, {hidden, out, 1, 1, 0, 1, false});
  y = net.BatchNorm(next(), y, out);
  return stride == 1 && in == out ? net.Add(x, y) : y;
}

}  // namespace

absl::StatusOr<Graph> BuildMobileNetV2(uint64_t seed, int num_classes) {
  Layers net("mobilenetv2", seed);
  ValueId x = net.Image(3, 224);
  x = ConvNormRelu6(net, "features.0", x, {3, 32, 3, 2, 1});
  int64_t channels = 32;
  int index = 1;
  for (const Stage& stage : kStages) {
    for (int i = 0; i < stage.blocks; ++i) {
      x = InvertedResidual(net, absl::StrCat("features.", index++), x, channels, stage.expansion,
                           stage.channels, i == 0 ? stage.stride : 1);
      channels = stage.channels;
    }
  }
  x = ConvNormRelu6(net, absl::StrCat("features.", index), x, {channels, 1280, 1});
  x = net.Flatten(net.GlobalAveragePool(x));
  x = net.Linear("classifier.1", x, 1280, num_classes);
  return std::move(net).Finish("logits", x, {num_classes});
}

}  // namespace dnnd::engine
