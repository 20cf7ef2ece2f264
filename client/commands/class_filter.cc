#include "client/commands/class_filter.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Detection;

}  // namespace

ClassFilter::ClassFilter(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    int index = 0;
    if (absl::SimpleAtoi(word, &index)) {
      indices_.insert(index);
    } else {
      names_.push_back(word);
    }
  }
}

void ClassFilter::Ask(dnnd::v1::DetectOptions& options) const {
  if (names_.empty()) {
    for (const int index : indices_) options.add_classes(index);
  } else {
    options.set_max_detections(kMostDetections);
  }
}

bool ClassFilter::Wants(const dnnd::v1::Category& category) {
  const bool named = std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
    return absl::EqualsIgnoreCase(name, category.label());
  });
  if (named) seen_.insert(absl::AsciiStrToLower(category.label()));
  return named || indices_.count(category.index()) > 0;
}

void ClassFilter::Apply(int max_detections, dnnd::v1::DetectResponse& reply) {
  if (names_.empty()) return;
  for (dnnd::v1::Detections& result : *reply.mutable_results()) {
    auto* boxes = result.mutable_detections();
    boxes->erase(std::remove_if(boxes->begin(), boxes->end(),
                                [this](const Detection& box) { return !Wants(box.category()); }),
                 boxes->end());
    if (max_detections > 0 && boxes->size() > max_detections) {
      boxes->DeleteSubrange(max_detections, boxes->size() - max_detections);
    }
  }
}

std::vector<std::string> ClassFilter::NamesNotSeen() const {
  std::vector<std::string> names;
  for (const std::string& name : names_) {
    if (seen_.count(absl::AsciiStrToLower(name)) == 0) names.push_back(name);
  }
  return names;
}

}  // namespace dnnd::client
