#include "server/repository/resolve_config.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "server/repository/picture_signature.h"
#include "server/repository/resolve_detection.h"
#include "server/repository/resolve_segmentation.h"

namespace dnnd::server {
namespace {

using v1::ModelConfig;
using v1::Preprocess;

// How much larger than its middle a picture is scaled before the crop: 256 for 224, as ImageNet's
// classifiers are evaluated.
constexpr double kCropShare = 0.875;
// ImageNet's statistics of RGB values in [0, 1], which nearly every classifier is trained with.
constexpr float kImageNetMean[] = {0.485f, 0.456f, 0.406f};
constexpr float kImageNetStd[] = {0.229f, 0.224f, 0.225f};

class Resolver {
 public:
  Resolver(const ModelConfig& given, const ModelFacts& facts) : facts_(facts) {
    resolved_.config = given;
    resolved_.assumed = facts.signature.assumed;
  }

  absl::StatusOr<ResolvedConfig> Resolve() {
    ResolvePrecision();
    ResolveTask();
    ResolveBatching();
    if (config().task() != ModelConfig::TENSORS) {
      DNND_RETURN_IF_ERROR(ResolvePictures());
    }
    return std::move(resolved_);
  }

 private:
  ModelConfig& config() { return resolved_.config; }
  Preprocess& preprocess() { return *config().mutable_preprocess(); }
  template <typename... Parts>
  void Assume(const Parts&... parts) {
    resolved_.assumed.push_back(absl::StrCat(parts...));
  }

  void ResolvePrecision() {
    if (config().precision() == ModelConfig::PRECISION_UNSPECIFIED) {
      config().set_precision(facts_.default_precision);
    }
  }

  void ResolveTask() {
    if (config().task() != ModelConfig::TASK_UNSPECIFIED) {
      return;
    }
    const auto image = FindPictureInput(facts_.signature, config().preprocess().layout());
    const auto classes = CountClasses(facts_.signature);
    const bool named = config().detection().kind() != v1::DetectionHead::KIND_UNSPECIFIED;
    const bool sized = image.has_value() && !named &&
                       (image->width > 0 || config().preprocess().width() > 0) &&
                       (image->height > 0 || config().preprocess().height() > 0);
    if (sized && classes.has_value()) {
      config().set_task(ModelConfig::CLASSIFY);
      Assume("task CLASSIFY: a picture of ", image->channels,
             " channels goes in, one score for each of ", *classes, " classes comes out");
      return;
    }
    const std::string detector = DescribeDetectorGuess(facts_.detector);
    // A kind that is named is meant, even where no picture goes in: that is an error, then.
    const bool detects = named || facts_.detector.kind != v1::DetectionHead::KIND_UNSPECIFIED;
    const std::string segmenter =
        sized && !detects ? DescribeSegmenterGuess(facts_, *image) : std::string();
    config().set_task(detects              ? ModelConfig::DETECT
                      : !segmenter.empty() ? ModelConfig::SEGMENT
                                           : ModelConfig::TENSORS);
    if (!segmenter.empty()) {
      Assume(segmenter);
    } else if (!detects) {
      Assume("task TENSORS: inputs and outputs are not those of a classifier of pictures");
    }
    if (!detector.empty()) {
      Assume(detector);
    }
  }

  void ResolveBatching() {
    if (!config().versions().has_latest() && !config().versions().has_all() &&
        !config().versions().has_specific()) {
      config().mutable_versions()->mutable_latest()->set_count(1);
    }
    v1::Batching& batching = *config().mutable_batching();
    if (!batching.has_max_queue_items()) {
      batching.set_max_queue_items(1024);
    }
    if (!batching.has_default_deadline_ms()) {
      batching.set_default_deadline_ms(30000);
    }
  }

