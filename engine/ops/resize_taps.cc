#include "engine/ops/resize_taps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

// Positions are single precision: beyond this, neighbours could not be told apart. It also bounds
// the tables.
constexpr int64_t kMaxResizedExtent = int64_t{1} << 24;

bool OneOf(const std::string& value, std::initializer_list<const char*> choices) {
  return std::any_of(choices.begin(), choices.end(),
                     [&](const char* choice) { return value == choice; });
}

absl::Status CheckAttributes(const Attributes& attributes) {
  const auto check = [&](const char* name, const char* absent,
                         std::initializer_list<const char*> choices) -> absl::Status {
    const std::string value = attributes.String(name, absent);
    return OneOf(value, choices)
               ? absl::OkStatus()
               : absl::InvalidArgumentError(absl::StrCat(name, " \"", value, "\" is not known"));
  };
  DNND_RETURN_IF_ERROR(check("mode", "nearest", {"nearest", "linear", "cubic"}));
  DNND_RETURN_IF_ERROR(
      check("coordinate_transformation_mode", "half_pixel",
            {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
             "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"}));
  DNND_RETURN_IF_ERROR(check("nearest_mode", "round_prefer_floor",
                             {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}));
  DNND_RETURN_IF_ERROR(
      check("keep_aspect_ratio_policy", "stretch", {"stretch", "not_larger", "not_smaller"}));
  if (attributes.Int("antialias", 0) != 0) {
    return absl::UnimplementedError("antialias is not supported");
  }
  return absl::OkStatus();
}

// Sizes for `axes`: the output's extents, and scales that the coordinates are computed with.
absl::Status ApplySizes(const Attributes& attributes, const Shape& input,
                        const std::vector<int>& axes, const Dims& sizes, Dims& output,
                        std::vector<float>& scales) {
  const std::string policy = attributes.String("keep_aspect_ratio_policy", "stretch");
  float common = policy == "not_larger" ? INFINITY : 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (sizes[i] < 0 || input[axes[i]] == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot resize ", input.ToString(), " to size ", sizes[i]));
    }
    output[axes[i]] = sizes[i];
    const float scale = static_cast<float>(sizes[i]) / static_cast<float>(input[axes[i]]);
    scales[axes[i]] = scale;
    common = policy == "not_larger" ? std::min(common, scale) : std::max(common, scale);
  }
  if (policy != "stretch") {
    for (int axis : axes) {
      scales[axis] = common;
      output[axis] =
          static_cast<int64_t>(std::floor(common * static_cast<float>(input[axis]) + 0.5f));
    }
  }
  return absl::OkStatus();
}

absl::Status ApplyScales(const Shape& input, const std::vector<int>& axes,
                         const std::vector<float>& named, Dims& output,
                         std::vector<float>& scales) {
  for (size_t i = 0; i < axes.size(); ++i) {
    const float extent = std::floor(named[i] * static_cast<float>(input[axes[i]]));
    // Written so that NaN fails too.
    if (!(named[i] > 0) || !(extent <= static_cast<float>(kMaxTensorBytes))) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot scale ", input.ToString(), " by ", named[i]));
    }
    scales[axes[i]] = named[i];
    output[axes[i]] = static_cast<int64_t>(extent);
  }
  return absl::OkStatus();
}

// What the tables of one axis are computed from.
struct AxisGeometry {
  std::string coordinates;
  int64_t in = 0;
  int64_t out = 0;
  float scale = 1;
  float roi_start = 0;
  float roi_end = 1;
};

// The position in the input of output position `i`. Single precision throughout, as other runtimes
// have it: so ties fall the same way.
float OriginalPosition(const AxisGeometry& axis, int64_t i) {
  const float x = static_cast<float>(i);
  const float in = static_cast<float>(axis.in);
  const float out = static_cast<float>(axis.out);
  const std::string& mode = axis.coordinates;
  if (mode == "asymmetric") {
    return x / axis.scale;
  }
  if (mode == "align_corners") {
    return axis.out == 1 ? 0 : x * (in - 1) / (out - 1);
  }
  if (mode == "tf_half_pixel_for_nn") {
    return (x + 0.5f) / axis.scale;
  }
  if (mode == "pytorch_half_pixel") {
    return axis.out == 1 ? 0 : (x + 0.5f) / axis.scale - 0.5f;
  }
  if (mode == "tf_crop_and_resize") {
    return axis.out == 1 ? 0.5f * (axis.roi_start + axis.roi_end) * (in - 1)
                         : axis.roi_start * (in - 1) +
                               x * (axis.roi_end - axis.roi_start) * (in - 1) / (out - 1);
  }
  if (mode == "half_pixel_symmetric") {
    const float adjustment = out / (axis.scale * in);
    return in / 2 * (1 - adjustment) + (x + 0.5f) / axis.scale - 0.5f;
  }
  return (x + 0.5f) / axis.scale - 0.5f;
}

