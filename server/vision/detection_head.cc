#include "server/vision/detection_head.h"

#include "absl/strings/str_cat.h"

namespace dnnd::server {

#define HEAD(name) extern const HeadRow k##name##Head;
#include "server/vision/all_heads.inc"
#undef HEAD

absl::Span<const HeadRow* const> AllHeads() {
  static constexpr const HeadRow* kRows[] = {
#define HEAD(name) &k##name##Head,
#include "server/vision/all_heads.inc"
#undef HEAD
  };
  return kRows;
}

absl::StatusOr<InstanceScores> DetectionHead::MaskOf(const HeadInput&, int32_t, const Box&) const {
  return absl::InternalError("masks of a head that has none");
}

namespace {

bool Fits(const HeadRow& row, const DetectorInfo& info) {
  return row.reads_suppressed || !info.suppresses;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DetectionHead>> CreateHead(const HeadRow& row,
                                                          const DetectorInfo& info,
                                                          const HeadSpec& spec) {
  if (!Fits(row, info)) {
    return absl::InvalidArgumentError(
        absl::StrCat(row.name,
                     " reads boxes before overlaps are suppressed, and the model does that itself: "
                     "want DECODED"));
  }
  return row.create(info, spec);
}

const HeadRow* FindHead(absl::string_view name) {
  for (const HeadRow* row : AllHeads()) {
    if (row->name == name) {
      return row;
    }
  }
  return nullptr;
}

HeadGuess RecogniseHead(const DetectorInfo& info) {
  HeadGuess guess;
  std::vector<const HeadRow*> certain;
  for (const HeadRow* row : AllHeads()) {
    const HeadMatch match = Fits(*row, info) ? row->match(info) : HeadMatch::kNo;
    if (match == HeadMatch::kCertain) {
      certain.push_back(row);
    }
    if (match != HeadMatch::kNo) {
      guess.possible.push_back(row);
    }
  }
  if (certain.size() == 1) {
    guess.row = certain[0];
  }
  return guess;
}

}  // namespace dnnd::server
