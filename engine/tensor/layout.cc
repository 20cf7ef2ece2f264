#include "engine/tensor/layout.h"

#include "engine/base/checked.h"

namespace dnnd::engine {
namespace {

constexpr int64_t kBlock = 16;

}  // namespace

absl::string_view LayoutName(Layout layout) {
  switch (layout) {
    case Layout::kRowMajor:
      return "row_major";
    case Layout::kChannelsLast:
      return "channels_last";
    case Layout::kChannelsBlocked16:
      return "channels_blocked16";
  }
  return "row_major";
}

int64_t LayoutBytes(const TensorType& type, Layout layout) {
  if (layout != Layout::kChannelsBlocked16) {
    return type.num_bytes();
  }
  return type.shape.WithDim(1, RoundUp(type.shape[1], kBlock)).num_elements() *
         ElementSize(type.type);
}

bool SamePlacement(const Shape& shape, Layout a, Layout b) {
  if (a == b) {
    return true;
  }
  if (shape.rank() < 2) {
    return false;
  }
  const int64_t channels = shape[1];
  const int64_t spatial = shape.Product(2, shape.rank());
  const bool plain = a != Layout::kChannelsBlocked16 && b != Layout::kChannelsBlocked16;
  if (plain) {
    return spatial == 1 || channels == 1;
  }
  const Layout other = a == Layout::kChannelsBlocked16 ? b : a;
  if (channels % kBlock != 0) {
    return false;
  }
  return spatial == 1 || (other == Layout::kChannelsLast && channels == kBlock);
}

}  // namespace dnnd::engine
