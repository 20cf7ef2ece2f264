#include "server/vision/prototypes.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace dnnd::server {

std::optional<PrototypeOutputs> FindPrototypes(const DetectorInfo& info) {
  PrototypeOutputs outputs;
  if (info.outputs.size() == 2) {
    outputs.boxes = info.outputs[0].row.size() == 2 ? 0 : 1;
    outputs.prototypes = 1 - outputs.boxes;
    const DetectorOutput& prototypes = info.outputs[outputs.prototypes];
    outputs.coefficients = prototypes.row.size() == 3 ? prototypes.Extent(0) : 0;
  }
  const bool fits =
      info.outputs.size() == 1 || (info.outputs.size() == 2 && outputs.coefficients > 0);
  return fits && info.outputs[outputs.boxes].row.size() == 2
             ? std::optional<PrototypeOutputs>(outputs)
             : std::nullopt;
}

absl::StatusOr<InstanceScores> MaskOfPrototypes(const HeadInput& input,
                                                const PrototypeOutputs& outputs, const float* first,
                                                int64_t step, const Box& box) {
  const OutputRow& prototypes = input.outputs[outputs.prototypes];
  if (prototypes.row.rank() != 3 || prototypes.row[0] != outputs.coefficients ||
      prototypes.row.num_elements() == 0) {
    return absl::FailedPreconditionError(absl::StrCat("prototypes: got ", prototypes.row.ToString(),
                                                      " for a picture, want [",
                                                      outputs.coefficients, ",rows,columns]"));
  }
  std::vector<float> coefficients(outputs.coefficients);
  for (size_t i = 0; i < coefficients.size(); ++i) {
    coefficients[i] = first[static_cast<int64_t>(i) * step];
  }
  return CombinePrototypes(prototypes.row, prototypes.values, coefficients,
                           {static_cast<double>(input.width), static_cast<double>(input.height)},
                           box);
}

}  // namespace dnnd::server
