#include "client/output/category.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

constexpr int kBarColumns = 30;

}  // namespace

std::string LabelText(const dnnd::v1::Category& category) {
  if (category.label().empty()) return absl::StrCat("class ", category.index());
  return Printable(category.label());
}

std::string ScoreText(float score) {
  if (score >= 0 && score <= 1) return absl::StrFormat("%.1f%%", score * 100);
  return absl::StrFormat("%.4g", score);
}

std::string ScoreBar(const Console& console, float score) {
  return console.out_is_terminal && score >= 0 && score <= 1 ? Bar(score, kBarColumns) : "";
}

}  // namespace dnnd::client
