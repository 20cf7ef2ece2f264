#include "server/repository/picture_signature.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace dnnd::server {

using v1::Preprocess;

namespace {

bool IsChannels(const engine::Dim& dim) { return dim.value == 1 || dim.value == 3; }

}  // namespace

std::optional<SizeInput> FindSizeInput(const engine::Signature& signature) {
  if (signature.inputs.size() != 2) {
    return std::nullopt;
  }
  const engine::TensorSpec& spec = signature.inputs[1];
  if (spec.type != engine::DataType::kFloat32 || spec.shape.size() != 2 ||
      spec.shape[1].value != 2) {
    return std::nullopt;
  }
  if (absl::StrContains(spec.name, "scale_factor")) {
    return SizeInput::kScaleFactor;
  }
  return absl::StrContains(spec.name, "image_shape")
             ? std::optional<SizeInput>(SizeInput::kHeightAndWidth)
             : std::nullopt;
}

std::optional<PictureInput> FindPictureInput(const engine::Signature& signature,
                                             Preprocess::TensorLayout wanted) {
  const bool alone = signature.inputs.size() == 1 || FindSizeInput(signature).has_value();
  if (!alone || signature.inputs[0].shape.size() != 4) {
    return std::nullopt;
  }
  const engine::SymbolicShape& shape = signature.inputs[0].shape;
  // A model that is not batchable may still take one picture at a time.
  if (signature.batchable ? signature.inputs[0].batch_axis != 0
                          : shape[0].known() && shape[0].value != 1) {
    return std::nullopt;
  }
  if (wanted != Preprocess::NHWC && IsChannels(shape[1])) {
    return PictureInput{Preprocess::NCHW, shape[1].value, shape[2].value, shape[3].value};
  }
  if (wanted != Preprocess::NCHW && IsChannels(shape[3])) {
    return PictureInput{Preprocess::NHWC, shape[3].value, shape[1].value, shape[2].value};
  }
  return std::nullopt;
}

bool GivesScores(const engine::Signature& signature) {
  if (signature.outputs.size() != 1 || signature.outputs[0].batch_axis != 0 ||
      !engine::IsFloatingPoint(signature.outputs[0].type)) {
    return false;
  }
  const engine::SymbolicShape& shape = signature.outputs[0].shape;
  return std::count_if(shape.begin() + 1, shape.end(),
                       [](const engine::Dim& dim) { return dim.value != 1; }) <= 1;
}

std::optional<int64_t> CountClasses(const engine::Signature& signature) {
  if (!GivesScores(signature)) {
    return std::nullopt;
  }
  const engine::SymbolicShape& shape = signature.outputs[0].shape;
  int64_t classes = 1;
  for (size_t axis = 1; axis < shape.size(); ++axis) {
    if (!shape[axis].known()) {
      return std::nullopt;
    }
    classes *= shape[axis].value;
  }
  return classes >= 2 ? std::optional<int64_t>(classes) : std::nullopt;
}

}  // namespace dnnd::server