int64_t Nearest(const std::string& mode, float x) {
  if (mode == "floor") {
    return static_cast<int64_t>(std::floor(x));
  }
  if (mode == "ceil") {
    return static_cast<int64_t>(std::ceil(x));
  }
  if (mode == "round_prefer_floor") {
    return static_cast<int64_t>(std::ceil(x - 0.5f));
  }
  return static_cast<int64_t>(std::floor(x + 0.5f));
}

// Keys' cubic kernel with parameter `a`, for the four inputs around a position `fraction` after the
// second.
std::array<float, 4> CubicWeights(float fraction, float a) {
  const float s = fraction;
  return {((a * (s + 1) - 5 * a) * (s + 1) + 8 * a) * (s + 1) - 4 * a,
          ((a + 2) * s - (a + 3)) * s * s + 1,
          ((a + 2) * (1 - s) - (a + 3)) * (1 - s) * (1 - s) + 1,
          ((a * (2 - s) - 5 * a) * (2 - s) + 8 * a) * (2 - s) - 4 * a};
}

void AppendTap(ResizeAxis& axis, int64_t index, float weight) {
  axis.index.push_back(std::clamp<int64_t>(index, 0, axis.in - 1));
  axis.weight.push_back(weight);
}

void AppendCubic(const Attributes& attributes, float x, ResizeAxis& axis) {
  const int64_t base = static_cast<int64_t>(std::floor(x));
  std::array<float, 4> weights =
      CubicWeights(x - std::floor(x), attributes.Float("cubic_coeff_a", -0.75f));
  if (attributes.Int("exclude_outside", 0) != 0) {
    float sum = 0;
    for (int t = 0; t < 4; ++t) {
      const int64_t index = base - 1 + t;
      weights[t] = index < 0 || index >= axis.in ? 0 : weights[t];
      sum += weights[t];
    }
    for (float& weight : weights) {
      weight = sum == 0 ? 0 : weight / sum;
    }
  }
  for (int t = 0; t < 4; ++t) {
    AppendTap(axis, base - 1 + t, weights[t]);
  }
}

ResizeAxis Table(const Attributes& attributes, const std::string& mode,
                 const AxisGeometry& geometry) {
  const std::string nearest_mode = attributes.String("nearest_mode", "round_prefer_floor");
  const bool crops = geometry.coordinates == "tf_crop_and_resize";
  ResizeAxis axis;
  axis.in = geometry.in;
  axis.out = geometry.out;
  axis.taps = mode == "nearest" ? 1 : mode == "linear" ? 2 : 4;
  for (int64_t i = 0; i < axis.out; ++i) {
    const float limit = static_cast<float>(axis.in - 1);
    const float x = OriginalPosition(geometry, i);
    axis.outside.push_back(crops && (x < 0 || x > limit));
    // Far outside (a hostile roi) converts to no integer; the result is not used there anyway.
    const float near = std::clamp(x, -4.0f, limit + 4.0f);
    if (mode == "nearest") {
      AppendTap(axis, Nearest(nearest_mode, near), 1);
    } else if (mode == "linear") {
      const float inside = std::clamp(near, 0.0f, limit);
      const float fraction = inside - std::floor(inside);
      AppendTap(axis, static_cast<int64_t>(inside), 1 - fraction);
      AppendTap(axis, static_cast<int64_t>(inside) + 1, fraction);
    } else {
      AppendCubic(attributes, near, axis);
    }
  }
  return axis;
}

ResizeAxis IdentityTable(int64_t extent) {
  ResizeAxis axis;
  axis.in = extent;
  axis.out = extent;
  axis.identity = true;
  return axis;
}

// Whether a parameter is there; an empty one stands for an absent one too.
bool IsGiven(const OpArguments& arguments, int i) {
  return arguments.has_input(i) && arguments.input_shape(i).num_elements() > 0;
}

