// The nodes of a model that the engine cannot take, for one message about all of them.
#ifndef DNND_ENGINE_IR_REFUSED_NODES_H_
#define DNND_ENGINE_IR_REFUSED_NODES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dnnd::engine {

// A value type.
class RefusedNodes {
 public:
  // "Conv node \"conv1\" (opset 13): why".
  void Add(absl::string_view node_and_reason);

  // OK when there are none, else UNIMPLEMENTED with the first few, and the number of the others.
  absl::Status ToStatus() const;

 private:
  int64_t count_ = 0;
  std::string named_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_IR_REFUSED_NODES_H_
