// From a DataType known at run time to the C++ type of the elements.
#ifndef DNND_ENGINE_OPS_DISPATCH_H_
#define DNND_ENGINE_OPS_DISPATCH_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/tensor/data_type.h"

namespace dnnd::engine {

template <typename... Types>
struct TypeList {};

using FloatTypes = TypeList<float, double>;
using SignedTypes = TypeList<float, double, int8_t, int16_t, int32_t, int64_t>;
using NumericTypes = TypeList<float, double, int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t,
                              int64_t, uint64_t>;
using BoolTypes = TypeList<bool>;
using IndexTypes = TypeList<int32_t, int64_t>;
// Every type of fixed size that has a C++ type of its own.
using PlainTypes = TypeList<float, double, int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t,
                            int64_t, uint64_t, bool>;

namespace internal {

template <typename Visitor, typename... Types>
absl::Status DispatchOver(DataType type, const Visitor& visitor, TypeList<Types...>) {
  absl::Status status = absl::UnimplementedError(
      absl::StrCat("data type ", DataTypeName(type), " is not one that this operator takes"));
  (void)((type == DataTypeOf<Types>::value ? (status = visitor.template operator()<Types>(), true)
                                           : false) ||
         ...);
  return status;
}

}  // namespace internal

// What `visitor` returns, called as visitor.operator()<T>() for the T of `Types` that holds
// elements of `type`: Dispatch<FloatTypes>(type, [&]<typename T>() { …; return absl::OkStatus();
// }). UNIMPLEMENTED when `Types` has no such T.
template <typename Types, typename Visitor>
absl::Status Dispatch(DataType type, const Visitor& visitor) {
  return internal::DispatchOver(type, visitor, Types());
}

// What `visitor` returns, called as visitor.operator()<T>() for a T that copies elements of `type`:
// std::string, or an unsigned integer of their size. For operators that only move elements.
template <typename Visitor>
auto DispatchBySize(DataType type, const Visitor& visitor) {
  if (type == DataType::kString) {
    return visitor.template operator()<std::string>();
  }
  switch (ElementSize(type)) {
    case 1:
      return visitor.template operator()<uint8_t>();
    case 2:
      return visitor.template operator()<uint16_t>();
    case 4:
      return visitor.template operator()<uint32_t>();
    default:
      return visitor.template operator()<uint64_t>();
  }
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_DISPATCH_H_
