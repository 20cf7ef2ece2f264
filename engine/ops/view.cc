#include "engine/ops/view.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace dnnd::engine {

void CopyElements(const TensorView& from, const MutableTensorView& to) {
  if (from.type() == DataType::kString) {
    std::copy_n(from.data<std::string>(), from.num_elements(), to.data<std::string>());
  } else if (from.num_bytes() > 0) {
    std::memcpy(to.raw(), from.raw(), from.num_bytes());
  }
}

absl::Status CopyInput(const ReferenceContext& context) {
  CopyElements(context.input(0), context.output(0));
  return absl::OkStatus();
}

}  // namespace dnnd::engine
