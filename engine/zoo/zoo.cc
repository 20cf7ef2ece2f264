#include "engine/zoo/zoo.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/zoo/architectures.h"

namespace dnnd::engine {
namespace {

using Build = absl::StatusOr<Graph> (*)(uint64_t seed, int num_classes);

constexpr ZooModel kModels[] = {
    {"mlp", "three dense layers, 784-512-256", 10},
    {"alexnet", "AlexNet as torchvision has it, 3x224x224", 1000},
    {"vgg16", "VGG-16 without batch normalisation, 3x224x224", 1000},
    {"resnet18", "ResNet-18, 3x224x224", 1000},
    {"resnet50", "ResNet-50 v1.5 (stride in the 3x3 convolution), 3x224x224", 1000},
    {"mobilenetv2", "MobileNetV2 of width 1.0, 3x224x224", 1000},
    {"unet", "U-Net of 64 channels with batch normalisation, 3x256x256", 2},
};

constexpr Build kBuild[] = {&BuildMlp,      &BuildAlexNet,     &BuildVgg16, &BuildResNet18,
                            &BuildResNet50, &BuildMobileNetV2, &BuildUNet};
static_assert(std::size(kModels) == std::size(kBuild));

}  // namespace

absl::Span<const ZooModel> ZooModels() { return kModels; }

absl::StatusOr<Graph> BuildZooModel(absl::string_view name, const ZooOptions& options) {
  if (options.num_classes < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("number of classes is ", options.num_classes, ", wanted at least 1"));
  }
  for (size_t i = 0; i < std::size(kModels); ++i) {
    if (kModels[i].name == name) {
      return kBuild[i](options.seed,
                       options.num_classes == 0 ? kModels[i].num_classes : options.num_classes);
    }
  }
  const auto add_name = [](std::string* out, const ZooModel& model) {
    absl::StrAppend(out, model.name);
  };
  return absl::NotFoundError(absl::StrCat("no model \"", name, "\" in the zoo, there are ",
                                          absl::StrJoin(ZooModels(), ", ", add_name)));
}

int64_t CountParameters(const Graph& graph) {
  int64_t count = 0;
  for (const Value& value : graph.values) {
    if (value.constant.has_value() && IsFloatingPoint(value.type) && value.shape->rank() > 0 &&
        !absl::StrContains(value.name, ".running_")) {
      count += value.shape->num_elements();
    }
  }
  return count;
}

}  // namespace dnnd::engine
