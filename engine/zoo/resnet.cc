// Residual networks (He et al. 2016), v1.5: the stride of a bottleneck is in its 3x3 convolution.
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/zoo/architectures.h"
#include "engine/zoo/layers.h"

namespace dnnd::engine {
namespace {

// Sixteen branches that each add a part of this much keep the sum at its scale.
constexpr float kBranchScale = 0.25f;

struct Block {
  std::string name;
  int64_t in;
  int64_t width;
  int64_t stride;
};

ValueId Shortcut(Layers& net, ValueId x, const Block& block, int64_t out) {
  if (block.in == out && block.stride == 1) {
    return x;
  }
  const std::string name = absl::StrCat(block.name, ".downsample");
  x = net.Conv(absl::StrCat(name, ".0"), x, {block.in, out, 1, block.stride, 0, 1, false});
  return net.BatchNorm(absl::StrCat(name, ".1"), x, out);
}

ValueId BasicBlock(Layers& net, ValueId x, const Block& block) {
  ValueId y = net.Conv(absl::StrCat(block.name, ".conv1"), x,
                       {block.in, block.width, 3, block.stride, 1, 1, false});
  y = net.Relu(net.BatchNorm(absl::StrCat(block.name, ".bn1"), y, block.width));
  y = net.Conv(absl::StrCat(block.name, ".conv2"), y,
               {block.width, block.width, 3, 1, 1, 1, false});
  y = net.BatchNorm(absl::StrCat(block.name, ".bn2"), y, block.width, kBranchScale);
  return net.Relu(net.Add(y, Shortcut(net, x, block, block.width)));
}

constexpr int64_t kExpansion = 4;

ValueId Bottleneck(Layers& net, ValueId x, const Block& block) {
  const int64_t out = block.width * kExpansion;
  ValueId y =
      net.Conv(absl::StrCat(block.name, ".conv1"), x, {block.in, block.width, 1, 1, 0, 1, false});
  y = net.Relu(net.BatchNorm(absl::StrCat(block.name, ".bn1"), y, block.width));
  y = net.Conv(absl::StrCat(block.name, ".conv2"), y,
               {block.width, block.width, 3, block.stride, 1, 1, false});
  y = net.Relu(net.BatchNorm(absl::StrCat(block.name, ".bn2"), y, block.width));
  y = net.Conv(absl::StrCat(block.name, ".conv3"), y, {block.width, out, 1, 1, 0, 1, false});
  y = net.BatchNorm(absl::StrCat(block.name, ".bn3"), y, out, kBranchScale);
  return net.Relu(net.Add(y, Shortcut(net, x, block, out)));
}

struct Variant {
  const char* name;
  int blocks[4];
  int64_t expansion;
  ValueId (*block)(Layers& net, ValueId x, const Block& block);
};

absl::StatusOr<Graph> BuildResNet(const Variant& variant, uint64_t seed, int num_classes) {
  Layers net(variant.name, seed);
  ValueId x = net.Image(3, 224);
  x = net.Conv("conv1", x, {3, 64, 7, 2, 3, 1, false});
  x = net.MaxPool(net.Relu(net.BatchNorm("bn1", x, 64)), 3, 2, 1);
  int64_t channels = 64;
  for (int stage = 0; stage < 4; ++stage) {
    const int64_t width = int64_t{64} << stage;
    for (int i = 0; i < variant.blocks[stage]; ++i) {
      const int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      x = variant.block(net, x,
                        {absl::StrCat("layer", stage + 1, ".", i), channels, width, stride});
      channels = width * variant.expansion;
    }
  }
  x = net.Flatten(net.GlobalAveragePool(x));
  x = net.Linear("fc", x, channels, num_classes);
  return std::move(net).Finish("logits", x, {num_classes});
}

}  // namespace

absl::StatusOr<Graph> BuildResNet18(uint64_t seed, int num_classes) {
  return BuildResNet({"resnet18", {2, 2, 2, 2}, 1, &BasicBlock}, seed, num_classes);
}

absl::StatusOr<Graph> BuildResNet50(uint64_t seed, int num_classes) {
  return BuildResNet({"resnet50", {3, 4, 6, 3}, kExpansion, &Bottleneck}, seed, num_classes);
}

}  // namespace dnnd::engine
