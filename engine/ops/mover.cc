#include "engine/ops/mover.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>

#include "engine/base/parallel.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

// Rows of one unit of parallel work, and the edge of a transposed tile: 32 x 32 floats are two
// pages of a 48 kB first-level cache's ways, so that both sides of the tile stay in it.
constexpr int64_t kTile = 32;
// Elements below which waking a team costs more than it saves.
constexpr int64_t kParallelElements = 16 * 1024;

// One row: `count` elements, strides in elements.
template <typename T>
void CopyRow(const T* source, int64_t source_stride, T* target, int64_t target_stride,
             int64_t count) {
  if (source == nullptr) {
    for (int64_t i = 0; i < count; ++i) {
      target[i * target_stride] = T();
    }
  } else if (source_stride == 1 && target_stride == 1) {
    std::copy_n(source, count, target);
  } else if (source_stride == 0 && target_stride == 1) {
    std::fill_n(target, count, *source);
  } else if (target_stride == 1) {
    for (int64_t i = 0; i < count; ++i) {
      target[i] = source[i * source_stride];
    }
  } else {
    for (int64_t i = 0; i < count; ++i) {
      target[i * target_stride] = source[i * source_stride];
    }
  }
}

// Rows [begin, end) of the last two axes of `move`.
template <typename T>
void CopyRows(const Move& move, int64_t begin, int64_t end, const T* source, T* target) {
  const int last = static_cast<int>(move.extents.size()) - 1;
  const int64_t columns = move.extents[last];
  const int64_t source_row = move.source_strides[last - 1];
  const int64_t target_row = move.target_strides[last - 1];
  const int64_t source_column = move.source_strides[last];
  const int64_t target_column = move.target_strides[last];
  // A transposition: the source runs along the rows. Go by tiles, so that a cache line of the
  // source is used up before it leaves.
  const bool transposed = source != nullptr && source_row == 1 && std::abs(source_column) > 1;
  const int64_t step = transposed ? kTile : columns;
  for (int64_t column = 0; column < columns; column += step) {
    const int64_t count = std::min(step, columns - column);
    for (int64_t row = begin; row < end; ++row) {
      const T* from =
          source == nullptr ? nullptr : source + row * source_row + column * source_column;
      CopyRow(from, source_column, target + row * target_row + column * target_column,
              target_column, count);
    }
  }
}

template <typename T>
void CopyUnits(const Move& move, int64_t begin, int64_t end, const T* source, T* target) {
  const int outer_axes = static_cast<int>(move.extents.size()) - 2;
  const int64_t rows = move.extents[outer_axes];
  const int64_t row_blocks = (rows + kTile - 1) / kTile;
  for (int64_t unit = begin; unit < end; ++unit) {
    int64_t from = move.source_offset;
    int64_t to = move.target_offset;
    int64_t rest = unit / row_blocks;
    for (int axis = outer_axes - 1; axis >= 0; --axis) {
      const int64_t index = rest % move.extents[axis];
      rest /= move.extents[axis];
      from += index * move.source_strides[axis];
      to += index * move.target_strides[axis];
    }
    const int64_t first_row = (unit % row_blocks) * kTile;
    CopyRows(move, first_row, std::min(first_row + kTile, rows),
             source == nullptr ? nullptr : source + from, target + to);
  }
}

template <typename T>
void RunTyped(const Move& move, const void* raw_source, void* raw_target) {
  const T* source = move.input == Move::kZeros ? nullptr : static_cast<const T*>(raw_source);
  T* target = static_cast<T*>(raw_target);
  const int last = static_cast<int>(move.extents.size()) - 1;
  int64_t outer = 1;
  for (int axis = 0; axis < last - 1; ++axis) {
    outer *= move.extents[axis];
  }
  const int64_t rows = move.extents[last - 1];
  const int64_t columns = move.extents[last];
  if (outer * rows == 1) {  // one long row: split the row itself
    ParallelFor(columns, kParallelElements, [&](int64_t begin, int64_t end) {
      const int64_t from = move.source_offset + begin * move.source_strides[last];
      CopyRow(source == nullptr ? nullptr : source + from, move.source_strides[last],
              target + move.target_offset + begin * move.target_strides[last],
              move.target_strides[last], end - begin);
    });
    return;
  }
  const int64_t unit_elements = std::max<int64_t>(std::min(rows, kTile) * columns, 1);
  ParallelFor(outer * ((rows + kTile - 1) / kTile),
              (kParallelElements + unit_elements - 1) / unit_elements,
              [&](int64_t begin, int64_t end) { CopyUnits(move, begin, end, source, target); });
}

