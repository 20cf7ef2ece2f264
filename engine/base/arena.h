// A growing block of memory whose address never changes: the activations of every plan that one
// lane runs.
#ifndef DNND_ENGINE_BASE_ARENA_H_
#define DNND_ENGINE_BASE_ARENA_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dnnd::engine {

// Reserves address space once and makes the front of it usable on demand, so that pointers into it,
// which plan instances bake into their argument lists, stay valid while it grows. Not thread-safe:
// one lane owns one arena.
class Arena {
 public:
  // Reserves `capacity` bytes of address space; no memory is used yet. RESOURCE_EXHAUSTED when the
  // kernel refuses.
  static absl::StatusOr<std::unique_ptr<Arena>> Reserve(int64_t capacity);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Makes [base(), base() + bytes) readable and writable; what was there stays. RESOURCE_EXHAUSTED
  // beyond the capacity, naming both figures.
  absl::Status Grow(int64_t bytes);

  // Gives the memory (not the addresses) back to the system; contents are lost.
  void Release();

  uint8_t* base() const { return base_; }
  int64_t size() const { return size_; }

 private:
  Arena(uint8_t* base, int64_t capacity) : base_(base), capacity_(capacity) {}

  uint8_t* const base_;
  const int64_t capacity_;
  int64_t size_ = 0;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_ARENA_H_
