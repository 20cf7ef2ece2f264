#include "engine/base/aligned_buffer.h"

#include "absl/strings/str_cat.h"
#include "engine/base/block_pool.h"

namespace dnnd::engine {

void AlignedBuffer::Free::operator()(uint8_t* data) const {
  ProcessBlockPool().Give({data, capacity});
}

absl::StatusOr<AlignedBuffer> AlignedBuffer::Create(int64_t bytes) {
  if (bytes < 0 || bytes > INT64_MAX / 4) {
    return absl::InvalidArgumentError(absl::StrCat("cannot allocate ", bytes, " bytes"));
  }
  AlignedBuffer buffer;
  buffer.size_ = bytes;
  // An empty tensor still has an address: kernels may form pointers to it.
  const BlockPool::Block block = ProcessBlockPool().Take(bytes);
  buffer.data_ = {block.data, Free{block.capacity}};
  if (buffer.data_ == nullptr) {
    return absl::ResourceExhaustedError(absl::StrCat("out of memory: wanted ", bytes, " bytes"));
  }
  return buffer;
}

}  // namespace dnnd::engine
