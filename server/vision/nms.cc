#include "server/vision/nms.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "server/vision/vector_clones.h"

namespace dnnd::server {

namespace {

constexpr float kSoftSigma = 0.5f;
// Boxes that are compared at once: a loop without branches over so many becomes vector code.
constexpr int kBlock = 16;
constexpr int kDigitBits = 11;
constexpr int kDigits = 1 << kDigitBits;

float Area(const Box& box) {
  return std::max(0.0f, box.x_max - box.x_min) * std::max(0.0f, box.y_max - box.y_min);
}

// Grows as the score falls, over all floats.
uint32_t DescendingKey(float score) {
  uint32_t bits = 0;
  std::memcpy(&bits, &score, sizeof(bits));
  return (bits & 0x80000000u) != 0 ? bits : ~bits & 0x7fffffffu;
}

struct Entry {
  uint32_t key;
  int32_t index;
};

// A stable radix sort: a third of the time of std::sort for 25 000 candidates.
void SortByKey(std::vector<Entry>& entries) {
  std::vector<Entry> other(entries.size());
  for (int shift = 0; shift < 32; shift += kDigitBits) {
    std::array<uint32_t, kDigits + 1> starts = {};
    for (const Entry& entry : entries) {
      ++starts[(entry.key >> shift) % kDigits + 1];
    }
    for (int digit = 0; digit < kDigits; ++digit) {
      starts[digit + 1] += starts[digit];
    }
    for (const Entry& entry : entries) {
      other[starts[(entry.key >> shift) % kDigits]++] = entry;
    }
    entries.swap(other);
  }
}

// The best candidates, best first.
std::vector<int32_t> BestFirst(absl::Span<const Candidate> candidates) {
  std::vector<Entry> entries;
  entries.reserve(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (!std::isnan(candidates[i].score)) {
      entries.push_back({DescendingKey(candidates[i].score), static_cast<int32_t>(i)});
    }
  }
  SortByKey(entries);
  std::vector<int32_t> order(std::min<size_t>(entries.size(), kMaxNmsCandidates));
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = entries[i].index;
  }
  return order;
}

// Boxes and their areas, a column for each edge; `count` is a multiple of kBlock.
struct BoxColumns {
  const float* x_min;
  const float* y_min;
  const float* x_max;
  const float* y_max;
  const float* area;
  size_t count;
};

// Whether one of them shares more than `threshold` of its union with `box`.
DNND_VECTOR_CLONES bool AnyOverlaps(const BoxColumns& others, const Box& box, float threshold) {
  const float area = Area(box);
  for (size_t begin = 0; begin < others.count; begin += kBlock) {
    int hits = 0;
    for (size_t i = begin; i < begin + kBlock; ++i) {
      const float right = others.x_max[i] < box.x_max ? others.x_max[i] : box.x_max;
      const float left = others.x_min[i] > box.x_min ? others.x_min[i] : box.x_min;
      const float bottom = others.y_max[i] < box.y_max ? others.y_max[i] : box.y_max;
      const float top = others.y_min[i] > box.y_min ? others.y_min[i] : box.y_min;
      // Subtracted first: a choice of two values is vector code, a choice to compute is a branch.
      const float width = right - left;
      const float height = bottom - top;
      const float shared = (width > 0.0f ? width : 0.0f) * (height > 0.0f ? height : 0.0f);
      hits |= static_cast<int>(shared > threshold * (area + others.area[i] - shared));
    }
    if (hits != 0) {
      return true;
    }
  }
  return false;
}

// Boxes that stay.
class KeptBoxes {
 public:
  bool Suppress(const Box& box, float threshold) const {
    return AnyOverlaps(
        {x_min_.data(), y_min_.data(), x_max_.data(), y_max_.data(), area_.data(), x_min_.size()},
        box, threshold);
  }

  void Add(const Box& box) {
    if (size_ % kBlock == 0) {  // empty boxes fill a block: they share nothing with any
      for (auto* column : {&x_min_, &y_min_, &x_max_, &y_max_, &area_}) {
        column->resize(size_ + kBlock, 0.0f);
      }
    }
    x_min_[size_] = box.x_min;
    y_min_[size_] = box.y_min;
    x_max_[size_] = box.x_max;
    y_max_[size_] = box.y_max;
    area_[size_] = Area(box);
    ++size_;
  }

 private:
  size_t size_ = 0;
  std::vector<float> x_min_;
  std::vector<float> y_min_;
  std::vector<float> x_max_;
  std::vector<float> y_max_;
  std::vector<float> area_;
};

std::vector<Kept> SuppressHard(absl::Span<const Candidate> candidates,
                               absl::Span<const int32_t> order, const NmsOptions& options) {
  int32_t largest_class = 0;
  for (const int32_t index : order) {
    largest_class = std::max(largest_class, candidates[index].class_index);
  }
  std::vector<KeptBoxes> by_class(options.class_agnostic ? 1 : largest_class + 1);
  std::vector<Kept> kept;
  for (const int32_t index : order) {
    if (static_cast<int>(kept.size()) >= options.max_detections) {
      break;
    }
    const Candidate& candidate = candidates[index];
    KeptBoxes& rivals = by_class[options.class_agnostic ? 0 : candidate.class_index];
    if (!rivals.Suppress(candidate.box, options.iou_threshold)) {
      rivals.Add(candidate.box);
      kept.push_back({index, candidate.score});
    }
  }
  return kept;
}

std::vector<Kept> SuppressSoftly(absl::Span<const Candidate> candidates,
                                 absl::Span<const int32_t> order, const NmsOptions& options) {
  std::vector<Kept> left;
  for (const int32_t index : order) {
    left.push_back({index, candidates[index].score});
  }
  std::vector<Kept> kept;
  while (!left.empty() && static_cast<int>(kept.size()) < options.max_detections) {
    // The first of the largest, so that equal ones keep their order.
    const auto best = std::max_element(
        left.begin(), left.end(), [](const Kept& a, const Kept& b) { return a.score < b.score; });
    if (!(best->score >= options.score_threshold)) {
      break;
    }
    kept.push_back(*best);
    left.erase(best);
    const Candidate& winner = candidates[kept.back().index];
    for (Kept& rival : left) {
      const Candidate& candidate = candidates[rival.index];
      if (options.class_agnostic || candidate.class_index == winner.class_index) {
        const float overlap = IntersectionOverUnion(candidate.box, winner.box);
        if (overlap > 0.0f) {
          rival.score *= std::exp(-overlap * overlap / kSoftSigma);
        }
      }
    }
  }
  return kept;
}

}  // namespace

float IntersectionOverUnion(const Box& a, const Box& b) {
  const float width = std::min(a.x_max, b.x_max) - std::max(a.x_min, b.x_min);
  const float height = std::min(a.y_max, b.y_max) - std::max(a.y_min, b.y_min);
  if (!(width > 0.0f && height > 0.0f)) {
    return 0.0f;
  }
  const float shared = width * height;
  return shared / (Area(a) + Area(b) - shared);
}

std::vector<Kept> SuppressOverlaps(absl::Span<const Candidate> candidates,
                                   const NmsOptions& options) {
  const std::vector<int32_t> order = BestFirst(candidates);
  return options.soft ? SuppressSoftly(candidates, order, options)
                      : SuppressHard(candidates, order, options);
}

}  // namespace dnnd::server
