// Networks without branches: MLP, AlexNet (Krizhevsky 2014, as torchvision has it), VGG-16
// (Simonyan and Zisserman 2015, configuration D).
#include "absl/strings/str_cat.h"
#include "engine/zoo/architectures.h"
#include "engine/zoo/layers.h"

namespace dnnd::engine {

absl::StatusOr<Graph> BuildMlp(uint64_t seed, int num_classes) {
  Layers net("mlp", seed);
  ValueId x = net.Vector(784);
  x = net.Relu(net.Linear("layers.0", x, 784, 512));
  x = net.Relu(net.Linear("layers.1", x, 512, 256));
  x = net.Linear("layers.2", x, 256, num_classes);
  return std::move(net).Finish("logits", x, {num_classes});
}

absl::StatusOr<Graph> BuildAlexNet(uint64_t seed, int num_classes) {
  Layers net("alexnet", seed);
  ValueId x = net.Image(3, 224);
  x = net.Relu(net.Conv("features.0", x, {3, 64, 11, 4, 2}));
  x = net.MaxPool(x, 3, 2);
  x = net.Relu(net.Conv("features.3", x, {64, 192, 5, 1, 2}));
  x = net.MaxPool(x, 3, 2);
  x = net.Relu(net.Conv("features.6", x, {192, 384, 3, 1, 1}));
  x = net.Relu(net.Conv("features.8", x, {384, 256, 3, 1, 1}));
  x = net.Relu(net.Conv("features.10", x, {256, 256, 3, 1, 1}));
  x = net.Flatten(net.MaxPool(x, 3, 2));
  x = net.Relu(net.Linear("classifier.1", x, 256 * 6 * 6, 4096));
  x = net.Relu(net.Linear("classifier.4", x, 4096, 4096));
  x = net.Linear("classifier.6", x, 4096, num_classes);
  return std::move(net).Finish("logits", x, {num_classes});
}

absl::StatusOr<Graph> BuildVgg16(uint64_t seed, int num_classes) {
  struct Stage {
    int convolutions;
    int64_t channels;
  };
  constexpr Stage kStages[] = {{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}};
  Layers net("vgg16", seed);
  ValueId x = net.Image(3, 224);
  int64_t channels = 3;
  int index = 0;  // torchvision counts activations and pools too
  for (const Stage& stage : kStages) {
    for (int i = 0; i < stage.convolutions; ++i) {
      x = net.Relu(
          net.Conv(absl::StrCat("features.", index), x, {channels, stage.channels, 3, 1, 1}));
      channels = stage.channels;
      index += 2;
    }
    x = net.MaxPool(x, 2, 2);
    ++index;
  }
  x = net.Flatten(x);
  x = net.Relu(net.Linear("classifier.0", x, 512 * 7 * 7, 4096));
  x = net.Relu(net.Linear("classifier.3", x, 4096, 4096));
  x = net.Linear("classifier.6", x, 4096, num_classes);
  return std::move(net).Finish("logits", x, {num_classes});
}

}  // namespace dnnd::engine
