#include "server/handlers/classify_handler.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"
#include "server/handlers/image_batch.h"
#include "server/handlers/preprocess_config.h"

namespace dnnd::server {

namespace {

using engine::DataType;
using engine::Tensor;
using engine::TensorView;

absl::Status CheckIsClassifier(const ServedModel& model) {
  if (model.config.task() == v1::ModelConfig::CLASSIFY) {
    return absl::OkStatus();
  }
  const std::string task = v1::ModelConfig::Task_Name(model.config.task());
  return WithReason(absl::FailedPreconditionError(absl::StrCat("model ", model.name, " is for ",
                                                               task, ", want one for CLASSIFY")),
                    kReasonTaskMismatch,
                    {{"model", model.name},
                     {"got", task},
                     {"want", "CLASSIFY"},
                     {"hint", "call the method of its task, or PredictService.Predict"}});
}

// Numbers of any floating-point type as floats.
absl::StatusOr<std::vector<float>> ToFloats(const Tensor& tensor) {
  std::vector<float> out(tensor.num_elements());
  const auto convert = [&](const auto* values, const auto& to_float) {
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = to_float(values[i]);
    }
  };
  switch (tensor.type()) {
    case DataType::kFloat32:
      out.assign(tensor.data<float>(), tensor.data<float>() + out.size());
      return out;
    case DataType::kFloat64:
      convert(tensor.data<double>(), [](double v) { return static_cast<float>(v); });
      return out;
    case DataType::kFloat16:
      convert(tensor.data<uint16_t>(), engine::HalfToFloat);
      return out;
    case DataType::kBFloat16:
      convert(tensor.data<uint16_t>(), engine::BFloat16ToFloat);
      return out;
    default:
      return WithReason(absl::FailedPreconditionError(absl::StrCat(
                            "the model's scores are ", engine::DataTypeName(tensor.type()),
                            ", want floating-point numbers")),
                        kReasonTaskMismatch);
  }
}

// One request from its admission to its answer.
struct Classification {
  Classification(const InferenceServices& services, const Call& call, int top_k,
                 Done<ClassifyResponse> done)
      : run(services, Method::kClassify, call), top_k(top_k), done(std::move(done)) {}

  void Fail(const absl::Status& status) {
    run.End(status);
    done(status);
  }

  absl::StatusOr<ClassifyResponse> Interpret(const BatchResult& result) const {
    ClassifyResponse response;
    response.model = run.model();
    DNND_ASSIGN_OR_RETURN(const std::vector<float> scores, ToFloats(result.outputs[0]));
    const Activation activation = ToActivation(run.model()->config.score_activation());
    const auto rows = static_cast<size_t>(images->type().shape[0]);
    const size_t classes = scores.size() / rows;
    for (size_t i = 0; i < rows; ++i) {
      response.results.push_back(BestClasses(
          absl::MakeConstSpan(scores).subspan(i * classes, classes), activation, top_k));
    }
    return response;
  }

  void Answer(absl::StatusOr<BatchResult> result) {
    if (!result.ok()) {
      return Fail(result.status());
    }
    const absl::Time start = absl::Now();
    absl::StatusOr<ClassifyResponse> response = Interpret(*result);
    if (!response.ok()) {
      return Fail(response.status());
    }
    run.timings.postprocess = absl::Now() - start;
    ModelMetrics& metrics = *run.model()->metrics;
    metrics.ObserveStage(Stage::kDecode, run.timings.decode);
    metrics.ObserveStage(Stage::kPreprocess, run.timings.preprocess);
    metrics.ObserveStage(Stage::kPostprocess, run.timings.postprocess);
    run.End(absl::OkStatus());
    response->timings = run.timings;
    done(std::move(response));
  }

  InferenceRun run;
  const int top_k;
  const Done<ClassifyResponse> done;
  std::shared_ptr<ImageBatch> images;
};

void Compute(const std::shared_ptr<Classification>& state, RunShape shape,
             const absl::StatusOr<TensorView>& pictures) {
  if (!pictures.ok()) {
    return state->Fail(pictures.status());
  }
  const ImageBatch::Times times = state->images->times();
  state->run.timings.decode = times.decode;
  state->run.timings.preprocess = times.preprocess;
  state->run.Submit(std::move(shape), {*pictures}, [state](absl::StatusOr<BatchResult> result) {
    state->Answer(std::move(result));
  });
}

absl::Status Start(const std::shared_ptr<Classification>& state, const InferenceServices& services,
                   ClassifyRequest request) {
  DNND_RETURN_IF_ERROR(state->run.Find(request.model));
  const ServedModel& model = *state->run.model();
  DNND_RETURN_IF_ERROR(CheckIsClassifier(model));
  if (request.top_k < 0) {
    return WithField(WithReason(absl::InvalidArgumentError(
                                    absl::StrCat("got ", request.top_k, ", want 0 or more")),
                                kReasonInvalidRequest),
                     "options.top_k");
  }
  const LimitOptions& limits = services.limits;
  DNND_ASSIGN_OR_RETURN(const ImageBytes bytes, CheckImages(request.images, limits.max_image_pixels,
                                                            limits.max_images_per_request));
  DNND_ASSIGN_OR_RETURN(Preprocessor preprocessor,
                        Preprocessor::Create(ToOptions(model.config.preprocess(),
                                                       model.model->signature().inputs[0].type)));
  state->images =
      std::make_shared<ImageBatch>(std::move(request.images), std::move(preprocessor),
                                   ImageBatch::Options{limits.max_image_pixels, state->run.call()});
  const engine::TensorType type = state->images->type();
  absl::StatusOr<RunShape> shape = BindInputs(*model.model, {TensorView(type, nullptr)});
  if (!shape.ok()) {
    return WithReason(shape.status(), kReasonTensorShapeMismatch);
  }
  // No more pictures are decoded at once than there are workers.
  const int64_t decoding =
      bytes.largest_decoded * std::min<int64_t>(shape->rows, services.workers.threads());
  DNND_RETURN_IF_ERROR(state->run.Admit(bytes.received + type.num_bytes() + decoding, *shape));
  state->images->Start(services.workers, [state, shape = *std::move(shape)](
                                             const absl::StatusOr<TensorView>& pictures) {
    Compute(state, shape, pictures);
  });
  return absl::OkStatus();
}

}  // namespace

void ClassifyHandler::Classify(const Call& call, ClassifyRequest request,
                               Done<ClassifyResponse> done) {
  auto state = std::make_shared<Classification>(services_, call, request.top_k, std::move(done));
  const absl::Status started = Start(state, services_, std::move(request));
  if (!started.ok()) {
    state->Fail(started);
  }
}

}  // namespace dnnd::server
