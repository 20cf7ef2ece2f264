#include "server/batching/rows.h"

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"

namespace dnnd::server {
namespace {

using engine::MutableTensorView;
using engine::Shape;
using engine::TensorView;

bool Fits(const Shape& from, const Shape& to, int64_t from_row, int64_t to_row, int64_t rows,
          std::optional<int> axis) {
  if (!axis.has_value()) {
    return from == to;
  }
  if (*axis < 0 || *axis >= from.rank() || from.WithDim(*axis, 0) != to.WithDim(*axis, 0)) {
    return false;
  }
  return from_row >= 0 && to_row >= 0 && rows >= 0 && from_row + rows <= from[*axis] &&
         to_row + rows <= to[*axis];
}

void CopyElements(engine::DataType type, const TensorView& from, int64_t from_index,
                  const MutableTensorView& to, int64_t to_index, int64_t count) {
  if (count == 0) {
    return;  // a tensor of nothing may have no memory
  }
  if (type == engine::DataType::kString) {
    const std::string* source = from.data<std::string>() + from_index;
    std::copy(source, source + count, to.data<std::string>() + to_index);
    return;
  }
  const int64_t size = engine::ElementSize(type);
  std::memcpy(static_cast<char*>(to.raw()) + to_index * size,
              static_cast<const char*>(from.raw()) + from_index * size, count * size);
}

}  // namespace

absl::Status CopyRows(const TensorView& from, int64_t from_row, const MutableTensorView& to,
                      int64_t to_row, int64_t rows, std::optional<int> axis) {
  if (from.type() != to.type() || !Fits(from.shape(), to.shape(), from_row, to_row, rows, axis)) {
    return absl::InternalError(absl::StrCat("cannot copy ", rows, " rows at ", from_row, " of ",
                                            from.tensor_type().ToString(), " to row ", to_row,
                                            " of ", to.tensor_type().ToString()));
  }
  if (!axis.has_value()) {
    CopyElements(from.type(), from, 0, to, 0, from.num_elements());
    return absl::OkStatus();
  }
  const int64_t outer = from.shape().Product(0, *axis);
  const int64_t inner = from.shape().Product(*axis + 1, from.shape().rank());
  const int64_t from_stride = from.shape()[*axis] * inner;
  const int64_t to_stride = to.shape()[*axis] * inner;
  for (int64_t i = 0; i < outer; ++i) {
    CopyElements(from.type(), from, i * from_stride + from_row * inner, to,
                 i * to_stride + to_row * inner, rows * inner);
  }
  return absl::OkStatus();
}

}  // namespace dnnd::server
