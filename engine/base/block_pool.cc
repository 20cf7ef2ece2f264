#include "engine/base/block_pool.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "engine/base/aligned_buffer.h"
#include "engine/base/checked.h"

namespace dnnd::engine {
namespace {

// Room for what a few dozen requests hold at once. Under a sanitizer nothing is kept: it watches
// over what was freed.
#ifdef DNND_SANITIZE
constexpr int64_t kProcessBytes = 0;
#else
constexpr int64_t kProcessBytes = int64_t{32} << 20;
#endif

// Sizes that differ by a little share blocks: rounded up to a sixteenth of the power of two above.
int64_t Capacity(int64_t bytes) {
  int64_t step = kTensorAlignment;
  while (step * 16 < bytes && bytes >= BlockPool::kSmallest) {
    step *= 2;
  }
  return RoundUp(std::max<int64_t>(bytes, 1), step);
}

}  // namespace

BlockPool::Block BlockPool::Take(int64_t bytes) {
  const int64_t capacity = Capacity(bytes);
  if (capacity >= kSmallest) {
    const std::lock_guard<std::mutex> lock(mutex_);
    // The youngest is the one that a cache may still know.
    const auto found = std::find_if(blocks_.rbegin(), blocks_.rend(),
                                    [&](const Block& block) { return block.capacity == capacity; });
    if (found != blocks_.rend()) {
      const Block block = *found;
      blocks_.erase(std::next(found).base());
      bytes_ -= block.capacity;
      return block;
    }
  }
  void* data = std::aligned_alloc(kTensorAlignment, capacity);
  if (data == nullptr && bytes_kept() > 0) {
    Release();
    data = std::aligned_alloc(kTensorAlignment, capacity);
  }
  return {static_cast<uint8_t*>(data), capacity};
}

void BlockPool::Give(Block block) {
  std::vector<Block> gone;
  if (block.capacity < kSmallest || block.capacity > max_bytes_) {
    gone.push_back(block);
  } else {
    const std::lock_guard<std::mutex> lock(mutex_);
    blocks_.push_back(block);
    bytes_ += block.capacity;
    while (bytes_ > max_bytes_) {
      gone.push_back(blocks_.front());
      bytes_ -= blocks_.front().capacity;
      blocks_.erase(blocks_.begin());
    }
  }
  for (const Block& each : gone) {
    std::free(each.data);
  }
}

void BlockPool::Release() {
  std::vector<Block> gone;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    gone = std::exchange(blocks_, {});
    bytes_ = 0;
  }
  for (const Block& each : gone) {
    std::free(each.data);
  }
}

int64_t BlockPool::bytes_kept() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

BlockPool& ProcessBlockPool() {
  static auto* const pool = new BlockPool(kProcessBytes);
  return *pool;
}

}  // namespace dnnd::engine