// Orders the axes of `move` as `order` has them.
void Reorder(Move& move, const std::vector<int>& order) {
  Move sorted = move;
  for (size_t i = 0; i < order.size(); ++i) {
    sorted.extents[i] = move.extents[order[i]];
    sorted.source_strides[i] = move.source_strides[order[i]];
    sorted.target_strides[i] = move.target_strides[order[i]];
  }
  move = sorted;
}

// Merges each axis into its outer neighbour where both sides step evenly across them.
void MergeAxes(Move& move) {
  Move merged = move;
  merged.extents.clear();
  merged.source_strides.clear();
  merged.target_strides.clear();
  for (size_t i = 0; i < move.extents.size(); ++i) {
    const int64_t extent = move.extents[i];
    if (extent == 1) {
      continue;
    }
    if (!merged.extents.empty() &&
        merged.source_strides.back() == extent * move.source_strides[i] &&
        merged.target_strides.back() == extent * move.target_strides[i]) {
      merged.extents.back() *= extent;
      merged.source_strides.back() = move.source_strides[i];
      merged.target_strides.back() = move.target_strides[i];
      continue;
    }
    merged.extents.push_back(extent);
    merged.source_strides.push_back(move.source_strides[i]);
    merged.target_strides.push_back(move.target_strides[i]);
  }
  while (merged.extents.size() < 2) {
    merged.extents.insert(merged.extents.begin(), 1);
    merged.source_strides.insert(merged.source_strides.begin(), 0);
    merged.target_strides.insert(merged.target_strides.begin(), 0);
  }
  move = merged;
}

class MoverKernel final : public Kernel {
 public:
  MoverKernel(std::string implementation, std::vector<Move> moves, DataType type)
      : implementation_(std::move(implementation)), moves_(std::move(moves)), type_(type) {}

  const std::string& implementation() const override { return implementation_; }
  absl::StatusOr<std::unique_ptr<BoundKernel>> Bind(KernelArguments arguments) const override;

 private:
  friend class BoundMover;
  const std::string implementation_;
  const std::vector<Move> moves_;
  const DataType type_;
};

// The kernel outlives it (a plan outlives its instances).
class BoundMover final : public BoundKernel {
 public:
  BoundMover(const MoverKernel& kernel, KernelArguments arguments)
      : kernel_(kernel), arguments_(std::move(arguments)) {}

  absl::Status Run() override {
    for (const Move& move : kernel_.moves_) {
      const void* source = move.input == Move::kZeros ? nullptr : arguments_.inputs[move.input];
      RunMove(move, kernel_.type_, source, arguments_.outputs[move.output]);
    }
    return absl::OkStatus();
  }

 private:
  const MoverKernel& kernel_;
  const KernelArguments arguments_;
};

absl::StatusOr<std::unique_ptr<BoundKernel>> MoverKernel::Bind(KernelArguments arguments) const {
  return std::unique_ptr<BoundKernel>(new BoundMover(*this, std::move(arguments)));
}

}  // namespace

Dims LayoutStrides(const Shape& shape, Layout layout) {
  if (layout == Layout::kRowMajor || shape.rank() < 3) {
    return shape.Strides();
  }
  Dims strides(shape.rank());
  int64_t stride = shape[1];
  for (int axis = shape.rank() - 1; axis >= 2; --axis) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  strides[1] = 1;
  strides[0] = stride;
  return strides;
}

Move Normalized(Move move) {
  std::vector<int> order(move.extents.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return std::abs(move.target_strides[a]) > std::abs(move.target_strides[b]);
  });
  Reorder(move, order);
  MergeAxes(move);
  // The axis along which the source runs becomes the second last: CopyRows tiles the last two.
  const int last = static_cast<int>(move.extents.size()) - 1;
  if (move.source_strides[last] != 1) {
    for (int axis = 0; axis < last - 1; ++axis) {
      if (move.source_strides[axis] == 1 && move.extents[axis] > 1) {
        std::vector<int> with_source(move.extents.size());
        std::iota(with_source.begin(), with_source.end(), 0);
        std::rotate(with_source.begin() + axis, with_source.begin() + axis + 1,
                    with_source.begin() + last);
        Reorder(move, with_source);
        break;
      }
    }
  }
  return move;
}