// The output's shape and the scales of `spec`, from scales (input 2) or sizes (input 3) for `axes`.
absl::Status ReadOutput(const OpArguments& arguments, const std::vector<int>& axes,
                        ResizeSpec& spec) {
  const Shape& input = arguments.input_shape(0);
  const bool has_sizes = IsGiven(arguments, 3);
  if (IsGiven(arguments, 2) == has_sizes) {
    return absl::InvalidArgumentError("wanted either scales or sizes");
  }
  const int parameter = has_sizes ? 3 : 2;
  if (arguments.input_shape(parameter).num_elements() != static_cast<int64_t>(axes.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", parameter, " is ", arguments.input(parameter).ToString(),
                     ", wanted one element for each of ", axes.size(), " axes"));
  }
  Dims output(input.dims().begin(), input.dims().end());
  spec.scales.assign(input.rank(), 1);
  if (has_sizes) {
    DNND_ASSIGN_OR_RETURN(const Dims sizes, arguments.Int64s(3));
    DNND_RETURN_IF_ERROR(
        ApplySizes(arguments.attributes(), input, axes, sizes, output, spec.scales));
  } else {
    DNND_ASSIGN_OR_RETURN(const std::vector<float> scales, arguments.Floats(2));
    DNND_RETURN_IF_ERROR(ApplyScales(input, axes, scales, output, spec.scales));
  }
  for (int axis = 0; axis < input.rank(); ++axis) {
    if (std::max(output[axis], input[axis]) > kMaxResizedExtent) {
      return absl::UnimplementedError(absl::StrCat("axis ", axis, " is resized from ", input[axis],
                                                   " to ", output[axis], ", more than ",
                                                   kMaxResizedExtent));
    }
  }
  DNND_ASSIGN_OR_RETURN(spec.output, Shape::Create(output));
  return absl::OkStatus();
}

// The part of the input that tf_crop_and_resize enlarges, from input 1; all of it on other axes.
absl::Status ReadRoi(const OpArguments& arguments, const std::vector<int>& axes, ResizeSpec& spec) {
  if (!IsGiven(arguments, 1) || arguments.input_shape(1).num_elements() != 2 * axes.size()) {
    return absl::InvalidArgumentError("tf_crop_and_resize wants a roi of two numbers an axis");
  }
  DNND_ASSIGN_OR_RETURN(const std::vector<float> roi, arguments.Floats(1));
  const int rank = arguments.input_shape(0).rank();
  spec.extrapolates = true;
  spec.roi.assign(2 * rank, 0);
  std::fill_n(spec.roi.begin() + rank, rank, 1.0f);
  for (size_t i = 0; i < axes.size(); ++i) {
    spec.roi[axes[i]] = roi[i];
    spec.roi[rank + axes[i]] = roi[axes.size() + i];
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ResizeSpec> ReadResize(const OpArguments& arguments) {
  const Attributes& attributes = arguments.attributes();
  DNND_RETURN_IF_ERROR(CheckAttributes(attributes));
  const int rank = arguments.input_shape(0).rank();
  std::vector<int64_t> named(rank);
  std::iota(named.begin(), named.end(), 0);
  DNND_ASSIGN_OR_RETURN(const std::vector<int> axes,
                        NormalizeAxes(attributes.Ints("axes", named), rank));
  ResizeSpec spec;
  spec.mode = attributes.String("mode", "nearest");
  spec.extrapolation_value = attributes.Float("extrapolation_value", 0);
  DNND_RETURN_IF_ERROR(ReadOutput(arguments, axes, spec));
  if (attributes.String("coordinate_transformation_mode", "") == "tf_crop_and_resize") {
    DNND_RETURN_IF_ERROR(ReadRoi(arguments, axes, spec));
  }
  return spec;
}

std::vector<ResizeAxis> ResizeTables(const OpArguments& arguments, const ResizeSpec& spec) {
  const Shape& input = arguments.input_shape(0);
  std::vector<ResizeAxis> tables;
  for (int axis = 0; axis < input.rank(); ++axis) {
    AxisGeometry geometry;
    geometry.coordinates =
        arguments.attributes().String("coordinate_transformation_mode", "half_pixel");
    geometry.in = input[axis];
    geometry.out = spec.output[axis];
    geometry.scale = spec.scales[axis];
    bool whole = true;
    if (spec.extrapolates) {
      geometry.roi_start = spec.roi[axis];
      geometry.roi_end = spec.roi[input.rank() + axis];
      whole = geometry.roi_start == 0 && geometry.roi_end == 1;
    }
    const bool same = geometry.in == geometry.out && geometry.scale == 1 && whole &&
                      geometry.coordinates != "tf_half_pixel_for_nn";
    tables.push_back(same ? IdentityTable(geometry.in)
                          : Table(arguments.attributes(), spec.mode, geometry));
  }
  return tables;
}

}  // namespace dnnd::engine
