// Large blocks of memory that were freed a moment ago, for who wants as many bytes next.
#ifndef DNND_ENGINE_BASE_BLOCK_POOL_H_
#define DNND_ENGINE_BASE_BLOCK_POOL_H_

#include <cstdint>
#include <mutex>
#include <vector>

namespace dnnd::engine {

// The pictures and tensors of requests come and go hundreds of times a second. The system hands
// every block of their size out anew, a page fault for each 4 KiB: a tenth of the time of a small
// detector. Thread-safe.
class BlockPool {
 public:
  // Blocks below this size are left to malloc; larger than `max_bytes` in all are not kept.
  static constexpr int64_t kSmallest = int64_t{128} << 10;

  explicit BlockPool(int64_t max_bytes) : max_bytes_(max_bytes) {}
  ~BlockPool() { Release(); }
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  struct Block {
    uint8_t* data = nullptr;
    int64_t capacity = 0;
  };

  // A block of at least `bytes`, at most an eighth more, aligned to kTensorAlignment; not zeroed.
  // Null data when the memory cannot be had. REQUIRES: 0 <= bytes < 2^61.
  Block Take(int64_t bytes);

  // Gives a block of Take's back. The oldest of those kept go back to the system where they are too
  // many.
  void Give(Block block);

  // Gives all that is kept back to the system.
  void Release();

  int64_t bytes_kept() const;

 private:
  const int64_t max_bytes_;
  mutable std::mutex mutex_;
  std::vector<Block> blocks_;  // the oldest first; guarded by mutex_
  int64_t bytes_ = 0;          // guarded by mutex_
};

// Of the whole process: AlignedBuffer's. Never destroyed, so that buffers of static storage may be.
BlockPool& ProcessBlockPool();

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_BLOCK_POOL_H_