  absl::Status ResolvePictures() {
    const auto image = FindPictureInput(facts_.signature, preprocess().layout());
    if (!image.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "task ", ModelConfig::Task_Name(config().task()),
          ": want one input of a picture, [N,C,H,W] or [N,H,W,C] with 1 or "
          "3 channels, or [3,H,W] or [H,W,3] of one picture, alone or with image_shape or "
          "scale_factor [N,2], got ",
          facts_.signature.inputs.size(), " inputs, the first ",
          facts_.signature.inputs.empty() ? "absent"
                                          : engine::ToString(facts_.signature.inputs[0].shape)));
    }
    if (config().task() == ModelConfig::CLASSIFY && !GivesScores(facts_.signature)) {
      const auto& outputs = facts_.signature.outputs;
      return absl::InvalidArgumentError(
          absl::StrCat("task CLASSIFY: want one floating-point output [N,C], got ", outputs.size(),
                       " outputs, the first ",
                       outputs.empty() ? "absent"
                                       : absl::StrCat(engine::DataTypeName(outputs[0].type), " ",
                                                      engine::ToString(outputs[0].shape))));
    }
    preprocess().set_layout(image->layout);
    const bool detects = config().task() == ModelConfig::DETECT;
    const bool open_size = detects && image->width < 1 && image->height < 1 &&
                           preprocess().width() == 0 && preprocess().height() == 0;
    if (detects) {
      DNND_RETURN_IF_ERROR(ResolveDetection(facts_.detector, open_size, &resolved_));
    }
    if (config().task() == ModelConfig::SEGMENT) {
      DNND_RETURN_IF_ERROR(ResolveSegmentation(facts_, *image, &resolved_));
    }
    if (!open_size) {
      DNND_RETURN_IF_ERROR(ResolveSize(*image));
    }
    DNND_RETURN_IF_ERROR(ResolveResize());
    DNND_RETURN_IF_ERROR(ResolveColor(*image));
    ResolveValues(*image);
    ResolveScores();
    if (config().task() == ModelConfig::CLASSIFY) {
      AssumeLabels(facts_.label_count, CountClasses(facts_.signature).value_or(0),
                   &resolved_.assumed);
    }
    return absl::OkStatus();
  }

  absl::Status ResolveSize(const PictureInput& image) {
    const auto resolve = [](absl::string_view field, int64_t fixed,
                            int given) -> absl::StatusOr<int> {
      if (given == 0 && fixed < 1) {
        return absl::InvalidArgumentError(
            absl::StrCat("preprocess.", field, ": got none, want one: the model leaves it open"));
      }
      if (given != 0 && fixed >= 1 && given != fixed) {
        return absl::InvalidArgumentError(absl::StrCat("preprocess.", field, ": got ", given,
                                                       ", want ", fixed, ", the model's own"));
      }
      return given != 0 ? given : static_cast<int>(fixed);
    };
    DNND_ASSIGN_OR_RETURN(const int width, resolve("width", image.width, preprocess().width()));
    DNND_ASSIGN_OR_RETURN(const int height, resolve("height", image.height, preprocess().height()));
    preprocess().set_width(width);
    preprocess().set_height(height);
    return absl::OkStatus();
  }

  absl::Status ResolveResize() {
    const bool crops =
        config().task() == ModelConfig::CLASSIFY || config().task() == ModelConfig::EMBED;
    if (preprocess().resize() == Preprocess::RESIZE_UNSPECIFIED) {
      preprocess().set_resize(crops ? Preprocess::SHORTER_SIDE_CROP : Preprocess::STRETCH);
      Assume("resize ", Preprocess::Resize_Name(preprocess().resize()), ", usual for the task");
    }
    if (preprocess().anchor() == Preprocess::LETTERBOX_ANCHOR_UNSPECIFIED) {
      preprocess().set_anchor(Preprocess::CENTER);
    }
    if (preprocess().resize() != Preprocess::SHORTER_SIDE_CROP) {
      return absl::OkStatus();
    }
    const int larger = std::max(preprocess().width(), preprocess().height());
    if (preprocess().shorter_side() == 0) {
      preprocess().set_shorter_side(static_cast<int>(std::lround(larger / kCropShare)));
      Assume("shorter side ", preprocess().shorter_side(), " before the crop of ",
             preprocess().width(), " x ", preprocess().height());
    }
    if (preprocess().shorter_side() < larger) {
      return absl::InvalidArgumentError(
          absl::StrCat("preprocess.shorter_side: got ", preprocess().shorter_side(),
                       ", want at least ", larger, ", the larger of width and height"));
    }
    return absl::OkStatus();
  }

