#include "engine/ops/window.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_join.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

// Bounds every attribute and extent, so that products of two stay far from overflow.
constexpr int64_t kMaxExtent = int64_t{1} << 30;

enum class AutoPad { kNone, kValid, kSameUpper, kSameLower };

absl::StatusOr<AutoPad> ReadAutoPad(const Attributes& attributes) {
  const std::string name = attributes.String("auto_pad", "NOTSET");
  if (name == "NOTSET" || name.empty()) {
    return AutoPad::kNone;
  }
  if (name == "VALID") {
    return AutoPad::kValid;
  }
  if (name == "SAME_UPPER") {
    return AutoPad::kSameUpper;
  }
  if (name == "SAME_LOWER") {
    return AutoPad::kSameLower;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("auto_pad is \"", name, "\", want NOTSET, VALID, SAME_UPPER or SAME_LOWER"));
}

// A list attribute of `count` entries in [least, kMaxExtent]; all `absent` when it is not there.
absl::StatusOr<Dims> ReadList(const Attributes& attributes, absl::string_view name, size_t count,
                              int64_t least, int64_t absent) {
  const std::vector<int64_t> values = attributes.Ints(name);
  if (values.empty()) {
    return Dims(count, absent);
  }
  if (values.size() != count) {
    return absl::InvalidArgumentError(absl::StrCat(name, " has ", values.size(), " entries [",
                                                   absl::StrJoin(values, ","), "], want ", count));
  }
  for (const int64_t value : values) {
    if (value < least || value > kMaxExtent) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " has the entry ", value, ", want ", least, " to ", kMaxExtent));
    }
  }
  return Dims(values.begin(), values.end());
}

absl::Status CheckExtents(absl::string_view what, absl::Span<const int64_t> extents) {
  for (const int64_t extent : extents) {
    if (extent < 1 || extent > kMaxExtent) {
      return absl::InvalidArgumentError(absl::StrCat(
          what, " has extents [", absl::StrJoin(extents, ","), "], want 1 to ", kMaxExtent));
    }
  }
  return absl::OkStatus();
}

// Everything but the pads and the output.
absl::StatusOr<Window> ReadShape(const Attributes& attributes, absl::Span<const int64_t> input,
                                 absl::Span<const int64_t> kernel) {
  const size_t rank = input.size();
  if (kernel.size() != rank) {
    return absl::InvalidArgumentError(absl::StrCat("the kernel has ", kernel.size(),
                                                   " axes, the input has ", rank, " spatial axes"));
  }
  DNND_RETURN_IF_ERROR(CheckExtents("the input", input));
  DNND_RETURN_IF_ERROR(CheckExtents("the kernel", kernel));
  Window window;
  window.input.assign(input.begin(), input.end());
  window.kernel.assign(kernel.begin(), kernel.end());
  DNND_ASSIGN_OR_RETURN(window.strides, ReadList(attributes, "strides", rank, 1, 1));
  DNND_ASSIGN_OR_RETURN(window.dilations, ReadList(attributes, "dilations", rank, 1, 1));
  return window;
}

absl::Status ReadPads(const Attributes& attributes, Window& window) {
  const size_t rank = window.rank();
  DNND_ASSIGN_OR_RETURN(const Dims pads, ReadList(attributes, "pads", 2 * rank, 0, 0));
  window.pads_begin.assign(pads.begin(), pads.begin() + rank);
  window.pads_end.assign(pads.begin() + rank, pads.end());
  return absl::OkStatus();
}

// Shares `total` between the ends; the odd one goes to the end, or to the beginning.
void SharePad(int64_t total, bool more_at_end, Window& window) {
  const int64_t less = total / 2;
  window.pads_begin.push_back(more_at_end ? less : total - less);
  window.pads_end.push_back(more_at_end ? total - less : less);
}

absl::StatusOr<int64_t> OutputExtent(const Window& window, int axis, bool ceil_mode) {
  const int64_t padded = window.input[axis] + window.pads_begin[axis] + window.pads_end[axis];
  const int64_t stride = window.strides[axis];
  const int64_t room = padded - window.span(axis);
  if (room < 0) {
    return absl::InvalidArgumentError(absl::StrCat("the kernel spans ", window.span(axis),
                                                   " on spatial axis ", axis,
                                                   ", the padded input has only ", padded));
  }
  int64_t extent = (ceil_mode ? room + stride - 1 : room) / stride + 1;
  if (ceil_mode && (extent - 1) * stride >= window.input[axis] + window.pads_begin[axis]) {
    --extent;
  }
  return extent;
}

}  // namespace

