#include "absl/container/flat_hash_map.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

#define OP(name) extern const OpDef k##name;
#include "engine/ops/all_ops.inc"
#undef OP

namespace {

const std::vector<const OpDef*>& Rows() {
  static const auto* rows = new std::vector<const OpDef*>{
#define OP(name) &k##name,
#include "engine/ops/all_ops.inc"
#undef OP
  };
  return *rows;
}

}  // namespace

absl::Span<const OpDef* const> AllOps() { return Rows(); }

const OpDef* FindOp(absl::string_view type) {
  static const auto* by_type = [] {
    auto* map = new absl::flat_hash_map<absl::string_view, const OpDef*>;
    for (const OpDef* row : Rows()) {
      map->emplace(row->type, row);
    }
    return map;
  }();
  const auto it = by_type->find(type);
  return it == by_type->end() ? nullptr : it->second;
}

}  // namespace dnnd::engine
