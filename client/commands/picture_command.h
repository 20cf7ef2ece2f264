// A command that asks one method of VisionService about pictures: classify, detect, segment.
#ifndef DNND_CLIENT_COMMANDS_PICTURE_COMMAND_H_
#define DNND_CLIENT_COMMANDS_PICTURE_COMMAND_H_

#include <dnnd/v1/vision.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/api/files.h"
#include "client/api/model_spec.h"
#include "client/commands/pictures.h"
#include "client/commands/session.h"

namespace dnnd::client {

// One run. `Request` has a model and images, `Response` results and timings. Not thread-safe.
template <typename Request, typename Response>
class PictureCommand {
 public:
  using Method = grpc::Status (v1::VisionService::Stub::*)(grpc::ClientContext*, const Request&,
                                                           Response*);
  using Result = typename std::decay_t<decltype(std::declval<Response>().results())>::value_type;

  // Session and flags outlive it.
  PictureCommand(Session& session, const PictureFlags& flags, Method method)
      : session_(session), flags_(flags), method_(method) {}
  virtual ~PictureCommand() = default;

  // Prepare, then in as many requests as the pictures need: ask, Adjust, and for each picture Print
  // (unless the output is json) and Keep; at last End. Says what failed.
  ExitCode Run() {
    const absl::StatusOr<v1::ModelSpec> spec = ParseModelSpec(flags_.model);
    if (!spec.ok()) return session_.FailLocally(spec.status());
    const absl::StatusOr<std::vector<std::string>> paths =
        FindPictures(flags_.images, flags_.recursive);
    if (!paths.ok()) return session_.FailLocally(paths.status());
    *request_.mutable_model() = *spec;
    if (const absl::Status ready = Prepare(*paths, request_); !ready.ok()) {
      return session_.FailLocally(ready);
    }
    several_ = paths->size() > 1;
    const ExitCode code =
        SendPictures(session_, *paths, [this](PictureBatch& batch) { return Send(batch); });
    if (code != ExitCode::kDone) return code;
    End();
    return refused_ ? ExitCode::kRefused : ExitCode::kDone;
  }

 protected:
  Session& session() { return session_; }
  const Request& request() const { return request_; }

 private:
  // Sets the options of the request, before anything is asked. `paths` are all pictures.
  virtual absl::Status Prepare(const std::vector<std::string>& paths, Request& request) = 0;
  // Takes out of an answer what was not asked for.
  virtual void Adjust(Response& reply) {}
  virtual void Print(const Result& result, const std::string& indent) = 0;
  // Writes and draws what was asked for. `index` is the picture's place among all.
  virtual absl::Status Keep(size_t index, const v1::Image& image, const Result& result,
                            const std::string& indent) {
    return absl::OkStatus();
  }
  // All pictures were answered.
  virtual void End() {}

  // A picture that the server cannot take is told and left out; the others are asked about again.
  ExitCode Send(PictureBatch& batch) {
    while (!batch.names.empty()) {
      Response reply;
      const grpc::Status status = Ask(batch, reply);
      if (status.ok()) return Show(batch, reply);
      const ExitCode code = FailNamingPictures(session_, status, batch.names);
      const std::optional<size_t> bad = BlamedPicture(status, batch.names.size());
      if (!bad.has_value()) return code;
      batch.Remove(*bad);
      refused_ = true;
    }
    return ExitCode::kDone;
  }

  grpc::Status Ask(PictureBatch& batch, Response& reply) {
    grpc::ClientContext context;
    ApplyOptions(session_.call_options(), context);
    request_.mutable_images()->Swap(&batch.images);
    const auto stub = v1::VisionService::NewStub(session_.channel());
    grpc::Status status = (stub.get()->*method_)(&context, request_, &reply);
    request_.mutable_images()->Swap(&batch.images);
    return status;
  }

  ExitCode Show(const PictureBatch& batch, Response& reply) {
    Adjust(reply);
    const bool json = session_.json();
    if (json) {
      if (const ExitCode code = session_.PrintJson(reply); code != ExitCode::kDone) return code;
    }
    absl::Status kept;
    const auto show = [&](int i, const std::string& indent) {
      if (!json) Print(reply.results(i), indent);
      if (kept.ok() && i < batch.images.size()) {
        kept = Keep(batch.places[i], batch.images.Get(i), reply.results(i), indent);
      }
    };
    Console& console = session_.console();
    PrintResults(console, batch.names, several_ && !json, reply.results_size(), show);
    if (!kept.ok()) return session_.FailLocally(kept);
    if (reply.has_timings() && !json) {
      PrintTimings(console, reply.timings(), ModelSpecText(reply.model()));
    }
    return ExitCode::kDone;
  }

  Session& session_;
  const PictureFlags& flags_;
  const Method method_;
  Request request_;
  bool several_ = false;
  bool refused_ = false;  // some picture was
};

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_PICTURE_COMMAND_H_
