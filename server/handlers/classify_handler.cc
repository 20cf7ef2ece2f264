#include "server/handlers/classify_handler.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"
#include "server/handlers/output_rows.h"
#include "server/handlers/picture_task.h"
#include "server/handlers/preprocess_config.h"

namespace dnnd::server {

namespace {

class Classification final : public AnsweringTask<ClassifyRequest, ClassifyResponse> {
 public:
  using AnsweringTask::AnsweringTask;

 private:
  absl::Status Check(const ServedModel& model, size_t pictures) override {
    DNND_RETURN_IF_ERROR(CheckTask(model, v1::ModelConfig::CLASSIFY));
    if (request().top_k < 0) {
      return InvalidOption("top_k", absl::StrCat("got ", request().top_k, ", want 0 or more"));
    }
    response().results.resize(pictures);
    return absl::OkStatus();
  }

  absl::Status Interpret(const Computed& computed) override {
    DNND_ASSIGN_OR_RETURN(const std::vector<float> scores, ToFloats(computed.outputs[0]));
    const Activation activation = ToActivation(model()->config.score_activation());
    const size_t classes = scores.size() / computed.positions.size();
    for (size_t i = 0; i < computed.positions.size(); ++i) {
      response().results[computed.positions[i]] = BestClasses(
          absl::MakeConstSpan(scores).subspan(i * classes, classes), activation, request().top_k);
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::shared_ptr<PictureTask> ClassifyHandler::MakeTask(const Call& call, ClassifyRequest request,
                                                       Done<ClassifyResponse> done) const {
  return std::make_shared<Classification>(services_, method_, call, std::move(request),
                                          std::move(done));
}

}  // namespace dnnd::server
