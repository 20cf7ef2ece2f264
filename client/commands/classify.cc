// dnnctl classify: pictures to classes.
#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "client/commands/answers.h"
#include "client/commands/commands.h"
#include "client/commands/picture_command.h"

namespace dnnd::client {
namespace {

using dnnd::v1::ClassifyRequest;
using dnnd::v1::ClassifyResponse;
using dnnd::v1::VisionService;

struct ClassifyFlags : PictureFlags {
  int top_k = 5;
};

class Classifier final : public PictureCommand<ClassifyRequest, ClassifyResponse> {
 public:
  Classifier(Session& session, const ClassifyFlags& flags)
      : PictureCommand(session, flags, &VisionService::Stub::Classify), flags_(flags) {}

 private:
  absl::Status Prepare(const std::vector<std::string>& paths, ClassifyRequest& request) override {
    request.mutable_options()->set_top_k(flags_.top_k);
    return absl::OkStatus();
  }

  void Print(const dnnd::v1::Classification& result, const std::string& indent) override {
    PrintAnswer(session().console(), result, indent);
  }

  const ClassifyFlags& flags_;
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
      "A request takes 16 pictures; json is one line a request, with results in the order of the "
      "files, folders in the order of their names. A picture that the daemon cannot take is told, "
      "the others are answered, and the exit code is 1.\n\nExamples:\n  dnnctl classify squeezenet "
      "cat.jpg dog.png --top-k 3\n  dnnctl "
      "classify squeezenet -r pictures/ --output json\n  curl -s https://example.com/cat.jpg | "
      "dnnctl classify squeezenet@2 -\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] { return Classifier(session, *flags).Run(); };
  });
}

}  // namespace dnnd::client
