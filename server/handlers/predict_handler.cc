#include "server/handlers/predict_handler.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

using engine::TensorSpec;
using engine::TensorView;

std::string Names(const std::vector<TensorSpec>& specs) {
  return absl::StrJoin(specs, ", ", [](std::string* out, const TensorSpec& spec) {
    absl::StrAppend(out, spec.name);
  });
}

absl::Status UnknownTensor(absl::string_view what, absl::string_view name,
                           const std::vector<TensorSpec>& specs) {
  return WithReason(absl::InvalidArgumentError(
                        absl::StrCat("got ", what, " \"", name, "\", want ", Names(specs))),
                    kReasonTensorUnknown, {{"want", Names(specs)}});
}

absl::StatusOr<TensorView> CheckInput(const TensorSpec& spec, const TensorInput& input) {
  const std::string want =
      absl::StrCat(engine::DataTypeName(spec.type), engine::ToString(spec.shape));
  if (input.type != spec.type) {
    const absl::string_view got = engine::DataTypeName(input.type);
    return WithReason(absl::InvalidArgumentError(absl::StrCat("got ", got, ", want ", want)),
                      kReasonTensorTypeMismatch, {{"got", got}, {"want", want}});
  }
  return ViewOf(input);
}

// The request's tensors in the order of the signature.
absl::StatusOr<std::vector<TensorView>> OrderInputs(const engine::Signature& signature,
                                                    const InferRequest& request) {
  std::vector<TensorView> ordered;
  for (const TensorSpec& spec : signature.inputs) {
    const auto found =
        std::find_if(request.inputs.begin(), request.inputs.end(),
                     [&](const TensorInput& input) { return input.name == spec.name; });
    const absl::StatusOr<TensorView> view =
        found != request.inputs.end()
            ? CheckInput(spec, *found)
            : WithReason(absl::InvalidArgumentError(absl::StrCat("missing, want ",
                                                                 engine::DataTypeName(spec.type),
                                                                 engine::ToString(spec.shape))),
                         kReasonTensorUnknown);
    if (!view.ok()) {
      return WithField(view.status(), absl::StrCat("inputs[", spec.name, "]"));
    }
    ordered.push_back(*view);
  }
  for (const TensorInput& input : request.inputs) {
    if (std::none_of(signature.inputs.begin(), signature.inputs.end(),
                     [&](const TensorSpec& spec) { return spec.name == input.name; })) {
      return UnknownTensor("input", input.name, signature.inputs);
    }
  }
  return ordered;
}

// Positions of the outputs that are asked for.
absl::StatusOr<std::vector<size_t>> ChooseOutputs(const engine::Signature& signature,
                                                  const std::vector<std::string>& names) {
  std::vector<size_t> chosen;
  for (const std::string& name : names) {
    const auto found = std::find_if(signature.outputs.begin(), signature.outputs.end(),
                                    [&](const TensorSpec& spec) { return spec.name == name; });
    if (found == signature.outputs.end()) {
      return UnknownTensor("output", name, signature.outputs);
    }
    chosen.push_back(found - signature.outputs.begin());
  }
  for (size_t i = 0; names.empty() && i < signature.outputs.size(); ++i) {
    chosen.push_back(i);
  }
  return chosen;
}

int64_t TotalBytes(const std::vector<TensorView>& tensors) {
  int64_t bytes = 0;
  for (const TensorView& tensor : tensors) {
    bytes += tensor.num_bytes();
  }
  return bytes;
}

InferResponse MakeResponse(const InferenceRun& run, const std::vector<size_t>& chosen,
                           const BatchResult& result) {
  InferResponse response;
  response.model = run.model();
  const std::vector<TensorSpec>& specs = run.model()->model->signature().outputs;
  for (const size_t i : chosen) {
    response.outputs.emplace_back(specs[i].name, result.outputs[i]);
  }
  response.timings = run.timings;
  return response;
}

absl::Status Start(const std::shared_ptr<InferenceRun>& run, const InferRequest& request,
                   const Done<InferResponse>& done) {
  DNND_RETURN_IF_ERROR(run->Find(request.model));
  const engine::Model& model = *run->model()->model;
  DNND_ASSIGN_OR_RETURN(std::vector<TensorView> inputs, OrderInputs(model.signature(), request));
  DNND_ASSIGN_OR_RETURN(std::vector<size_t> chosen,
                        ChooseOutputs(model.signature(), request.outputs));
  absl::StatusOr<RunShape> shape = BindInputs(model, inputs);
  if (!shape.ok()) {
    return WithReason(shape.status(), kReasonTensorShapeMismatch);
  }
  const auto parts = absl::MakeConstSpan(&*shape, 1);
  DNND_RETURN_IF_ERROR(run->Enter(TotalBytes(inputs) + run->OutputBytes(parts)));
  DNND_RETURN_IF_ERROR(run->Reserve(parts));
  run->Submit(0, *std::move(shape), std::move(inputs),
              [run, chosen = std::move(chosen), done](absl::StatusOr<BatchResult> result) {
                run->End(result.status());
                if (result.ok()) {
                  done(MakeResponse(*run, chosen, *result));
                } else {
                  done(result.status());
                }
              });
  return absl::OkStatus();
}

}  // namespace

void PredictHandler::Predict(const Call& call, const InferRequest& request,
                             Done<InferResponse> done) {
  const auto run = std::make_shared<InferenceRun>(services_, Method::kPredict, call);
  const absl::Status started = Start(run, request, done);
  if (!started.ok()) {
    run->End(started);
    done(started);
  }
}

}  // namespace dnnd::server