absl::StatusOr<Window> ResolveWindow(const Attributes& attributes, absl::Span<const int64_t> input,
                                     absl::Span<const int64_t> kernel, bool ceil_mode) {
  DNND_ASSIGN_OR_RETURN(Window window, ReadShape(attributes, input, kernel));
  DNND_ASSIGN_OR_RETURN(const AutoPad auto_pad, ReadAutoPad(attributes));
  if (auto_pad == AutoPad::kNone) {
    DNND_RETURN_IF_ERROR(ReadPads(attributes, window));
  }
  for (int axis = 0; axis < window.rank(); ++axis) {
    if (auto_pad == AutoPad::kValid) {
      SharePad(0, true, window);
    } else if (auto_pad != AutoPad::kNone) {
      const int64_t stride = window.strides[axis];
      const int64_t extent = (window.input[axis] + stride - 1) / stride;
      const int64_t total = (extent - 1) * stride + window.span(axis) - window.input[axis];
      SharePad(std::max<int64_t>(total, 0), auto_pad == AutoPad::kSameUpper, window);
    }
    DNND_ASSIGN_OR_RETURN(const int64_t extent, OutputExtent(window, axis, ceil_mode));
    window.output.push_back(extent);
  }
  return window;
}

absl::StatusOr<Window> ResolveTransposedWindow(const Attributes& attributes,
                                               absl::Span<const int64_t> input,
                                               absl::Span<const int64_t> kernel) {
  const size_t rank = input.size();
  DNND_ASSIGN_OR_RETURN(Window window, ReadShape(attributes, input, kernel));
  DNND_ASSIGN_OR_RETURN(const AutoPad auto_pad, ReadAutoPad(attributes));
  DNND_ASSIGN_OR_RETURN(const Dims added, ReadList(attributes, "output_padding", rank, 0, 0));
  DNND_ASSIGN_OR_RETURN(const Dims wanted, ReadList(attributes, "output_shape", rank, 1, 0));
  const bool same = auto_pad == AutoPad::kSameUpper || auto_pad == AutoPad::kSameLower;
  if (wanted[0] == 0 && auto_pad == AutoPad::kNone) {
    DNND_RETURN_IF_ERROR(ReadPads(attributes, window));
  }
  for (int axis = 0; axis < static_cast<int>(rank); ++axis) {
    const int64_t full = window.strides[axis] * (input[axis] - 1) + added[axis] + window.span(axis);
    if (wanted[0] != 0 || same) {
      const int64_t extent = wanted[0] != 0 ? wanted[axis] : input[axis] * window.strides[axis];
      // A wanted extent beyond the full one adds zeros at the end.
      SharePad(std::max<int64_t>(full - extent, 0), auto_pad == AutoPad::kSameUpper, window);
      window.output.push_back(extent);
      continue;
    }
    if (auto_pad == AutoPad::kValid) {
      SharePad(0, true, window);
    }
    window.output.push_back(full - window.pads_begin[axis] - window.pads_end[axis]);
    if (window.output.back() < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("the output has extent ", window.output.back(), " on spatial axis ", axis));
    }
  }
  return window;
}

Window InThreeAxes(const Window& window) {
  Window result = window;
  const size_t missing = 3 - window.rank();
  for (Dims* ones :
       {&result.input, &result.kernel, &result.strides, &result.dilations, &result.output}) {
    ones->insert(ones->begin(), missing, 1);
  }
  result.pads_begin.insert(result.pads_begin.begin(), missing, 0);
  result.pads_end.insert(result.pads_end.begin(), missing, 0);
  return result;
}

absl::Span<const int64_t> SpatialDims(const Shape& shape) { return shape.dims().subspan(2); }

absl::Status RequireSpatialRank(const Shape& shape) {
  if (shape.rank() >= 3 && shape.rank() <= 5) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError(
      absl::StrCat("input has shape ", shape.ToString(), ", want rank 3 to 5"));
}

}  // namespace dnnd::engine
