// dnnctl detect: things in pictures, and where.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "client/commands/answers.h"
#include "client/commands/class_filter.h"
#include "client/commands/commands.h"
#include "client/commands/detections.h"
#include "client/commands/picture_command.h"
#include "client/commands/picture_output.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Detections;
using dnnd::v1::DetectOptions;
using dnnd::v1::DetectRequest;
using dnnd::v1::DetectResponse;
using dnnd::v1::VisionService;

struct DetectFlags : PictureFlags {
  std::optional<float> score_threshold, iou_threshold, min_size;
  std::optional<int> max_detections;
  std::vector<std::string> classes;
  bool class_agnostic = false, soft_nms = false, masks = false;
  PictureOutputFlags output;
};

DetectOptions OptionsOf(const DetectFlags& flags) {
  DetectOptions options;
  if (flags.score_threshold.has_value()) options.set_score_threshold(*flags.score_threshold);
  if (flags.iou_threshold.has_value()) options.set_iou_threshold(*flags.iou_threshold);
  if (flags.min_size.has_value()) options.set_min_size_pixels(*flags.min_size);
  if (flags.max_detections.has_value()) options.set_max_detections(*flags.max_detections);
  if (flags.class_agnostic) options.set_class_agnostic(true);
  if (flags.soft_nms) options.set_soft_nms(true);
  return options;
}

class Detector final : public PictureCommand<DetectRequest, DetectResponse> {
 public:
  Detector(Session& session, const DetectFlags& flags)
      : PictureCommand(session, flags, &VisionService::Stub::Detect),
        flags_(flags),
        classes_(flags.classes) {}

 private:
  absl::Status Prepare(const std::vector<std::string>& paths, DetectRequest& request) override {
    absl::StatusOr<PictureOutput> output = PictureOutput::Create(session(), flags_.output, paths);
    if (!output.ok()) return output.status();
    output_.emplace(*std::move(output));
    *request.mutable_options() = OptionsOf(flags_);
    if (flags_.masks || output_->wanted()) request.mutable_options()->set_masks(DetectOptions::RLE);
    classes_.Ask(*request.mutable_options());
    return absl::OkStatus();
  }

  void Adjust(DetectResponse& reply) override {
    classes_.Apply(flags_.max_detections.value_or(0), reply);
  }

  void Print(const Detections& result, const std::string& indent) override {
    PrintAnswer(session().console(), result, indent);
  }

  absl::Status Keep(size_t index, const dnnd::v1::Image& image, const Detections& result,
                    const std::string& indent) override {
    return output_->Draw(index, image, result.width(), result.height(), indent,
                         [&](Picture picture) -> absl::StatusOr<Picture> {
                           absl::Status drawn = DrawDetections(picture, result);
                           if (!drawn.ok()) return drawn;
                           return picture;
                         });
  }

  // A name that is mistyped would otherwise look like a picture with nothing on it.
  void End() override {
    for (const std::string& name : classes_.NamesNotSeen()) {
      session().console().err << "note: no box is labelled \"" << Printable(name) << "\"\n";
    }
  }

  const DetectFlags& flags_;
  ClassFilter classes_;
  std::optional<PictureOutput> output_;
};

void AddOptions(CLI::App& command, DetectFlags& flags) {
  command.add_option("-s,--score-threshold", flags.score_threshold,
                     "leave out boxes of a lower score, 0 to 1 (default: the model's)");
  command.add_option("--iou-threshold", flags.iou_threshold,
                     "of two boxes that share more of their union keep the better, 0 to 1 "
                     "(default: the model's)");
  command
      .add_option("-n,--max-detections", flags.max_detections,
                  "most boxes of one picture, 1 to 1000 (default: the model's)")
      ->check(CLI::Range(1, kMostDetections));
  command
      .add_option("-c,--classes", flags.classes,
                  "report only these: labels, or indices, with commas between them")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--min-size", flags.min_size,
                     "leave out boxes whose shorter side has fewer pixels");
  command.add_flag("--class-agnostic", flags.class_agnostic,
                   "boxes of different classes suppress each other, too");
  command.add_flag("--soft-nms", flags.soft_nms,
                   "boxes that overlap lose score rather than go (Soft-NMS)");
  command.add_flag("--masks", flags.masks,
                   "ask for the masks of things, of models that have them; overlays always do");
}

}  // namespace

void AddDetectCommand(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<DetectFlags>();
  CLI::App* command = app.add_subcommand("detect", "Find the things in pictures, and where");
  AddPictureFlags(*command, *flags);
  AddOptions(*command, *flags);
  AddPictureOutputFlags(*command, flags->output);
  command->footer(
      "Boxes are in pixels of the upright picture. Labels are looked for in the answer, among at "
      "most 1000 boxes a picture; indices by the daemon.\n\nExamples:\n  dnnctl detect yolox "
      "street.jpg --save boxes.png\n  dnnctl detect yolox -r pictures/ --classes dog,person -s 0.5 "
      "--save overlays/\n  dnnctl detect faces people.jpg --output json | jq "
      "'.results[].detections[].box'\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] { return Detector(session, *flags).Run(); };
  });
}

}  // namespace dnnd::client
