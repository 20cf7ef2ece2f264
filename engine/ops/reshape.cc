// Reshape, Flatten, Squeeze, Unsqueeze: the same elements under another shape.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/checked.h"
#include "engine/base/status.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_def.h"
#include "engine/ops/rows.h"
#include "engine/ops/view.h"

namespace dnnd::engine {
namespace {

// Resolves 0 (the input's extent) and -1 (what is left).
absl::StatusOr<Shape> ResolveShape(const Shape& input, Dims dims, bool allow_zero) {
  const std::string wanted = absl::StrJoin(dims, ",");
  int inferred = -1;
  std::optional<int64_t> product = 1;
  for (int i = 0; i < static_cast<int>(dims.size()); ++i) {
    if (dims[i] == 0 && !allow_zero) {
      if (i >= input.rank()) {
        return absl::InvalidArgumentError(absl::StrCat("shape [", wanted, "] copies extent ", i,
                                                       " of an input of shape ", input.ToString()));
      }
      dims[i] = input[i];
    }
    if (dims[i] == -1 && inferred < 0) {
      inferred = i;
      continue;
    }
    if (dims[i] < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape [", wanted, "] has a second unknown or a negative extent"));
    }
    product = CheckedMul(*product, dims[i]);
    if (!product.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("shape [", wanted, "] is too large"));
    }
  }
  const int64_t elements = input.num_elements();
  if (inferred >= 0) {
    dims[inferred] = *product == 0 ? 0 : elements / *product;
    product = *product * dims[inferred];
  }
  if (*product != elements) {
    return absl::InvalidArgumentError(absl::StrCat("shape [", wanted, "] does not hold the ",
                                                   elements, " elements of ", input.ToString()));
  }
  return Shape::Create(dims);
}

absl::Status InferReshape(InferContext& context) {
  const OpArguments arguments(context);
  DNND_ASSIGN_OR_RETURN(const Dims dims, arguments.Int64s(1));
  DNND_ASSIGN_OR_RETURN(Shape shape, ResolveShape(context.input_shape(0), dims,
                                                  context.attributes().Int("allowzero", 0) != 0));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

absl::Status InferFlatten(InferContext& context) {
  const Shape& input = context.input_shape(0);
  // One more than an axis: flattening at the rank gives [n, 1].
  const int64_t attribute = context.attributes().Int("axis", 1);
  if (attribute < -input.rank() || attribute > input.rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("axis is ", attribute, ", the input has shape ", input.ToString()));
  }
  const int axis = static_cast<int>(attribute < 0 ? attribute + input.rank() : attribute);
  context.SetOutput(0, context.input(0).type,
                    Shape({input.Product(0, axis), input.Product(axis, input.rank())}));
  return absl::OkStatus();
}

absl::Status InferSqueeze(InferContext& context) {
  const OpArguments arguments(context);
  const Shape& input = context.input_shape(0);
  std::vector<bool> drop(input.rank(), false);
  if (context.has_input(1)) {
    DNND_ASSIGN_OR_RETURN(const Dims named, arguments.Int64s(1));
    DNND_ASSIGN_OR_RETURN(const std::vector<int> axes, NormalizeAxes(named, input.rank()));
    for (int axis : axes) {
      if (input[axis] != 1) {
        return absl::InvalidArgumentError(
            absl::StrCat("extent ", axis, " of ", input.ToString(), " is not 1"));
      }
      drop[axis] = true;
    }
  } else {
    for (int axis = 0; axis < input.rank(); ++axis) {
      drop[axis] = input[axis] == 1;
    }
  }
  Dims dims;
  for (int axis = 0; axis < input.rank(); ++axis) {
    if (!drop[axis]) {
      dims.push_back(input[axis]);
    }
  }
  context.SetOutput(0, context.input(0).type, Shape(dims));
  return absl::OkStatus();
}

absl::Status InferUnsqueeze(InferContext& context) {
  const OpArguments arguments(context);
  const Shape& input = context.input_shape(0);
  DNND_ASSIGN_OR_RETURN(const Dims named, arguments.Int64s(1));
  const int rank = input.rank() + static_cast<int>(named.size());
  DNND_ASSIGN_OR_RETURN(const std::vector<int> axes, NormalizeAxes(named, rank));
  Dims dims(rank, -1);
  for (int axis : axes) {
    dims[axis] = 1;
  }
  int next = 0;
  for (int64_t& dim : dims) {
    if (dim < 0) {
      dim = input[next++];
    }
  }
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

}  // namespace

extern const OpDef kReshape = {.type = "Reshape",
                               .min_inputs = 2,
                               .max_inputs = 2,
                               .view = true,
                               .infer = InferReshape,
                               .reference = CopyInput,
                               .rows = RowsOfView};

extern const OpDef kFlatten = {.type = "Flatten",
                               .min_inputs = 1,
                               .max_inputs = 1,
                               .view = true,
                               .infer = InferFlatten,
                               .reference = CopyInput,
                               .rows = RowsOfView};

extern const OpDef kSqueeze = {.type = "Squeeze",
                               .min_inputs = 1,
                               .max_inputs = 2,
                               .view = true,
                               .infer = InferSqueeze,
                               .reference = CopyInput,
                               .rows = RowsOfView};

extern const OpDef kUnsqueeze = {.type = "Unsqueeze",
                                 .min_inputs = 2,
                                 .max_inputs = 2,
                                 .view = true,
                                 .infer = InferUnsqueeze,
                                 .reference = CopyInput,
                                 .rows = RowsOfView};

}  // namespace dnnd::engine
