// U-Net (Ronneberger et al. 2015) with padded convolutions and batch normalisation, as the usual
// PyTorch implementations have it.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/zoo/architectures.h"
#include "engine/zoo/layers.h"

namespace dnnd::engine {
namespace {

constexpr int64_t kChannels = 64;
constexpr int kLevels = 4;
constexpr int64_t kSide = 256;

ValueId DoubleConv(Layers& net, const std::string& name, ValueId x, int64_t in, int64_t out) {
  x = net.Conv(absl::StrCat(name, ".0"), x, {in, out, 3, 1, 1, 1, false});
  x = net.Relu(net.BatchNorm(absl::StrCat(name, ".1"), x, out));
  x = net.Conv(absl::StrCat(name, ".3"), x, {out, out, 3, 1, 1, 1, false});
  return net.Relu(net.BatchNorm(absl::StrCat(name, ".4"), x, out));
}

}  // namespace

absl::StatusOr<Graph> BuildUNet(uint64_t seed, int num_classes) {
  Layers net("unet", seed);
  ValueId x = DoubleConv(net, "inc", net.Image(3, kSide), 3, kChannels);
  std::vector<ValueId> skips;
  for (int level = 1; level <= kLevels; ++level) {
    skips.push_back(x);
    x = DoubleConv(net, absl::StrCat("down", level), net.MaxPool(x, 2, 2), kChannels << (level - 1),
                   kChannels << level);
  }
  for (int level = kLevels; level >= 1; --level) {
    const std::string name = absl::StrCat("up", kLevels - level + 1);
    const int64_t in = kChannels << level;
    x = net.UpConv(absl::StrCat(name, ".up"), x, in, in / 2);
    x = DoubleConv(net, absl::StrCat(name, ".conv"), net.Concat(skips[level - 1], x), in, in / 2);
  }
  x = net.Conv("outc", x, {kChannels, num_classes, 1});
  return std::move(net).Finish("logits", x, {num_classes, kSide, kSide});
}

}  // namespace dnnd::engine