  absl::Status ResolveColor(const PictureInput& image) {
    if (preprocess().color() == Preprocess::COLOR_ORDER_UNSPECIFIED) {
      preprocess().set_color(image.channels == 1 ? Preprocess::GRAY : Preprocess::RGB);
      if (image.channels == 3) {
        Assume("colour order RGB");
      }
    }
    if ((preprocess().color() == Preprocess::GRAY) != (image.channels == 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("preprocess.color: got ", Preprocess::ColorOrder_Name(preprocess().color()),
                       ", want one for the model's ", image.channels, " channels"));
    }
    for (const auto* values : {&preprocess().mean(), &preprocess().std()}) {
      if (values->size() > 1 && values->size() != image.channels) {
        return absl::InvalidArgumentError(absl::StrCat("preprocess.mean and std: got ",
                                                       values->size(), " values, want 1 or ",
                                                       image.channels));
      }
    }
    return absl::OkStatus();
  }

  void ResolveValues(const PictureInput& image) {
    Preprocess& p = preprocess();
    const bool is_float = engine::IsFloatingPoint(facts_.signature.inputs[0].type);
    const bool silent = !p.has_scale() && p.mean().empty() && p.std().empty();
    if (!p.has_scale()) {
      p.set_scale(is_float ? 1.0f / 255.0f : 1.0f);
    }
    if (!silent) {
      return;
    }
    if (!is_float || image.channels != 3 || config().task() != ModelConfig::CLASSIFY) {
      Assume("values are pixels times ", p.scale(), ", without mean and std");
      return;
    }
    p.mutable_mean()->Add(std::begin(kImageNetMean), std::end(kImageNetMean));
    p.mutable_std()->Add(std::begin(kImageNetStd), std::end(kImageNetStd));
    if (p.color() == Preprocess::BGR) {
      std::reverse(p.mutable_mean()->begin(), p.mutable_mean()->end());
      std::reverse(p.mutable_std()->begin(), p.mutable_std()->end());
    }
    Assume("values as ImageNet's classifiers want them: (pixel / 255 - [",
           absl::StrJoin(p.mean(), " "), "]) / [", absl::StrJoin(p.std(), " "),
           "]; if the answers are nonsense, preprocess of config.textproto takes another recipe");
  }

  void ResolveScores() {
    if (config().score_activation() != ModelConfig::SCORE_ACTIVATION_UNSPECIFIED &&
        config().score_activation() != ModelConfig::AUTO) {
      return;
    }
    config().set_score_activation(facts_.ends_in_scores ? ModelConfig::NONE : ModelConfig::SOFTMAX);
    if (config().task() == ModelConfig::CLASSIFY) {
      Assume(facts_.ends_in_scores ? "outputs are scores: the graph ends in Softmax or Sigmoid"
                                   : "outputs become scores by softmax");
    }
  }

  const ModelFacts& facts_;
  ResolvedConfig resolved_;
};

}  // namespace

void AssumeLabels(int64_t lines, int64_t classes, std::vector<std::string>* assumed) {
  if (lines > 0 && classes > 0 && lines != classes) {
    assumed->push_back(absl::StrCat(
        "the labels file has ", lines, " lines for ", classes, " classes: ",
        classes > lines ? absl::StrCat("classes from ", lines, " on have no label")
                        : absl::StrCat("lines after the first ", classes, " are not used")));
  }
}

absl::StatusOr<ResolvedConfig> ResolveConfig(const ModelConfig& given, const ModelFacts& facts) {
  return Resolver(given, facts).Resolve();
}

}  // namespace dnnd::server
