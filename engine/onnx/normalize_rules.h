// The differences between opsets, as a table.
#ifndef DNND_ENGINE_ONNX_NORMALIZE_RULES_H_
#define DNND_ENGINE_ONNX_NORMALIZE_RULES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/onnx/node_rewriter.h"

namespace dnnd::engine {

struct NormalizeRule {
  absl::string_view op;
  int below;  // for models of opsets below this one
  // Rewrites the node to the newer form. UNIMPLEMENTED where that cannot be done, INVALID_ARGUMENT
  // where the node is wrong in its own opset.
  absl::Status (*apply)(NodeRewriter& rewriter);
};

// Where several apply to a node they do so in the order of the table; a rule may rename the node.
absl::Span<const NormalizeRule> NormalizeRules();

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_NORMALIZE_RULES_H_
