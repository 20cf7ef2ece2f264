#include "client/draw/mask.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "client/draw/picture.h"

namespace dnnd::client {
namespace {

// Takes the next number: digits of base 32 from '0' on, the lowest first, the last one signed. An
// honest one has 7 at most. False when there is none.
bool TakeNumber(absl::string_view& text, int64_t& number) {
  constexpr int kMore = 0x20;
  constexpr int kSign = 0x10;
  constexpr int kMaxDigits = 7;
  number = 0;
  for (int i = 0; i < kMaxDigits && !text.empty(); ++i) {
    const int digit = text.front() - '0';
    text.remove_prefix(1);
    if (digit < 0 || digit >= 2 * kMore) return false;
    number += int64_t{digit & (kMore - 1)} << (5 * i);
    if ((digit & kMore) == 0) {
      if ((digit & kSign) != 0) number -= int64_t{1} << (5 * (i + 1));
      return true;
    }
  }
  return false;
}

// Pixels `begin` to `end`, counted down the columns.
void PaintRun(int64_t begin, int64_t end, uint8_t value, Mask& mask) {
  for (int64_t i = begin; i < end; ++i) {
    mask.values[(i % mask.height) * mask.width + i / mask.height] = static_cast<char>(value);
  }
}

}  // namespace

absl::StatusOr<Mask> EmptyMask(int64_t width, int64_t height) {
  if (absl::Status status = CheckPictureSize(width, height); !status.ok()) return status;
  return Mask{static_cast<int>(width), static_cast<int>(height), std::string(width * height, 0)};
}

absl::Status PaintRunLengths(absl::string_view counts, uint8_t value, Mask& mask) {
  const int64_t pixels = int64_t{mask.width} * mask.height;
  int64_t at = 0;
  std::vector<int64_t> lengths;
  while (!counts.empty()) {
    int64_t length = 0;
    const bool read = TakeNumber(counts, length);
    // From the fourth on they are differences to the last but one.
    if (lengths.size() > 2) length += lengths[lengths.size() - 2];
    if (!read || length < 0 || length > pixels - at) {
      return absl::InvalidArgumentError(absl::StrCat("run ", lengths.size(),
                                                     " does not fit a mask of ", mask.width, " x ",
                                                     mask.height, " pixels"));
    }
    if (lengths.size() % 2 == 1) PaintRun(at, at + length, value, mask);
    at += length;
    lengths.push_back(length);
  }
  if (at != pixels) {
    return absl::InvalidArgumentError(
        absl::StrCat("run lengths of ", at, " pixels, want ", pixels));
  }
  return absl::OkStatus();
}

}  // namespace dnnd::client
