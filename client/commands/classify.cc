// dnnctl classify: pictures to classes.
#include <dnnd/v1/vision.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "client/api/files.h"
#include "client/api/model_spec.h"
#include "client/commands/commands.h"
#include "client/commands/pictures.h"
#include "client/output/category.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Category;
using dnnd::v1::ClassifyRequest;
using dnnd::v1::ClassifyResponse;
using dnnd::v1::VisionService;

constexpr int kBarColumns = 30;

struct ClassifyFlags : PictureFlags {
  int top_k = 5;
};

void PrintResult(Console& console, const dnnd::v1::Classification& result,
                 const std::string& indent) {
  Table table({{""}, {""}, {"", Table::Align::kRight}});
  for (const Category& category : result.categories()) {
    // Bars are for eyes: what reads a pipe gets label and score alone.
    const bool bar = console.out_is_terminal && category.score() >= 0 && category.score() <= 1;
    table.AddRow({LabelText(category), bar ? Bar(category.score(), kBarColumns) : "",
                  ScoreText(category.score())});
  }
  table.Print(console.out, indent);
}

class Classifier {
 public:
  Classifier(Session& session, const ClassifyFlags& flags) : session_(session), flags_(flags) {}

  ExitCode Run() {
    const absl::StatusOr<dnnd::v1::ModelSpec> spec = ParseModelSpec(flags_.model);
    if (!spec.ok()) return session_.FailLocally(spec.status());
    const absl::StatusOr<std::vector<std::string>> paths =
        FindPictures(flags_.images, flags_.recursive);
    if (!paths.ok()) return session_.FailLocally(paths.status());
    several_ = paths->size() > 1;
    *request_.mutable_model() = *spec;
    request_.mutable_options()->set_top_k(flags_.top_k);
    return SendPictures(session_, *paths, [this](PictureBatch& batch) { return Send(batch); });
  }

 private:
  ExitCode Send(PictureBatch& batch) {
    grpc::ClientContext context;
    ApplyOptions(session_.call_options(), context);
    request_.mutable_images()->Swap(&batch.images);
    ClassifyResponse reply;
    const grpc::Status status =
        VisionService::NewStub(session_.channel())->Classify(&context, request_, &reply);
    if (!status.ok()) return FailNamingPictures(session_, status, batch.names);
    if (session_.json()) return session_.PrintJson(reply);
    Console& console = session_.console();
    PrintResults(
        console, batch.names, several_, reply.results_size(),
        [&](int i, const std::string& indent) { PrintResult(console, reply.results(i), indent); });
    if (reply.has_timings()) PrintTimings(console, reply.timings(), reply.model());
    return ExitCode::kDone;
  }

  Session& session_;
  const ClassifyFlags& flags_;
  ClassifyRequest request_;
  bool several_ = false;
};

}  // namespace

void AddClassifyCommand(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<ClassifyFlags>();
  CLI::App* command = app.add_subcommand("classify", "Say what pictures show");
  AddPictureFlags(*command, *flags);
  command->add_option("-k,--top-k", flags->top_k, "classes for each picture; 0 is all of them")
      ->check(CLI::Range(0, std::numeric_limits<int>::max()))
      ->capture_default_str();
  command->footer(
      "All pictures go in one request, or in several where they exceed a message; json is one line "
      "a request.\n\nExamples:\n  dnnctl classify squeezenet cat.jpg dog.png --top-k 3\n  dnnctl "
      "classify squeezenet -r pictures/ --output json\n  curl -s https://example.com/cat.jpg | "
      "dnnctl classify squeezenet@2 -\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] { return Classifier(session, *flags).Run(); };
  });
}

}  // namespace dnnd::client
