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

class Classification final : public PictureTask {
 public:
  Classification(const InferenceServices& services, const Call& call, int top_k,
                 Done<ClassifyResponse> done)
      : PictureTask(services, Method::kClassify, call), top_k_(top_k), done_(std::move(done)) {}

 private:
  absl::Status Check(const ServedModel& model, size_t pictures) override {
    DNND_RETURN_IF_ERROR(CheckTask(model, v1::ModelConfig::CLASSIFY));
    if (top_k_ < 0) {
      return WithField(
          WithReason(absl::InvalidArgumentError(absl::StrCat("got ", top_k_, ", want 0 or more")),
                     kReasonInvalidRequest),
          "options.top_k");
    }
    response_.results.resize(pictures);
    return absl::OkStatus();
  }

  absl::Status Interpret(const Computed& computed) override {
    DNND_ASSIGN_OR_RETURN(const std::vector<float> scores, ToFloats(computed.outputs[0]));
    const Activation activation = ToActivation(model()->config.score_activation());
    const size_t classes = scores.size() / computed.positions.size();
    for (size_t i = 0; i < computed.positions.size(); ++i) {
      response_.results[computed.positions[i]] = BestClasses(
          absl::MakeConstSpan(scores).subspan(i * classes, classes), activation, top_k_);
    }
    return absl::OkStatus();
  }

  void Finish(const absl::Status& status) override {
    if (!status.ok()) {
      return done_(status);
    }
    response_.model = model();
    response_.timings = timings();
    done_(std::move(response_));
  }

  const int top_k_;
  const Done<ClassifyResponse> done_;
  ClassifyResponse response_;
};

}  // namespace

void ClassifyHandler::Classify(const Call& call, ClassifyRequest request,
                               Done<ClassifyResponse> done) {
  std::make_shared<Classification>(services_, call, request.top_k, std::move(done))
      ->Start(request.model, std::move(request.images));
}

}  // namespace dnnd::server
