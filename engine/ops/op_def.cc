#include "engine/ops/op_def.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::engine {

absl::StatusOr<Dims> NodeContext::KnownInt64s(int i) const {
  const Tensor* known = constant(i);
  if (known == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("input ", i, " decides a shape but is not known before the graph runs"));
  }
  absl::StatusOr<Dims> values = ToInt64s(known->view());
  if (!values.ok()) {
    return Annotate(values.status(), absl::StrCat("input ", i));
  }
  return values;
}

}  // namespace dnnd::engine
