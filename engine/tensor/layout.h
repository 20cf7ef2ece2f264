// How the elements of an activation lie in memory. Shapes are always the logical ones of ONNX
// ([n,c,h,w]); a layout only orders them.
#ifndef DNND_ENGINE_TENSOR_LAYOUT_H_
#define DNND_ENGINE_TENSOR_LAYOUT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "engine/tensor/tensor_view.h"

namespace dnnd::engine {

enum class Layout : uint8_t {
  kRowMajor,           // as ONNX has it: n,c,h,w with w fastest
  kChannelsLast,       // n,h,w,c with c fastest
  kChannelsBlocked16,  // n,c/16,h,w,16c: channels padded to a multiple of 16, the padding is zero
};

// "row_major", "channels_last", "channels_blocked16".
absl::string_view LayoutName(Layout layout);

// Bytes that `type` takes in `layout`, padding included. Layouts other than kRowMajor need rank 3
// to 5.
int64_t LayoutBytes(const TensorType& type, Layout layout);

// Whether the two layouts of `shape` put every element at the same place (e.g. h = w = 1), so that
// no reorder is needed.
bool SamePlacement(const Shape& shape, Layout a, Layout b);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_TENSOR_LAYOUT_H_
