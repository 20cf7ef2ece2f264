// RoiAlign: each region of a feature map as a small grid of bins, of bilinear samples of the map.
// https://onnx.ai/onnx/operators/onnx__RoiAlign.html
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/roi_align_kernels.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<RoiAlignForm> ReadForm(const Attributes& attributes) {
  RoiAlignForm form;
  const std::string mode = attributes.String("mode", "avg");
  const std::string coordinates = attributes.String("coordinate_transformation_mode", "half_pixel");
  if (mode != "avg" && mode != "max") {
    return absl::InvalidArgumentError(absl::StrCat("mode is \"", mode, "\", wanted avg or max"));
  }
  if (coordinates != "half_pixel" && coordinates != "output_half_pixel") {
    return absl::InvalidArgumentError(absl::StrCat("coordinate_transformation_mode is \"",
                                                   coordinates,
                                                   "\", wanted half_pixel or output_half_pixel"));
  }
  form.average = mode == "avg";
  form.half_pixel = coordinates == "half_pixel";
  form.scale = attributes.Float("spatial_scale", 1);
  form.samples = attributes.Int("sampling_ratio", 0);
  if (form.samples < 0 || form.samples > kMaxRoiSamples) {
    return absl::InvalidArgumentError(
        absl::StrCat("sampling_ratio is ", form.samples, ", wanted 0 to ", kMaxRoiSamples));
  }
  return form;
}

absl::Status InferRoiAlign(InferContext& context) {
  DNND_RETURN_IF_ERROR(ReadForm(context.attributes()).status());
  DNND_RETURN_IF_ERROR(RequireSameType(context, 0, 1));
  const Shape& map = context.input_shape(0);
  const Shape& regions = context.input_shape(1);
  if (map.rank() != 4 || regions.rank() != 2 || regions[1] != 4 ||
      context.input_shape(2) != Shape({regions[0]})) {
    return absl::InvalidArgumentError(
        absl::StrCat("the map is ", map.ToString(), ", regions are ", regions.ToString(),
                     " and their pictures ", context.input_shape(2).ToString(),
                     ", wanted [batch,channels,height,width], [regions,4] and [regions]"));
  }
  DNND_ASSIGN_OR_RETURN(
      Shape shape, Shape::Create({regions[0], map[1], context.attributes().Int("output_height", 1),
                                  context.attributes().Int("output_width", 1)}));
  const int64_t samples = std::max<int64_t>(context.attributes().Int("sampling_ratio", 0), 1);
  for (int axis : {2, 3}) {
    if (shape[axis] > kMaxRoiSamples / samples) {
      return absl::InvalidArgumentError(
          absl::StrCat("a region has ", shape[axis], " times ", samples,
                       " samples along an axis, wanted at most ", kMaxRoiSamples));
    }
  }
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

absl::Status CheckPictures(const Dims& pictures, int64_t batch) {
  for (const int64_t picture : pictures) {
    if (picture < 0 || picture >= batch) {
      return absl::InvalidArgumentError(
          absl::StrCat("a region is of picture ", picture, ", there are ", batch));
    }
  }
  return absl::OkStatus();
}

absl::Status RunRoiAlign(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const RoiAlignForm form, ReadForm(context.attributes()));
  DNND_ASSIGN_OR_RETURN(const Dims pictures, OpArguments(context).Int64s(2));
  const Shape& map = context.input(0).shape();
  DNND_RETURN_IF_ERROR(CheckPictures(pictures, map[0]));
  return Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    AlignRegions(form, map, context.input(0).data<T>(), context.input(1).data<T>(), pictures,
                 context.output(0).shape(), context.output(0).data<T>());
    return absl::OkStatus();
  });
}

}  // namespace

extern const OpDef kRoiAlign = {.type = "RoiAlign",
                                .min_inputs = 3,
                                .max_inputs = 3,
                                .infer = InferRoiAlign,
                                .reference = RunRoiAlign};

}  // namespace dnnd::engine
