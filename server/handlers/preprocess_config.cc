#include "server/handlers/preprocess_config.h"

namespace dnnd::server {

namespace {

ResizeMode ToResize(v1::Preprocess::Resize resize) {
  switch (resize) {
    case v1::Preprocess::SHORTER_SIDE_CROP:
      return ResizeMode::kShorterSideCrop;
    case v1::Preprocess::LETTERBOX:
      return ResizeMode::kLetterbox;
    default:
      return ResizeMode::kStretch;
  }
}

ColorOrder ToColor(v1::Preprocess::ColorOrder color) {
  switch (color) {
    case v1::Preprocess::BGR:
      return ColorOrder::kBgr;
    case v1::Preprocess::GRAY:
      return ColorOrder::kGray;
    default:
      return ColorOrder::kRgb;
  }
}

}  // namespace

PreprocessOptions ToOptions(const v1::Preprocess& config, engine::DataType type) {
  PreprocessOptions options;
  options.width = config.width();
  options.height = config.height();
  options.resize = ToResize(config.resize());
  options.shorter_side = config.shorter_side();
  options.color = ToColor(config.color());
  options.layout =
      config.layout() == v1::Preprocess::NHWC ? TensorLayout::kNhwc : TensorLayout::kNchw;
  // 1/255 as a float is 1e-8 off; normalised values would all inherit that.
  options.scale = config.scale() == 1.0f / 255.0f ? 1.0 / 255.0 : config.scale();
  options.mean.assign(config.mean().begin(), config.mean().end());
  options.std.assign(config.std().begin(), config.std().end());
  options.pad_value = config.pad_value();
  options.anchor = config.anchor() == v1::Preprocess::TOP_LEFT ? LetterboxAnchor::kTopLeft
                                                               : LetterboxAnchor::kCenter;
  options.type = type;
  return options;
}

Activation ToActivation(v1::ModelConfig::ScoreActivation activation) {
  switch (activation) {
    case v1::ModelConfig::NONE:
      return Activation::kNone;
    case v1::ModelConfig::SOFTMAX:
      return Activation::kSoftmax;
    case v1::ModelConfig::SIGMOID:
      return Activation::kSigmoid;
    default:
      return Activation::kAuto;
  }
}

}  // namespace dnnd::server
