// TopK: the k largest (smallest) elements along an axis, in order, and where they stand.
//
// Of equal elements the one that stands first comes first. NaN comes after every number, whichever
// way is asked for. `sorted` = 0 allows any order; it is this one too.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<int> AxisOf(const OpArguments& arguments) { return arguments.Axis("axis", -1); }

absl::Status InferTopK(InferContext& context) {
  const OpArguments arguments(context);
  DNND_ASSIGN_OR_RETURN(const int axis, AxisOf(arguments));
  DNND_ASSIGN_OR_RETURN(const Dims k, arguments.Int64s(1));
  const Shape& input = context.input_shape(0);
  if (k.size() != 1 || k[0] < 0 || k[0] > input[axis]) {
    return absl::InvalidArgumentError(
        absl::StrCat("k is ", k.size() == 1 ? absl::StrCat(k[0]) : context.input(1).ToString(),
                     ", wanted one number from 0 to the ", input[axis], " of axis ", axis));
  }
  const Shape shape = input.WithDim(axis, k[0]);
  context.SetOutput(0, context.input(0).type, shape);
  context.SetOutput(1, DataType::kInt64, shape);
  return absl::OkStatus();
}

template <typename T>
bool IsNumber(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return !std::isnan(value);
  } else {
    return true;
  }
}

// The wanted first, NaN last.
template <bool kLargest, typename T>
bool IsBetter(T a, T b) {
  return (kLargest ? a > b : a < b) || (!IsNumber(b) && IsNumber(a));
}

// The k best of lines of elements, one line after the other with the same memory.
template <bool kLargest, typename T>
class Selector {
 public:
  // REQUIRES: 0 < k <= count.
  Selector(int64_t count, int64_t k) : count_(count), k_(k) {
    best_.reserve(std::min(count, 2 * k));
  }

  // Elements lie `stride` apart, those of the results too, either of which may be null.
  void Run(const T* line, int64_t stride, T* values, int64_t* indices) {
    best_.clear();
    for (int64_t begin = 0; begin < count_; begin += kBlock) {
      AddBlock(line, stride, begin, std::min(count_, begin + kBlock));
    }
    std::partial_sort(best_.begin(), best_.begin() + k_, best_.end(), ComesBefore);
    for (int64_t i = 0; values != nullptr && i < k_; ++i) {
      values[i * stride] = best_[i].value;
    }
    for (int64_t i = 0; indices != nullptr && i < k_; ++i) {
      indices[i * stride] = best_[i].index;
    }
  }

 private:
  static constexpr int64_t kBlock = 256;

  struct Entry {
    T value;
    int64_t index;
  };

  static bool ComesBefore(const Entry& a, const Entry& b) {
    return IsBetter<kLargest>(a.value, b.value) ||
           (!IsBetter<kLargest>(b.value, a.value) && a.index < b.index);
  }

  // Invariant: `best_` holds the k best so far, and fewer than k others. Once it holds k, `bar_` is
  // no better than the worst of the k best so far: what does not pass it is passed over. Elements
  // come in order, so that one equal to the bar is behind.
  void AddBlock(const T* line, int64_t stride, int64_t begin, int64_t end) {
    if (is_full() && stride == 1 && !AnyPasses(line + begin, end - begin)) {
      return;
    }
    for (int64_t i = begin; i < end; ++i) {
      const T value = line[i * stride];
      if (is_full() && !IsBetter<kLargest>(value, bar_)) {
        continue;
      }
      best_.push_back({value, i});
      if (static_cast<int64_t>(best_.size()) == k_ || is_doubled()) {
        std::nth_element(best_.begin(), best_.begin() + (k_ - 1), best_.end(), ComesBefore);
        best_.resize(k_);
        bar_ = best_[k_ - 1].value;
      }
    }
  }

  bool AnyPasses(const T* values, int64_t count) const {
    int found = 0;
    int* result = &found;
    const T bar = bar_;
    Vectorized([=]() DNND_VECTOR_BODY {
      int any = 0;
      for (int64_t i = 0; i < count; ++i) {
        any |= static_cast<int>(IsBetter<kLargest>(values[i], bar));
      }
      *result = any;
    });
    return found != 0;
  }

  bool is_full() const { return static_cast<int64_t>(best_.size()) >= k_; }
  bool is_doubled() const { return static_cast<int64_t>(best_.size()) >= 2 * k_; }

  const int64_t count_;
  const int64_t k_;
  std::vector<Entry> best_;
  T bar_ = {};
};

// One of the two outputs may be absent.
int PresentOutput(const ReferenceContext& context) { return context.has_output(0) ? 0 : 1; }

// REQUIRES: the results have elements.
template <bool kLargest, typename T>
void RunLines(const ReferenceContext& context, int axis) {
  const Shape& input = context.input(0).shape();
  const int64_t count = input[axis];
  const int64_t k = context.output(PresentOutput(context)).shape()[axis];
  const int64_t inner = input.Product(axis + 1, input.rank());
  const T* source = context.input(0).data<T>();
  T* values = context.has_output(0) ? context.output(0).data<T>() : nullptr;
  int64_t* indices = context.has_output(1) ? context.output(1).data<int64_t>() : nullptr;
  ParallelFor(input.Product(0, axis) * inner, kElementsAThread / count + 1,
              [&](int64_t begin, int64_t end) {
                Selector<kLargest, T> selector(count, k);
                for (int64_t line = begin; line < end; ++line) {
                  const int64_t outer = line / inner;
                  const int64_t to = outer * k * inner + line % inner;
                  selector.Run(source + outer * count * inner + line % inner, inner,
                               values == nullptr ? nullptr : values + to,
                               indices == nullptr ? nullptr : indices + to);
                }
              });
}

absl::Status RunTopK(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, AxisOf(OpArguments(context)));
  return Dispatch<NumericTypes>(context.input(0).type(), [&]<typename T>() {
    if (context.output(PresentOutput(context)).num_elements() == 0) {
      return absl::OkStatus();
    }
    if (context.attributes().Int("largest", 1) != 0) {
      RunLines<true, T>(context, axis);
    } else {
      RunLines<false, T>(context, axis);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<RowAxis> RowsOfTopK(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const int axis, AxisOf(OpArguments(context)));
  return RowsOffAxis(context, axis);
}

}  // namespace

extern const OpDef kTopK = {.type = "TopK",
                            .min_inputs = 2,
                            .max_inputs = 2,
                            .max_outputs = 2,
                            .infer = InferTopK,
                            .reference = RunTopK,
                            .rows = RowsOfTopK};

}  // namespace dnnd::engine
