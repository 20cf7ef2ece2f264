#include "engine/ops/rows.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

// Adds what one argument says of the result's rows.
absl::Status Agree(const RowAxis& rows, std::optional<RowAxis>& result) {
  if (result.has_value() && !(rows == *result)) {
    return absl::UnimplementedError("its inputs hold the rows on different axes");
  }
  result = rows;
  return absl::OkStatus();
}

}  // namespace

absl::Status RowsMix() {
  return absl::UnimplementedError("it works along the axis of the batch, across rows");
}

absl::Status RowsContext::CheckShared(int i, int axis) const {
  if (!has_input(i)) {
    return absl::OkStatus();
  }
  if (rows(i).has_value()) {
    return absl::UnimplementedError(absl::StrCat("input ", i, " comes from the rows"));
  }
  if (!same_for_all_(i, axis)) {
    return absl::UnimplementedError(
        absl::StrCat("input ", i, " depends on how many rows there are, or on their order"));
  }
  return absl::OkStatus();
}

absl::Status RowsContext::CheckOthersShared(int except) const {
  for (int i = 0; i < num_inputs(); ++i) {
    if (i != except) {
      DNND_RETURN_IF_ERROR(CheckShared(i));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<RowAxis> RowsOfBroadcast(const RowsContext& context) {
  const int rank = context.output_shape(0).rank();
  std::optional<RowAxis> result;
  for (int i = 0; i < context.num_inputs(); ++i) {
    if (context.has_input(i) && context.rows(i).has_value()) {
      const int missing = rank - context.input_shape(i).rank();
      DNND_RETURN_IF_ERROR(
          Agree({context.rows(i)->axis + missing, context.rows(i)->inner}, result));
    }
  }
  for (int i = 0; i < context.num_inputs(); ++i) {
    if (context.has_input(i) && !context.rows(i).has_value()) {
      const int axis = result->axis - (rank - context.input_shape(i).rank());
      DNND_RETURN_IF_ERROR(context.CheckShared(i, axis));
    }
  }
  return *result;
}

absl::StatusOr<RowAxis> RowsOfView(const RowsContext& context) {
  if (!context.rows(0).has_value()) {
    return absl::UnimplementedError("its shape comes from the rows");
  }
  const RowAxis& from = *context.rows(0);
  // From an element of one row to the same of the next, in either shape.
  const int64_t distance = context.input_shape(0).Strides()[from.axis] * from.inner;
  const Shape& to = context.output_shape(0);
  const Dims strides = to.Strides();
  for (int axis = 0; axis < to.rank(); ++axis) {
    const int64_t inner = distance / strides[axis];
    if (distance % strides[axis] == 0 && inner < to[axis] &&
        to[axis] % (inner * context.num_rows()) == 0) {
      return RowAxis{axis, inner};
    }
  }
  return absl::UnimplementedError("it cuts across the rows");
}

absl::StatusOr<RowAxis> RowsOfPictures(const RowsContext& context) {
  if (!context.rows(0).has_value() || context.rows(0)->axis != 0) {
    return RowsMix();
  }
  DNND_RETURN_IF_ERROR(context.CheckOthersShared(0));
  return *context.rows(0);
}

absl::StatusOr<RowAxis> RowsOffAxis(const RowsContext& context, int axis) {
  if (!context.rows(0).has_value() || context.rows(0)->axis == axis) {
    return RowsMix();
  }
  DNND_RETURN_IF_ERROR(context.CheckOthersShared(0));
  return *context.rows(0);
}

absl::StatusOr<RowAxis> RowsBeforeAxis(const RowsContext& context, int first) {
  if (!context.rows(0).has_value() || context.rows(0)->axis >= first) {
    return RowsMix();
  }
  DNND_RETURN_IF_ERROR(context.CheckOthersShared(0));
  return *context.rows(0);
}

}  // namespace dnnd::engine
