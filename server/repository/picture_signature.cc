#include "server/repository/picture_signature.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace dnnd::server {

using v1::Preprocess;

namespace {

// One channel before or behind two other extents may as well be a batch of one of something else.
bool IsChannels(const engine::Dim& dim, bool has_batch_axis) {
  return dim.value == 3 || (dim.value == 1 && has_batch_axis);
}

// Whether the input takes one picture at a time, or many along its first axis.
bool TakesPictures(const engine::Signature& signature) {
  const engine::TensorSpec& spec = signature.inputs[0];
  if (signature.batchable) {
    return spec.shape.size() == 4 && spec.batch_axis == 0;
  }
  return spec.shape.size() == 3 ||
         (spec.shape.size() == 4 && (!spec.shape[0].known() || spec.shape[0].value == 1));
}

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
  if (!alone || !TakesPictures(signature)) {
    return std::nullopt;
  }
  const engine::SymbolicShape& shape = signature.inputs[0].shape;
  const bool has_batch_axis = shape.size() == 4;
  const engine::Dim* axes = shape.data() + (has_batch_axis ? 1 : 0);
  if (wanted != Preprocess::NHWC && IsChannels(axes[0], has_batch_axis)) {
    return PictureInput{Preprocess::NCHW, axes[0].value, axes[1].value, axes[2].value};
  }
  if (wanted != Preprocess::NCHW && IsChannels(axes[2], has_batch_axis)) {
    return PictureInput{Preprocess::NHWC, axes[2].value, axes[0].value, axes[1].value};
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
