#include "engine/base/aligned_buffer.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "engine/base/checked.h"

namespace dnnd::engine {

void AlignedBuffer::Free::operator()(uint8_t* data) const { std::free(data); }

absl::StatusOr<AlignedBuffer> AlignedBuffer::Create(int64_t bytes) {
  if (bytes < 0 || bytes > INT64_MAX - kTensorAlignment) {
    return absl::InvalidArgumentError(absl::StrCat("cannot allocate ", bytes, " bytes"));
  }
  AlignedBuffer buffer;
  buffer.size_ = bytes;
  // An empty tensor still has an address: kernels may form pointers to it.
  const int64_t rounded = RoundUp(bytes == 0 ? 1 : bytes, kTensorAlignment);
  buffer.data_.reset(static_cast<uint8_t*>(std::aligned_alloc(kTensorAlignment, rounded)));
  if (buffer.data_ == nullptr) {
    return absl::ResourceExhaustedError(absl::StrCat("out of memory: wanted ", bytes, " bytes"));
  }
  return buffer;
}

}  // namespace dnnd::engine
