#include "client/commands/bench_workload.h"

#include <dnnd/v1/predict.pb.h>
#include <dnnd/v1/vision.pb.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/api/channel.h"
#include "client/api/files.h"
#include "client/api/tensor_input.h"

namespace dnnd::client {
namespace {

// Requests that differ, so that nothing is measured that only repeats itself; few, so that they fit
// in memory.
constexpr int kRandomRequests = 8;

absl::Status AddRequest(const google::protobuf::Message& request, Workload& workload) {
  if (static_cast<int64_t>(request.ByteSizeLong()) > kMaxMessageBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a request of ", workload.items_per_request, " items exceeds the ",
                     kMaxMessageBytes, " bytes of a message; want a smaller --items"));
  }
  std::string bytes = request.SerializeAsString();
  grpc::Slice slice(bytes);
  workload.requests.emplace_back(&slice, 1);
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, TensorInput>> ParseInputs(
    const std::vector<std::string>& texts, const dnnd::v1::ModelSignature& signature) {
  std::map<std::string, TensorInput> inputs;
  for (const std::string& text : texts) {
    absl::StatusOr<TensorInput> input = ParseTensorInput(text);
    if (!input.ok()) return input.status();
    if (input->name.empty() && signature.inputs_size() == 1)
      input->name = signature.inputs(0).name();
    const bool known = std::any_of(signature.inputs().begin(), signature.inputs().end(),
                                   [&](const auto& spec) { return spec.name() == input->name; });
    if (!known)
      return absl::InvalidArgumentError(
          absl::StrCat("the model has no input \"", input->name, "\""));
    const std::string name = input->name;
    inputs[name] = *std::move(input);
  }
  return inputs;
}

absl::Status AddRandomRequest(const dnnd::v1::ModelSpec& model,
                              const dnnd::v1::ModelSignature& signature,
                              const std::map<std::string, TensorInput>& inputs, uint64_t seed,
                              Workload& workload) {
  // "-" is refused before this: bench reads no standard input.
  std::istringstream no_input;
  dnnd::v1::PredictRequest request;
  *request.mutable_model() = model;
  for (const dnnd::v1::TensorSpec& spec : signature.inputs()) {
    TensorInput input;
    input.source = TensorInput::Source::kRandom;
    if (const auto given = inputs.find(spec.name()); given != inputs.end()) input = given->second;
    input.seed += seed;
    if (input.source != TensorInput::Source::kFile && !input.shape.has_value()) {
      absl::StatusOr<std::vector<int64_t>> shape = ShapeForItems(spec, workload.items_per_request);
      if (!shape.ok()) return shape.status();
      input.shape = *std::move(shape);
    }
    absl::StatusOr<dnnd::v1::Tensor> tensor = MakeTensor(input, &spec, no_input, kMaxMessageBytes);
    if (!tensor.ok()) return tensor.status();
    (*request.mutable_inputs())[spec.name()] = *std::move(tensor);
  }
  return AddRequest(request, workload);
}

absl::StatusOr<std::vector<std::string>> ReadPictures(const std::vector<std::string>& paths) {
  const absl::StatusOr<std::vector<std::string>> files = FindPictures(paths, /*recursive=*/true);
  if (!files.ok()) return files.status();
  std::vector<std::string> pictures;
  std::istringstream no_input;
  for (const std::string& file : *files) {
    if (file == "-") return absl::InvalidArgumentError("bench takes pictures from files only");
    absl::StatusOr<std::string> bytes = ReadFile(file, no_input, kMaxMessageBytes);
    if (!bytes.ok()) return bytes.status();
    pictures.push_back(*std::move(bytes));
  }
  return pictures;
}

template <typename Request>
absl::StatusOr<Workload> MakePictureWorkload(absl::string_view method,
                                             const dnnd::v1::ModelSpec& model,
                                             const std::vector<std::string>& pictures, int items) {
  Workload workload;
  workload.method = absl::StrCat("/dnnd.v1.VisionService/", method);
  workload.items_per_request = items;
  for (size_t first = 0; first < pictures.size(); ++first) {
    Request request;
    *request.mutable_model() = model;
    for (int i = 0; i < items; ++i)
      request.add_images()->set_encoded(pictures[(first + i) % pictures.size()]);
    if (const absl::Status added = AddRequest(request, workload); !added.ok()) return added;
  }
  return workload;
}

}  // namespace

absl::StatusOr<Workload> PictureWorkload(const dnnd::v1::ModelSpec& model,
                                         dnnd::v1::ModelConfig::Task task,
                                         const std::vector<std::string>& paths, int items) {
  const absl::StatusOr<std::vector<std::string>> pictures = ReadPictures(paths);
  if (!pictures.ok()) return pictures.status();
  switch (task) {
    case dnnd::v1::ModelConfig::CLASSIFY:
      return MakePictureWorkload<dnnd::v1::ClassifyRequest>("Classify", model, *pictures, items);
    case dnnd::v1::ModelConfig::DETECT:
      return MakePictureWorkload<dnnd::v1::DetectRequest>("Detect", model, *pictures, items);
    case dnnd::v1::ModelConfig::SEGMENT:
      return MakePictureWorkload<dnnd::v1::SegmentRequest>("Segment", model, *pictures, items);
    default:
      return absl::FailedPreconditionError(
          absl::StrCat(model.name(), " is for ", dnnd::v1::ModelConfig::Task_Name(task),
                       ", and takes no pictures; leave out --image"));
  }
}

absl::StatusOr<Workload> TensorWorkload(const dnnd::v1::ModelSpec& model,
                                        const dnnd::v1::ModelSignature& signature,
                                        const std::vector<std::string>& inputs, int items,
                                        uint64_t seed) {
  const absl::StatusOr<std::map<std::string, TensorInput>> parsed = ParseInputs(inputs, signature);
  if (!parsed.ok()) return parsed.status();
  Workload workload;
  workload.method = "/dnnd.v1.PredictService/Predict";
  workload.items_per_request = items;
  for (int i = 0; i < kRandomRequests; ++i) {
    const absl::Status added = AddRandomRequest(model, signature, *parsed, seed + i, workload);
    if (!added.ok()) return added;
  }
  return workload;
}

}  // namespace dnnd::client
