// dnnctl classify: pictures to classes.
#include <dnnd/v1/vision.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "client/api/channel.h"
#include "client/api/files.h"
#include "client/api/model_spec.h"
#include "client/commands/commands.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Category;
using dnnd::v1::ClassifyRequest;
using dnnd::v1::ClassifyResponse;
using dnnd::v1::VisionService;

// Bounds of one request: the server's default for pictures, and room below a message's limit.
constexpr int kMaxImagesPerRequest = 256;
constexpr int64_t kMaxRequestBytes = kMaxMessageBytes - (int64_t{1} << 20);
constexpr int kBarColumns = 30;

struct ClassifyFlags {
  std::string model;
  std::vector<std::string> images;
  bool recursive = false;
  int top_k = 5;
};

std::string ScoreText(float score) {
  if (score >= 0 && score <= 1) return absl::StrFormat("%.1f%%", score * 100);
  return absl::StrFormat("%.4g", score);
}

std::string LabelText(const Category& category) {
  if (category.label().empty()) return absl::StrCat("class ", category.index());
  return Printable(category.label());
}

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

void PrintTimings(Console& console, const ClassifyResponse& reply) {
  const dnnd::v1::RequestTimings& timings = reply.timings();
  const std::string line = absl::StrCat(
      "decode ", HumanMilliseconds(timings.decode_ms()), " · queue ",
      HumanMilliseconds(timings.queue_ms()), " · compute ", HumanMilliseconds(timings.compute_ms()),
      " · total ", HumanMilliseconds(timings.total_ms()), " · batch ", timings.batch_size(), " · ",
      ModelSpecText(reply.model()));
  console.out << Styled(console, Style::kDim, line) << '\n';
}

void PrintReply(Console& console, const ClassifyResponse& reply,
                const std::vector<std::string>& names, bool several) {
  for (int i = 0; i < reply.results_size(); ++i) {
    if (several && i < static_cast<int>(names.size())) {
      console.out << Styled(console, Style::kBold, Printable(names[i])) << '\n';
    }
    PrintResult(console, reply.results(i), several ? "  " : "");
  }
  if (reply.has_timings()) PrintTimings(console, reply);
}

// The server says images[i]; the user knows files.
void NameTheFile(Failure& failure, const std::vector<std::string>& names) {
  for (auto& [field, description] : failure.fields) {
    absl::string_view path = field;
    size_t index = 0;
    if (!absl::ConsumePrefix(&path, "images[")) continue;
    const absl::string_view number = path.substr(0, path.find(']'));
    if (absl::SimpleAtoi(number, &index) && index < names.size()) {
      absl::StrAppend(&field, " (", names[index], ")");
    }
  }
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
    for (const std::string& path : *paths) {
      if (const ExitCode code = Add(path); code != ExitCode::kDone) return code;
    }
    return Send();
  }

 private:
  ExitCode Add(const std::string& path) {
    absl::StatusOr<std::string> bytes = ReadFile(path, session_.console().in, kMaxRequestBytes);
    if (!bytes.ok()) return session_.FailLocally(bytes.status());
    const bool full = request_.images_size() == kMaxImagesPerRequest ||
                      request_bytes_ + static_cast<int64_t>(bytes->size()) > kMaxRequestBytes;
    if (full) {
      if (const ExitCode code = Send(); code != ExitCode::kDone) return code;
    }
    request_bytes_ += bytes->size();
    request_.add_images()->set_encoded(*std::move(bytes));
    names_.push_back(path);
    return ExitCode::kDone;
  }

  // Sends what was added and starts over.
  ExitCode Send() {
    grpc::ClientContext context;
    ApplyOptions(session_.call_options(), context);
    ClassifyResponse reply;
    const grpc::Status status =
        VisionService::NewStub(session_.channel())->Classify(&context, request_, &reply);
    if (!status.ok()) {
      Failure failure = ReadFailure(status);
      NameTheFile(failure, names_);
      return session_.Fail(failure);
    }
    if (session_.json()) {
      if (const ExitCode code = session_.PrintJson(reply); code != ExitCode::kDone) return code;
    } else {
      PrintReply(session_.console(), reply, names_, several_);
    }
    request_.clear_images();
    request_bytes_ = 0;
    names_.clear();
    return ExitCode::kDone;
  }

  Session& session_;
  const ClassifyFlags& flags_;
  ClassifyRequest request_;
  int64_t request_bytes_ = 0;
  std::vector<std::string> names_;
  bool several_ = false;
};

}  // namespace

void AddClassifyCommand(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<ClassifyFlags>();
  CLI::App* command = app.add_subcommand("classify", "Say what pictures show");
  command->add_option("MODEL", flags->model, "NAME, NAME@VERSION or NAME@LABEL")->required();
  command->add_option("IMAGE", flags->images, "JPEG or PNG files; - is standard input")->required();
  command->add_flag("-r,--recursive", flags->recursive,
                    "take the pictures in folders, and in theirs");
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
