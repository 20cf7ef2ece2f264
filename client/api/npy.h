#ifndef DNND_CLIENT_API_NPY_H_
#define DNND_CLIENT_API_NPY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dnnd/v1/common.pb.h"

namespace dnnd::client {

// Reads a .npy file (format 1.0, 2.0 or 3.0) of numbers in C order, little-endian. INVALID_ARGUMENT
// says what is wrong with any other bytes, and what to do about it in NumPy where that helps. Takes
// no memory on the header's word.
absl::StatusOr<dnnd::v1::Tensor> ParseNpy(absl::string_view bytes);

// The bytes of a .npy file (format 1.0). BF16 is written as FP32, exactly. INVALID_ARGUMENT for
// BYTES, which .npy does not have, and for a tensor whose contents do not match its shape.
absl::StatusOr<std::string> FormatNpy(const dnnd::v1::Tensor& tensor);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_NPY_H_
