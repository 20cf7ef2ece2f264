// dnnctl detect: things in pictures, and where.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/commands/class_filter.h"
#include "client/commands/commands.h"
#include "client/commands/picture_command.h"
#include "client/commands/picture_output.h"
#include "client/draw/overlay.h"
#include "client/draw/palette.h"
#include "client/output/category.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Detection;
using dnnd::v1::Detections;
using dnnd::v1::DetectOptions;
using dnnd::v1::DetectRequest;
using dnnd::v1::DetectResponse;
using dnnd::v1::VisionService;

struct DetectFlags : PictureFlags {
  std::optional<float> score_threshold, iou_threshold, min_size;
  std::optional<int> max_detections;
  std::vector<std::string> classes;
  bool class_agnostic = false, soft_nms = false;
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

std::string LandmarksText(const Detection& detection) {
  std::string text;
  for (const dnnd::v1::Keypoint& point : detection.keypoints()) {
    absl::StrAppend(&text, text.empty() ? "" : " ",
                    absl::StrFormat("%.1f,%.1f", point.x(), point.y()));
  }
  return text;
}

void PrintResult(Console& console, const Detections& result, const std::string& indent) {
  if (result.detections().empty()) {
    console.out << indent << Styled(console, Style::kDim, "nothing found") << '\n';
    return;
  }
  constexpr Table::Align kRight = Table::Align::kRight;
  const bool landmarks =
      std::any_of(result.detections().begin(), result.detections().end(),
                  [](const Detection& detection) { return detection.keypoints_size() > 0; });
  Table table({{"LABEL"},
               {"SCORE", kRight},
               {"LEFT", kRight},
               {"TOP", kRight},
               {"RIGHT", kRight},
               {"BOTTOM", kRight},
               {landmarks ? "LANDMARKS" : ""}});
  for (const Detection& detection : result.detections()) {
    const dnnd::v1::Box& box = detection.box();
    const auto pixels = [](float value) { return absl::StrFormat("%.1f", value); };
    table.AddRow({LabelText(detection.category()), ScoreText(detection.category().score()),
                  pixels(box.x_min()), pixels(box.y_min()), pixels(box.x_max()),
                  pixels(box.y_max()), LandmarksText(detection)});
  }
  table.Print(console.out, indent);
}

std::vector<LabelledBox> BoxesOf(const Detections& result) {
  std::vector<LabelledBox> boxes;
  for (const Detection& detection : result.detections()) {
    const dnnd::v1::Box& box = detection.box();
    LabelledBox drawn{{box.x_min(), box.y_min()}, {box.x_max(), box.y_max()}};
    drawn.color = ClassColor(detection.category().index());
    drawn.label =
        absl::StrCat(LabelText(detection.category()), " ", ScoreText(detection.category().score()));
    for (const dnnd::v1::Keypoint& point : detection.keypoints()) {
      drawn.landmarks.push_back({point.x(), point.y()});
    }
    boxes.push_back(std::move(drawn));
  }
  return boxes;
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
    classes_.Ask(*request.mutable_options());
    return absl::OkStatus();
  }

  void Adjust(DetectResponse& reply) override {
    classes_.Apply(flags_.max_detections.value_or(0), reply);
  }

  void Print(const Detections& result, const std::string& indent) override {
    PrintResult(session().console(), result, indent);
  }

  absl::Status Keep(size_t index, const dnnd::v1::Image& image, const Detections& result,
                    const std::string& indent) override {
    if (!output_->wanted()) return absl::OkStatus();
    absl::StatusOr<Picture> picture = DecodeAnswered(image, result.width(), result.height());
    if (!picture.ok()) return picture.status();
    DrawBoxes(*picture, BoxesOf(result));
    return output_->Put(index, *picture, indent);
  }

  // A name that is mistyped would otherwise look like a picture with nothing on it.
  void End() override {
    for (const std::string& name : classes_.NamesNotSeen()) {
      session().console().err << "note: nothing is labelled \"" << Printable(name) << "\"\n";
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
      ->check(CLI::PositiveNumber);
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