void RunMove(const Move& move, DataType type, const void* source, void* target) {
  for (int64_t extent : move.extents) {
    if (extent == 0) {
      return;
    }
  }
  if (type == DataType::kString) {
    return RunTyped<std::string>(move, source, target);
  }
  switch (ElementSize(type)) {
    case 1:
      return RunTyped<uint8_t>(move, source, target);
    case 2:
      return RunTyped<uint16_t>(move, source, target);
    case 4:
      return RunTyped<uint32_t>(move, source, target);
    default:
      return RunTyped<uint64_t>(move, source, target);
  }
}

absl::Status RunMoves(const ReferenceContext& context, MovePlanner planner) {
  const OpArguments arguments(context);
  Placement placement;
  for (int i = 0; i < context.num_inputs(); ++i) {
    placement.inputs.push_back(context.input(i).shape().Strides());
  }
  for (int i = 0; i < context.num_outputs(); ++i) {
    placement.outputs.push_back(context.output(i).shape().Strides());
    placement.output_shapes.push_back(context.output(i).shape());
  }
  DNND_ASSIGN_OR_RETURN(std::vector<Move> moves, planner(arguments, placement));
  for (Move& move : moves) {
    if (!context.has_output(move.output)) {
      continue;
    }
    const void* source = move.input == Move::kZeros ? nullptr : context.input(move.input).raw();
    RunMove(Normalized(std::move(move)), context.output(move.output).type(), source,
            context.output(move.output).raw());
  }
  return absl::OkStatus();
}

std::vector<Candidate> MoverCandidates(const CompileContext& context, int first_parameter) {
  const int activations = std::min(context.num_inputs(), first_parameter);
  bool has_channels = true;
  for (int i = 0; i < activations; ++i) {
    const int rank = context.input_shape(i).rank();
    has_channels = has_channels && rank >= 3 && rank <= 5;
  }
  for (int i = 0; i < context.num_outputs(); ++i) {
    if (context.has_output(i)) {
      const int rank = context.output_shape(i).rank();
      has_channels = has_channels && rank >= 3 && rank <= 5;
    }
  }
  const auto candidate = [&](Layout layout) {
    Candidate result;
    result.name = std::string(LayoutName(layout));
    result.inputs.assign(context.num_inputs(), Layout::kRowMajor);
    std::fill_n(result.inputs.begin(), activations, layout);
    result.outputs.assign(context.num_outputs(), layout);
    return result;
  };
  std::vector<Candidate> candidates;
  if (has_channels) {
    candidates.push_back(candidate(Layout::kChannelsLast));
  }
  candidates.push_back(candidate(Layout::kRowMajor));
  return candidates;
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileMoves(const CompileContext& context,
                                                     const Candidate& candidate,
                                                     MovePlanner planner) {
  if (context.input(0).type == DataType::kString) {
    return absl::UnimplementedError("strings are moved by the reference kernel");
  }
  const OpArguments arguments(context);
  Placement placement;
  for (int i = 0; i < context.num_inputs(); ++i) {
    placement.inputs.push_back(
        context.has_input(i) ? LayoutStrides(context.input_shape(i), candidate.inputs[i]) : Dims());
  }
  for (int i = 0; i < context.num_outputs(); ++i) {
    const Shape shape = context.has_output(i) ? context.output_shape(i) : Shape();
    placement.outputs.push_back(LayoutStrides(shape, candidate.outputs[i]));
    placement.output_shapes.push_back(shape);
  }
  DNND_ASSIGN_OR_RETURN(const std::vector<Move> planned, planner(arguments, placement));
  std::vector<Move> moves;
  for (const Move& move : planned) {
    if (context.has_output(move.output)) {
      moves.push_back(Normalized(move));
    }
  }
  return std::unique_ptr<Kernel>(
      new MoverKernel("mover:" + candidate.name, std::move(moves), context.input(0).type));
}

}  // namespace dnnd::engine
