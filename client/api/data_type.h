#ifndef DNND_CLIENT_API_DATA_TYPE_H_
#define DNND_CLIENT_API_DATA_TYPE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "dnnd/v1/common.pb.h"

// Element types of tensors: their words, their sizes, their names in .npy files. Pure functions.
namespace dnnd::client {

// "fp32" for DATA_TYPE_FP32; "?" for a type that this client does not know.
std::string DataTypeWord(dnnd::v1::DataType type);

// Also takes the other common words: "float32", "f32", "float", "half", "u8", ... INVALID_ARGUMENT
// with the list.
absl::StatusOr<dnnd::v1::DataType> ParseDataType(absl::string_view word);

// Bytes of one element; 0 for BYTES, whose elements vary, and for unknown types.
int64_t ElementBytes(dnnd::v1::DataType type);

// The type string of a little-endian .npy file: "<f4". Empty for types that .npy does not have
// (BF16, BYTES).
absl::string_view NpyDescription(dnnd::v1::DataType type);

// Nothing for other strings, big-endian ones included.
std::optional<dnnd::v1::DataType> DataTypeFromNpy(absl::string_view description);

// Number of elements of a shape; INVALID_ARGUMENT when an extent is negative or the product exceeds
// 2^62.
absl::StatusOr<int64_t> ElementCount(absl::Span<const int64_t> shape);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_DATA_TYPE_H_
