// ReverseSequence: the first elements of each sequence of a batch in reverse, the others as they
// are.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferReverseSequence(InferContext& context) {
  const Shape& input = context.input_shape(0);
  const int64_t batch = context.attributes().Int("batch_axis", 1);
  const int64_t time = context.attributes().Int("time_axis", 0);
  const bool known = (batch == 0 && time == 1) || (batch == 1 && time == 0);
  if (input.rank() < 2 || !known) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch_axis is ", batch, " and time_axis ", time, " of ", input.ToString(),
                     ", wanted 0 and 1 or 1 and 0, of no fewer than two axes"));
  }
  DNND_RETURN_IF_ERROR(
      RequireShape(context, 1, Shape({input[static_cast<int>(batch)]}), "lengths"));
  return InferSameAsInput(context);
}

absl::Status RunReverseSequence(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const Dims lengths, OpArguments(context).Int64s(1));
  const Shape& shape = context.input(0).shape();
  const bool batch_first = context.attributes().Int("batch_axis", 1) == 0;
  const int64_t times = shape[batch_first ? 1 : 0];
  for (const int64_t length : lengths) {
    if (length < 0 || length > times) {
      return absl::InvalidArgumentError(
          absl::StrCat("a sequence is ", length, " long, wanted 0 to ", times));
    }
  }
  const int64_t inner = shape.Product(2, shape.rank());
  return DispatchBySize(context.input(0).type(), [&]<typename T>() {
    const T* source = context.input(0).data<T>();
    T* target = context.output(0).data<T>();
    for (int64_t i = 0; i < shape[0] * shape[1]; ++i) {
      const int64_t batch = batch_first ? i / times : i % shape[1];
      const int64_t time = batch_first ? i % times : i / shape[1];
      const int64_t from = time < lengths[batch] ? lengths[batch] - 1 - time : time;
      const int64_t line = batch_first ? batch * times + from : from * shape[1] + batch;
      std::copy_n(source + line * inner, inner, target + i * inner);
    }
    return absl::OkStatus();
  });
}

// The rows are the batch, each with a length of its own or the same.
absl::StatusOr<RowAxis> RowsOfReverseSequence(const RowsContext& context) {
  const auto batch_axis = static_cast<int>(context.attributes().Int("batch_axis", 1));
  const RowAxis& some = context.rows(0).has_value() ? *context.rows(0) : *context.rows(1);
  const RowAxis rows = {batch_axis, some.inner};
  for (int i = 0; i < 2; ++i) {
    const RowAxis wanted = {i == 0 ? batch_axis : 0, rows.inner};
    if (!context.rows(i).has_value()) {
      DNND_RETURN_IF_ERROR(context.CheckShared(i, wanted.axis));
    } else if (!(*context.rows(i) == wanted)) {
      return RowsMix();
    }
  }
  return rows;
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__ReverseSequence.html
extern const OpDef kReverseSequence = {.type = "ReverseSequence",
                                       .min_inputs = 2,
                                       .max_inputs = 2,
                                       .infer = InferReverseSequence,
                                       .reference = RunReverseSequence,
                                       .rows = RowsOfReverseSequence};

}  // namespace dnnd::engine
