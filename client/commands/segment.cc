// dnnctl segment: what each pixel of pictures belongs to.
#include <dnnd/v1/vision.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/api/file_plan.h"
#include "client/api/files.h"
#include "client/api/model_spec.h"
#include "client/commands/commands.h"
#include "client/commands/picture_output.h"
#include "client/commands/pictures.h"
#include "client/commands/segmentation.h"
#include "client/output/category.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::ClassArea;
using dnnd::v1::Segmentation;
using dnnd::v1::SegmentOptions;
using dnnd::v1::SegmentRequest;
using dnnd::v1::SegmentResponse;
using dnnd::v1::VisionService;

constexpr int kBarColumns = 30;

struct SegmentFlags : PictureFlags {
  std::string format = "png";
  std::optional<float> threshold;
  bool nearest = false;
  std::string mask, confidence;
  PictureOutputFlags output;
};

const std::map<std::string, MaskFormat> kFormats = {
    {"png", SegmentOptions::PNG}, {"rle", SegmentOptions::RLE}, {"labels", SegmentOptions::LABELS}};

void PrintResult(Console& console, const Segmentation& result, const std::string& indent) {
  constexpr Table::Align kRight = Table::Align::kRight;
  Table table({{"LABEL"}, {""}, {"SHARE", kRight}, {"PIXELS", kRight}});
  for (const ClassArea& area : result.areas()) {
    const float share = area.category().score();
    const bool bar = console.out_is_terminal && share >= 0 && share <= 1;
    table.AddRow({LabelText(area.category()), bar ? Bar(share, kBarColumns) : "", ScoreText(share),
                  absl::StrCat(area.pixels())});
  }
  table.Print(console.out, indent);
}

class Segmenter {
 public:
  Segmenter(Session& session, const SegmentFlags& flags) : session_(session), flags_(flags) {}

  ExitCode Run() {
    const absl::StatusOr<dnnd::v1::ModelSpec> spec = ParseModelSpec(flags_.model);
    if (!spec.ok()) return session_.FailLocally(spec.status());
    const absl::StatusOr<std::vector<std::string>> paths =
        FindPictures(flags_.images, flags_.recursive);
    if (!paths.ok()) return session_.FailLocally(paths.status());
    *request_.mutable_model() = *spec;
    FillOptions();
    if (const absl::Status planned = Plan(*paths); !planned.ok()) {
      return session_.FailLocally(planned);
    }
    several_ = paths->size() > 1;
    return SendPictures(session_, *paths, [this](PictureBatch& batch) { return Send(batch); });
  }

 private:
  void FillOptions() {
    SegmentOptions& options = *request_.mutable_options();
    options.set_format(kFormats.at(flags_.format));
    if (flags_.threshold.has_value()) options.set_threshold(*flags_.threshold);
    if (flags_.nearest) options.set_mask_resize(dnnd::v1::SegmentationHead::NEAREST);
    options.set_confidence(!flags_.confidence.empty());
  }

  // Where all files go, before anything is asked.
  absl::Status Plan(const std::vector<std::string>& paths) {
    absl::StatusOr<PictureOutput> output = PictureOutput::Create(session_, flags_.output, paths);
    if (!output.ok()) return output.status();
    output_.emplace(*std::move(output));
    absl::Status planned =
        PlanInto(flags_.mask, paths, absl::StrCat(".mask", MaskFileEnding(format())), masks_);
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

  ExitCode Send(PictureBatch& batch) {
    grpc::ClientContext context;
    ApplyOptions(session_.call_options(), context);
    request_.mutable_images()->Swap(&batch.images);
    SegmentResponse reply;
    const grpc::Status status =
        VisionService::NewStub(session_.channel())->Segment(&context, request_, &reply);
    if (!status.ok()) return FailNamingPictures(session_, status, batch.names);
    if (session_.json()) {
      if (const ExitCode code = session_.PrintJson(reply); code != ExitCode::kDone) return code;
    }
    absl::Status kept;
    Console& console = session_.console();
    const auto print = [&](int i, const std::string& indent) {
      if (!session_.json()) PrintResult(console, reply.results(i), indent);
      if (kept.ok()) kept = Keep(i, batch.first + i, reply.results(i), indent);
    };
    PrintResults(console, batch.names, several_ && !session_.json(), reply.results_size(), print);
    if (!kept.ok()) return session_.FailLocally(kept);
    if (reply.has_timings() && !session_.json()) {
      PrintTimings(console, reply.timings(), reply.model());
    }
    return ExitCode::kDone;
  }

  // Writes and draws what was asked for. `index` is the picture's place among all, `i` the one in
  // the request.
  absl::Status Keep(int i, size_t index, const Segmentation& result, const std::string& indent) {
    if (i >= request_.images_size()) return absl::OkStatus();
    if (index < masks_.size()) {
      absl::Status written = WriteFile(masks_[index], MaskFile(result, format()));
      if (!written.ok()) return written;
    }
    if (index < confidences_.size()) {
      absl::Status written = WriteFile(confidences_[index], result.confidence());
      if (!written.ok()) return written;
    }
    if (!output_->wanted()) return absl::OkStatus();
    absl::StatusOr<Picture> picture =
        DecodeAnswered(request_.images(i), result.width(), result.height());
    if (!picture.ok()) return picture.status();
    picture = DrawSegmentation(*std::move(picture), result, format());
    if (!picture.ok()) return picture.status();
    return output_->Put(index, *picture, indent);
  }

  MaskFormat format() const { return request_.options().format(); }

  Session& session_;
  const SegmentFlags& flags_;
  SegmentRequest request_;
  std::optional<PictureOutput> output_;
  std::vector<std::string> masks_, confidences_;
  bool several_ = false;
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
