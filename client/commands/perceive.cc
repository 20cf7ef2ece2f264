// dnnctl perceive: several models about one picture, or about the frames of a stream.
#include <dnnd/v1/vision.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/api/channel.h"
#include "client/api/files.h"
#include "client/api/model_spec.h"
#include "client/commands/commands.h"
#include "client/commands/duration_flag.h"
#include "client/commands/perceive_stream.h"
#include "client/commands/perception.h"
#include "client/commands/picture_output.h"
#include "client/commands/pictures.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Image;
using dnnd::v1::PerceiveRequest;
using dnnd::v1::PerceiveResponse;
using dnnd::v1::StreamPerceiveResponse;

struct PerceiveFlags {
  std::string models;  // with commas between them
  std::vector<std::string> images;
  bool recursive = false;
  std::optional<double> frames_per_second;
  std::optional<absl::Duration> max_age;
  PictureOutputFlags output;
};

class Perceiver {
 public:
  Perceiver(Session& session, const PerceiveFlags& flags) : session_(session), flags_(flags) {}

  // Says what failed.
  ExitCode Run() {
    if (const absl::Status ready = Prepare(); !ready.ok()) return session_.FailLocally(ready);
    if (!flags_.frames_per_second.has_value()) return AskAll();
    FrameStreamOptions options;
    options.tasks = request_.tasks();
    options.frames_per_second = *flags_.frames_per_second;
    options.max_age = flags_.max_age;
    options.wants_pictures = output_->wanted();
    return StreamFrames(
        session_, options, paths_,
        [this](size_t index, const Image& image, const StreamPerceiveResponse& reply) {
          const dnnd::v1::FrameReport& frame = reply.frame();
          return Show(index, image, reply.result(),
                      absl::StrCat(" · delay ", HumanMilliseconds(frame.delay_ms()), " · dropped ",
                                   frame.dropped()));
        });
  }

 private:
  absl::Status Prepare() {
    for (const absl::string_view model : absl::StrSplit(flags_.models, ',')) {
      const absl::StatusOr<dnnd::v1::ModelSpec> spec = ParseModelSpec(model);
      if (!spec.ok()) return spec.status();
      *request_.add_tasks()->mutable_model() = *spec;
    }
    absl::StatusOr<std::vector<std::string>> paths = FindPictures(flags_.images, flags_.recursive);
    if (!paths.ok()) return paths.status();
    paths_ = *std::move(paths);
    absl::StatusOr<PictureOutput> output = PictureOutput::Create(session_, flags_.output, paths_);
    if (!output.ok()) return output.status();
    output_.emplace(*std::move(output));
    return absl::OkStatus();
  }

  ExitCode AskAll() {
    for (size_t i = 0; i < paths_.size(); ++i) {
      if (const ExitCode code = Ask(i); code != ExitCode::kDone) return code;
    }
    return refused_ ? ExitCode::kRefused : ExitCode::kDone;
  }

  // A picture that the server cannot take is told and left out.
  ExitCode Ask(size_t index) {
    absl::StatusOr<std::string> bytes =
        ReadFile(paths_[index], session_.console().in, kMaxMessageBytes);
    if (!bytes.ok()) return session_.FailLocally(bytes.status());
    request_.mutable_image()->set_encoded(*std::move(bytes));
    grpc::ClientContext context;
    ApplyOptions(session_.call_options(), context);
    PerceiveResponse reply;
    const auto stub = dnnd::v1::VisionService::NewStub(session_.channel());
    const grpc::Status status = stub->Perceive(&context, request_, &reply);
    if (!status.ok()) {
      const ExitCode code = FailNamingPictures(session_, status, {paths_[index]});
      if (!BlamedPicture(status, 1).has_value()) return code;
      refused_ = true;
      return ExitCode::kDone;
    }
    if (session_.json()) {
      if (const ExitCode code = session_.PrintJson(reply); code != ExitCode::kDone) return code;
    }
    if (const absl::Status shown = Show(index, request_.image(), reply, ""); !shown.ok()) {
      return session_.FailLocally(shown);
    }
    if (!session_.json() && reply.has_timings()) {
      PrintTimings(session_.console(), reply.timings(), ModelsText(reply));
    }
    return ExitCode::kDone;
  }

  // In words, unless the output is json, and as an overlay where one is wanted.
  absl::Status Show(size_t index, const Image& image, const PerceiveResponse& reply,
                    const std::string& after_name) {
    const std::string indent = paths_.size() > 1 ? "  " : "";
    if (!session_.json()) {
      Console& console = session_.console();
      if (paths_.size() > 1 || !after_name.empty()) {
        console.out << Styled(console, Style::kBold, Printable(paths_[index]))
                    << Styled(console, Style::kDim, after_name) << '\n';
      }
      PrintPerception(console, reply, indent);
    }
    return output_->Draw(index, image, reply.width(), reply.height(), indent, [&](Picture picture) {
      return DrawPerception(std::move(picture), reply);
    });
  }

  Session& session_;
  const PerceiveFlags& flags_;
  PerceiveRequest request_;
  std::vector<std::string> paths_;
  std::optional<PictureOutput> output_;
  bool refused_ = false;  // some picture was
};

void AddStreamFlags(CLI::App& command, PerceiveFlags& flags) {
  CLI::Option* rate =
      command
          .add_option("--fps", flags.frames_per_second,
                      "send the pictures as frames of one stream, so many a second: the newest "
                      "frame wins, and what comes too late is dropped")
          ->check(CLI::Range(0.001, 1e6));
  AddDurationFlag(
      command, "--max-age", [&flags](absl::Duration age) { flags.max_age = age; },
      absl::Milliseconds(1), absl::Hours(24),
      "drop a frame that waited longer (default: only for a newer one)")
      ->needs(rate);
}

}  // namespace

void AddPerceiveCommand(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<PerceiveFlags>();
  CLI::App* command = app.add_subcommand("perceive", "Ask several models about each picture");
  command
      ->add_option("MODELS", flags->models,
                   "classifiers, detectors and segmenters, with commas between them")
      ->required();
  AddImageFlags(*command, flags->images, flags->recursive);
  AddStreamFlags(*command, *flags);
  AddPictureOutputFlags(*command, flags->output);
  command->footer(
      "A picture is decoded once for all models, which run at once; each answers as it is "
      "configured. An overlay has all masks and boxes, and below it the best class of each "
      "classifier. Without --fps json is one line a picture; with it frame.id is the picture's "
      "place "
      "among all, from 0, with folders in the order of their names.\n\nExamples:\n"
      "  dnnctl perceive yolox,road,squeezenet street.jpg --save all.png\n"
      "  dnnctl perceive yolox,road -r drive/ --fps 30 --max-age 100ms --save overlays/\n"
      "  dnnctl perceive yolox@2,deeplab street.jpg --output json | jq '.results[].detections'\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] { return Perceiver(session, *flags).Run(); };
  });
}

}  // namespace dnnd::client
