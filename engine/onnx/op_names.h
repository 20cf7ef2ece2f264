// Lists of operators by name.
#ifndef DNND_ENGINE_ONNX_OP_NAMES_H_
#define DNND_ENGINE_ONNX_OP_NAMES_H_

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "absl/strings/string_view.h"

namespace dnnd::engine {

template <size_t N>
bool Contains(const absl::string_view (&list)[N], absl::string_view op) {
  return std::find(std::begin(list), std::end(list), op) != std::end(list);
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_OP_NAMES_H_
