#include "engine/ir/refused_nodes.h"

#include "absl/strings/str_cat.h"

namespace dnnd::engine {
namespace {

// So many are named: what a person reads of a message.
constexpr int64_t kMaxNamed = 8;

}  // namespace

void RefusedNodes::Add(absl::string_view node_and_reason) {
  if (++count_ <= kMaxNamed) {
    absl::StrAppend(&named_, named_.empty() ? "" : "; ", node_and_reason);
  }
}

absl::Status RefusedNodes::ToStatus() const {
  if (count_ == 0) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError(
      count_ <= kMaxNamed ? named_ : absl::StrCat(named_, "; and ", count_ - kMaxNamed, " more"));
}

}  // namespace dnnd::engine
