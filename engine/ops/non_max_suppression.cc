// NonMaxSuppression: of boxes that overlap, the one with the highest score, for each class of each
// picture by itself.
//
// Boxes are float32[batch,boxes,4], scores float32[batch,classes,boxes]; the result is
// int64[selected,3] (batch, class, box), by batch, then class, then descending score; of equal
// scores the lower box comes first. A score that is NaN is never selected, and a box without an
// area (NaN among them) overlaps nothing.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/interpret.h"
#include "engine/ops/op_def.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

struct Limits {
  int64_t most = 0;  // boxes of a class
  float overlap = 0;
  std::optional<float> score;
};

// One element of `inputs[i]`, or nothing where the node has no such input.
template <typename T>
absl::StatusOr<std::optional<T>> OptionalScalar(absl::Span<const Tensor> inputs, size_t i,
                                                absl::string_view name) {
  if (i >= inputs.size() || !inputs[i].defined()) {
    return std::optional<T>();
  }
  if (inputs[i].type() != DataTypeOf<T>::value || inputs[i].num_elements() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is ", inputs[i].tensor_type().ToString(),
                                                   ", wanted one element of ",
                                                   DataTypeName(DataTypeOf<T>::value)));
  }
  return std::optional<T>(*inputs[i].data<T>());
}

absl::StatusOr<Limits> ReadLimits(absl::Span<const Tensor> inputs) {
  Limits limits;
  DNND_ASSIGN_OR_RETURN(const std::optional<int64_t> most,
                        OptionalScalar<int64_t>(inputs, 2, "max_output_boxes_per_class"));
  DNND_ASSIGN_OR_RETURN(const std::optional<float> overlap,
                        OptionalScalar<float>(inputs, 3, "iou_threshold"));
  DNND_ASSIGN_OR_RETURN(limits.score, OptionalScalar<float>(inputs, 4, "score_threshold"));
  limits.most = most.value_or(0);
  limits.overlap = overlap.value_or(0);
  if (!(limits.overlap >= 0 && limits.overlap <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("iou_threshold is ", limits.overlap, ", wanted 0 to 1"));
  }
  if (limits.score.has_value() && std::isnan(*limits.score)) {
    return absl::InvalidArgumentError("score_threshold is not a number");
  }
  return limits;
}

absl::Status CheckShapes(const Tensor& boxes, const Tensor& scores) {
  const Shape& of_boxes = boxes.shape();
  const Shape& of_scores = scores.shape();
  if (boxes.type() != DataType::kFloat32 || scores.type() != DataType::kFloat32 ||
      of_boxes.rank() != 3 || of_boxes[2] != 4 || of_scores.rank() != 3 ||
      of_scores[0] != of_boxes[0] || of_scores[2] != of_boxes[1]) {
    return absl::InvalidArgumentError(
        absl::StrCat("boxes are ", boxes.tensor_type().ToString(), " and scores ",
                     scores.tensor_type().ToString(),
                     ", wanted float32[batch,boxes,4] and float32[batch,classes,boxes]"));
  }
  return absl::OkStatus();
}

struct Scored {
  float score;
  int64_t box;
};

bool ComesBefore(const Scored& a, const Scored& b) {
  return a.score > b.score || (a.score == b.score && a.box < b.box);
}

// Whether any of `count` scores is above `least` (with `every`: is a number).
bool AnyAbove(const float* scores, int64_t count, float least, bool every) {
  int found = 0;
  int* result = &found;
  Vectorized([=]() DNND_VECTOR_BODY {
    int any = 0;
    for (int64_t i = 0; i < count; ++i) {
      any |= static_cast<int>(scores[i] > least) |
             (static_cast<int>(every) & static_cast<int>(scores[i] == scores[i]));
    }
    *result = any;
  });
  return found != 0;
}

// The boxes with a score above the limit. Most classes of most pictures have none, so that whole
// blocks are passed over at the speed of reading them.
void FindCandidates(const float* scores, int64_t count, const std::optional<float>& limit,
                    std::vector<Scored>& candidates) {
  constexpr int64_t kBlock = 512;
  const bool every = !limit.has_value();
  const float least = limit.value_or(std::numeric_limits<float>::infinity());
  candidates.clear();
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t end = std::min(count, begin + kBlock);
    if (!AnyAbove(scores + begin, end - begin, least, every)) {
      continue;
    }
    for (int64_t i = begin; i < end; ++i) {
      if (scores[i] > least || (every && !std::isnan(scores[i]))) {
        candidates.push_back({scores[i], i});
      }
    }
  }
}

struct Box {
  float low[2];
  float high[2];
  float area;
};

// `box` as two opposite corners in either order, or as center and size (width before height, where
// corners have y before x: no matter for an overlap).
Box ReadBox(const float* box, bool by_center) {
  Box result;
  for (int axis = 0; axis < 2; ++axis) {
    const float half = box[axis + 2] / 2;
    const float a = by_center ? box[axis] - half : box[axis];
    const float b = by_center ? box[axis] + half : box[axis + 2];
    result.low[axis] = by_center ? a : std::min(a, b);
    result.high[axis] = by_center ? b : std::max(a, b);
  }
  result.area = (result.high[0] - result.low[0]) * (result.high[1] - result.low[1]);
  return result;
}

// The boxes of one class that were selected, a coordinate a list so that loops over them are
// vectorised.
class Selected {
 public:
  void Clear() {
    for (std::vector<float>* list : {&low_[0], &low_[1], &high_[0], &high_[1], &area_}) {
      list->clear();
    }
  }

