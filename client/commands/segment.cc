// dnnctl segment: what each pixel of pictures belongs to.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/api/file_plan.h"
#include "client/api/files.h"
#include "client/commands/answers.h"
#include "client/commands/commands.h"
#include "client/commands/picture_command.h"
#include "client/commands/picture_output.h"
#include "client/commands/segmentation.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Segmentation;
using dnnd::v1::SegmentOptions;
using dnnd::v1::SegmentRequest;
using dnnd::v1::SegmentResponse;
using dnnd::v1::VisionService;

struct SegmentFlags : PictureFlags {
  std::string format = "png";
  std::optional<float> threshold;
  bool nearest = false;
  std::string mask, confidence;
  PictureOutputFlags output;
};

const std::map<std::string, MaskFormat> kFormats = {
    {"png", SegmentOptions::PNG}, {"rle", SegmentOptions::RLE}, {"labels", SegmentOptions::LABELS}};

class Segmenter final : public PictureCommand<SegmentRequest, SegmentResponse> {
 public:
  Segmenter(Session& session, const SegmentFlags& flags)
      : PictureCommand(session, flags, &VisionService::Stub::Segment), flags_(flags) {}

 private:
  // Where all files go is settled before anything is asked.
  absl::Status Prepare(const std::vector<std::string>& paths, SegmentRequest& request) override {
    SegmentOptions& options = *request.mutable_options();
    options.set_format(kFormats.at(flags_.format));
    if (flags_.threshold.has_value()) options.set_threshold(*flags_.threshold);
    if (flags_.nearest) options.set_mask_resize(dnnd::v1::SegmentationHead::NEAREST);
    options.set_confidence(!flags_.confidence.empty());
    absl::StatusOr<PictureOutput> output = PictureOutput::Create(session(), flags_.output, paths);
    if (!output.ok()) return output.status();
    output_.emplace(*std::move(output));
    const std::string ending = absl::StrCat(".mask", MaskFileEnding(options.format()));
    absl::Status planned = PlanInto(flags_.mask, paths, ending, masks_);
    if (!planned.ok()) return planned;
    return PlanInto(flags_.confidence, paths, ".confidence.png", confidences_);
  }

  static absl::Status PlanInto(const std::string& target, const std::vector<std::string>& paths,
                               const std::string& ending, std::vector<std::string>& files) {
    if (target.empty()) return absl::OkStatus();
    absl::StatusOr<std::vector<std::string>> planned = PlanFiles(target, paths, ending);
    if (!planned.ok()) return planned.status();
    files = *std::move(planned);
    return absl::OkStatus();
  }

  void Print(const Segmentation& result, const std::string& indent) override {
    PrintAnswer(session().console(), result, indent);
  }

  absl::Status Keep(size_t index, const dnnd::v1::Image& image, const Segmentation& result,
                    const std::string& indent) override {
    if (index < masks_.size()) {
      absl::Status written = WriteFile(masks_[index], MaskFile(result, format()));
      if (!written.ok()) return written;
    }
    if (index < confidences_.size()) {
      absl::Status written = WriteFile(confidences_[index], result.confidence());
      if (!written.ok()) return written;
    }
    return output_->Draw(index, image, result.width(), result.height(), indent,
                         [&](Picture picture) -> absl::StatusOr<Picture> {
                           absl::Status drawn = DrawSegmentation(picture, result, format());
                           if (!drawn.ok()) return drawn;
                           return WithLegend(std::move(picture), LegendOf(result));
                         });
  }

  MaskFormat format() const { return request().options().format(); }

  const SegmentFlags& flags_;
  std::optional<PictureOutput> output_;
  std::vector<std::string> masks_, confidences_;
};

void AddOptions(CLI::App& command, SegmentFlags& flags) {
  command
      .add_option("-f,--format", flags.format, "how masks are sent: png, rle (COCO's) or labels")
      ->check(CLI::IsMember(&kFormats))
      ->capture_default_str();
  command.add_option("--threshold", flags.threshold,
                     "probability from which on a pixel is foreground, 0 to 1, for models that "
                     "know foreground alone (default: the model's)");
  command.add_flag("--nearest", flags.nearest,
                   "pixels take what their cell of the output says (default: the model's way)");
  command
      .add_option("--mask", flags.mask,
                  "write masks as they came: a file for one picture, a folder for several")
      ->type_name("PATH");
  command
      .add_option("--confidence", flags.confidence,
                  "ask for how sure each pixel's class is, and write it as grey PNG, like --mask")
      ->type_name("PATH");
}

}  // namespace

void AddSegmentCommand(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<SegmentFlags>();
  CLI::App* command = app.add_subcommand("segment", "Say what each pixel of pictures belongs to");
  AddPictureFlags(*command, *flags);
  AddOptions(*command, *flags);
  AddPictureOutputFlags(*command, flags->output);
  command->footer(
      "Masks are of the upright picture's size; overlays have a legend below.\n\nExamples:\n  "
      "dnnctl segment deeplab street.jpg --save overlay.png\n  dnnctl segment deeplab -r pictures/ "
      "--save overlays/ --mask masks/\n  dnnctl segment road road.jpg --format rle --output "
      "json\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] { return Segmenter(session, *flags).Run(); };
  });
}

}  // namespace dnnd::client
