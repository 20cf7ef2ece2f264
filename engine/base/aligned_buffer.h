// Memory for tensors: aligned to a cache line (and to the widest vector), owned by one object.
#ifndef DNND_ENGINE_BASE_ALIGNED_BUFFER_H_
#define DNND_ENGINE_BASE_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

namespace dnnd::engine {

// Every tensor starts at a multiple of this: one cache line, one AVX-512 register.
inline constexpr int64_t kTensorAlignment = 64;

// A block of `size()` bytes, from ProcessBlockPool. Movable, not copyable. Not zeroed.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;

  // RESOURCE_EXHAUSTED when the memory cannot be had, INVALID_ARGUMENT for a negative size. Never
  // throws.
  static absl::StatusOr<AlignedBuffer> Create(int64_t bytes);

  uint8_t* data() { return data_.get(); }
  const uint8_t* data() const { return data_.get(); }
  int64_t size() const { return size_; }

 private:
  struct Free {
    int64_t capacity;
    void operator()(uint8_t* data) const;
  };
  std::unique_ptr<uint8_t, Free> data_;
  int64_t size_ = 0;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_ALIGNED_BUFFER_H_
