#include "server/handlers/output_rows.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"
#include "server/vision/detector_info.h"

namespace dnnd::server {

namespace {

using engine::DataType;
using engine::Tensor;

template <typename T>
void Convert(const Tensor& tensor, std::vector<float>& out) {
  const T* values = tensor.data<T>();
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(values[i]);
  }
}

void ConvertBits(const Tensor& tensor, float (*to_float)(uint16_t), std::vector<float>& out) {
  const auto* values = tensor.data<uint16_t>();
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = to_float(values[i]);
  }
}

// The shape of the output of one of so many pictures. A run may give other extents than the model
// declares.
absl::StatusOr<engine::Shape> RowOf(const engine::Signature& signature,
                                    const engine::TensorSpec& spec, const engine::Shape& shape,
                                    int64_t rows) {
  if (!CountsPictures(signature, spec)) {
    return shape;
  }
  if (shape.rank() < 1 || shape[0] != rows) {
    return WithReason(
        absl::FailedPreconditionError(absl::StrCat(spec.name, ": got ", shape.ToString(),
                                                   ", want rows of ", rows, " pictures")),
        kReasonTaskMismatch);
  }
  return engine::Shape(shape.dims().subspan(1));
}

}  // namespace

absl::StatusOr<std::vector<float>> ToFloats(const Tensor& tensor) {
  std::vector<float> out(tensor.num_elements());
  switch (tensor.type()) {
    case DataType::kFloat32:
      Convert<float>(tensor, out);
      return out;
    case DataType::kFloat64:
      Convert<double>(tensor, out);
      return out;
    case DataType::kFloat16:
      ConvertBits(tensor, &engine::HalfToFloat, out);
      return out;
    case DataType::kBFloat16:
      ConvertBits(tensor, &engine::BFloat16ToFloat, out);
      return out;
    case DataType::kInt64:
      Convert<int64_t>(tensor, out);
      return out;
    case DataType::kInt32:
      Convert<int32_t>(tensor, out);
      return out;
    case DataType::kInt8:
      Convert<int8_t>(tensor, out);
      return out;
    case DataType::kUint8:
      Convert<uint8_t>(tensor, out);
      return out;
    default:
      return WithReason(
          absl::FailedPreconditionError(absl::StrCat(
              "the model's results are ", engine::DataTypeName(tensor.type()), ", want numbers")),
          kReasonTaskMismatch);
  }
}

absl::StatusOr<OutputRows> OutputRows::Create(const engine::Signature& signature,
                                              absl::Span<const Tensor> outputs, int64_t rows) {
  OutputRows all;
  all.converted_.reserve(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const engine::TensorSpec& spec = signature.outputs[i];
    Output output;
    DNND_ASSIGN_OR_RETURN(output.row, RowOf(signature, spec, outputs[i].shape(), rows));
    output.stride = outputs[i].num_elements() / rows;
    if (outputs[i].type() == DataType::kFloat32) {
      output.values = outputs[i].data<float>();
    } else {
      absl::StatusOr<std::vector<float>> floats = ToFloats(outputs[i]);
      if (!floats.ok()) {
        return engine::Annotate(floats.status(), spec.name);
      }
      all.converted_.push_back(*std::move(floats));
      output.values = all.converted_.back().data();
    }
    all.outputs_.push_back(std::move(output));
  }
  return all;
}

std::vector<OutputRow> OutputRows::Of(int64_t picture) const {
  std::vector<OutputRow> rows;
  for (const Output& output : outputs_) {
    rows.push_back({output.row,
                    {output.values + picture * output.stride, static_cast<size_t>(output.stride)}});
  }
  return rows;
}

}  // namespace dnnd::server
