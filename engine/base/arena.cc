#include "engine/base/arena.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "engine/base/checked.h"

namespace dnnd::engine {
namespace {

// Growth in steps of a huge page keeps the number of mprotect calls small and lets the kernel back
// it with huge pages.
constexpr int64_t kGrowthBytes = int64_t{2} << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<Arena>> Arena::Reserve(int64_t capacity) {
  if (capacity <= 0) {
    return absl::InvalidArgumentError(absl::StrCat("arena capacity is ", capacity, ", wanted > 0"));
  }
  capacity = RoundUp(capacity, kGrowthBytes);
  void* base =
      mmap(nullptr, capacity, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot reserve ", capacity, " bytes of address space: ", strerror(errno)));
  }
  return absl::WrapUnique(new Arena(static_cast<uint8_t*>(base), capacity));
}

Arena::~Arena() { munmap(base_, capacity_); }

absl::Status Arena::Grow(int64_t bytes) {
  if (bytes <= size_) {
    return absl::OkStatus();
  }
  if (bytes > capacity_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("arena holds at most ", capacity_, " bytes, the plan wants ", bytes));
  }
  const int64_t grown = RoundUp(bytes, kGrowthBytes);
  if (mprotect(base_, grown, PROT_READ | PROT_WRITE) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot grow the arena to ", grown, " bytes: ", strerror(errno)));
  }
  size_ = grown;
  return absl::OkStatus();
}

void Arena::Release() { madvise(base_, size_, MADV_DONTNEED); }

}  // namespace dnnd::engine