  void Add(const Box& box) {
    for (int axis = 0; axis < 2; ++axis) {
      low_[axis].push_back(box.low[axis]);
      high_[axis].push_back(box.high[axis]);
    }
    area_.push_back(box.area);
  }

  // Whether the intersection of `box` and any of them is more than `limit` of their union.
  bool Overlap(const Box& box, float limit) const {
    bool found = false;
    bool* result = &found;
    const auto* low0 = low_[0].data();
    const auto* low1 = low_[1].data();
    const auto* high0 = high_[0].data();
    const auto* high1 = high_[1].data();
    const auto* area = area_.data();
    const int64_t count = static_cast<int64_t>(area_.size());
    Vectorized([=]() DNND_VECTOR_BODY {
      for (int64_t begin = 0; begin < count && !*result; begin += kBlock) {
        const int64_t end = std::min(count, begin + kBlock);
        int any = 0;
        for (int64_t i = begin; i < end; ++i) {
          const float extent0 = std::min(high0[i], box.high[0]) - std::max(low0[i], box.low[0]);
          const float extent1 = std::min(high1[i], box.high[1]) - std::max(low1[i], box.low[1]);
          const float both = extent0 * extent1;
          const float either = area[i] + box.area - both;
          any |= static_cast<int>(extent0 > 0) & static_cast<int>(extent1 > 0) &
                 static_cast<int>(either > 0) & static_cast<int>(both / either > limit);
        }
        *result = any != 0;
      }
    });
    return found;
  }

 private:
  // After so many the search ends where it has found one.
  static constexpr int64_t kBlock = 64;

  std::vector<float> low_[2];
  std::vector<float> high_[2];
  std::vector<float> area_;
};

// Works through one class after the other with the same memory.
class Suppressor {
 public:
  Suppressor(const Limits& limits, bool by_center) : limits_(limits), by_center_(by_center) {}

  // Calls `select` with each box of a class that stays, by descending score. `boxes` [count,4],
  // `scores` [count].
  template <typename Select>
  void Run(const float* boxes, const float* scores, int64_t count, const Select& select) {
    FindCandidates(scores, count, limits_.score, candidates_);
    selected_.Clear();
    int64_t most = limits_.most;
    size_t sorted = 0;
    for (size_t i = 0; i < candidates_.size() && most > 0; ++i) {
      if (i == sorted) {
        sorted = SortFrom(sorted);
      }
      const Box box = ReadBox(boxes + candidates_[i].box * 4, by_center_);
      const bool has_area = box.area > 0;
      if (has_area && selected_.Overlap(box, limits_.overlap)) {
        continue;
      }
      if (has_area) {
        selected_.Add(box);
      }
      select(candidates_[i].box);
      --most;
    }
  }

 private:
  // Sorts the next candidates from `begin` on, twice as many each time: with many candidates and a
  // few boxes to select, most never need an order. Returns the end of what is sorted.
  size_t SortFrom(size_t begin) {
    constexpr size_t kFirst = 256;
    const size_t end = std::min(candidates_.size(), std::max(kFirst, 2 * begin));
    const auto first = candidates_.begin();
    if (end < candidates_.size()) {
      std::nth_element(first + begin, first + end, candidates_.end(), ComesBefore);
    }
    std::sort(first + begin, first + end, ComesBefore);
    return end;
  }

  const Limits limits_;
  const bool by_center_;
  std::vector<Scored> candidates_;
  Selected selected_;
};

absl::StatusOr<std::vector<Tensor>> Evaluate(const Node& node, absl::Span<const Tensor> inputs) {
  const Tensor& boxes = inputs[0];
  const Tensor& scores = inputs[1];
  DNND_RETURN_IF_ERROR(CheckShapes(boxes, scores));
  DNND_ASSIGN_OR_RETURN(const Limits limits, ReadLimits(inputs));
  const int64_t center = node.attributes.Int("center_point_box", 0);
  if (center != 0 && center != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("center_point_box is ", center, ", wanted 0 or 1"));
  }
  const int64_t classes = scores.shape()[1];
  const int64_t count = scores.shape()[2];
  Suppressor suppressor(limits, /*by_center=*/center == 1);
  // Before it grows by doubling.
  constexpr size_t kMostSelected = kMostEvaluatedBytes / (3 * 2 * sizeof(int64_t));
  std::vector<int64_t> selected;
  // Without a limit on the number, nothing is selected.
  for (int64_t line = 0; limits.most > 0 && line < scores.shape()[0] * classes; ++line) {
    const int64_t batch = line / classes;
    suppressor.Run(boxes.data<float>() + batch * count * 4, scores.data<float>() + line * count,
                   count, [&](int64_t box) {
                     selected.insert(selected.end(), {batch, line % classes, box});
                   });
    if (selected.size() / 3 > kMostSelected) {
      return absl::ResourceExhaustedError(
          absl::StrCat("selects more than ", kMostSelected, " boxes, which is all that it may"));
    }
  }
  const Shape shape({static_cast<int64_t>(selected.size()) / 3, 3});
  DNND_ASSIGN_OR_RETURN(Tensor result, Tensor::Create(DataType::kInt64, shape));
  std::copy(selected.begin(), selected.end(), result.mutable_data<int64_t>());
  return std::vector<Tensor>{std::move(result)};
}

absl::Status InferSelected(InferContext& context) {
  context.SetOutput(0, DataType::kInt64, Shape({context.assumed_extent(), 3}));
  return absl::OkStatus();
}

}  // namespace

extern const OpDef kNonMaxSuppression = {.type = "NonMaxSuppression",
                                         .min_inputs = 2,
                                         .max_inputs = 5,
                                         .infer = InferSelected,
                                         .evaluate = Evaluate};

}  // namespace dnnd::engine
