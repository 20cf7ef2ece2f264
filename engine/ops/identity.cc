// Identity, and Dropout as inference has it: the input passes through, nothing is dropped.
#include <algorithm>

#include "engine/ops/op_def.h"
#include "engine/ops/rows.h"
#include "engine/ops/view.h"

namespace dnnd::engine {
namespace {

absl::Status InferIdentity(InferContext& context) {
  context.SetOutput(0, context.input(0).type, context.input_shape(0));
  return absl::OkStatus();
}

absl::Status InferDropout(InferContext& context) {
  // Input 2 is training_mode; one that is not known would decide at run time.
  if (context.has_input(2)) {
    const Tensor* training = context.constant(2);
    if (training == nullptr || *training->data<bool>()) {
      return absl::UnimplementedError("training_mode is not constantly false");
    }
  }
  context.SetOutput(0, context.input(0).type, context.input_shape(0));
  if (context.has_output(1)) {
    context.SetOutput(1, DataType::kBool, context.input_shape(0));
  }
  return absl::OkStatus();
}

absl::Status RunDropout(const ReferenceContext& context) {
  if (context.has_output(1)) {  // the mask: everything is kept
    std::fill_n(context.output(1).data<bool>(), context.output(1).num_elements(), true);
  }
  return CopyInput(context);
}

}  // namespace

extern const OpDef kIdentity = {.type = "Identity",
                                .min_inputs = 1,
                                .max_inputs = 1,
                                .view = true,
                                .infer = InferIdentity,
                                .reference = CopyInput,
                                .rows = RowsOfView};

extern const OpDef kDropout = {.type = "Dropout",
                               .min_inputs = 1,
                               .max_inputs = 3,
                               .min_outputs = 1,
                               .max_outputs = 2,
                               .view = true,
                               .infer = InferDropout,
                               .reference = RunDropout,
                               .rows = RowsOfView};

}  // namespace dnnd::engine
