#include "engine/ops/strided_copy.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

// Elements below which waking a team costs more than it saves; also what one unit of work moves.
constexpr int64_t kUnitElements = 16 * 1024;
// The edge of a transposed tile: one cache line of 4-byte elements, so that each line of the source
// is read once, even where a power of two as stride maps them all to one set of the cache.
constexpr int64_t kTile = 16;

// A rectangle of the last two axes of a move.
struct Block {
  int64_t rows;
  int64_t columns;
  int64_t source_row;
  int64_t source_column;
  int64_t target_row;
  int64_t target_column;
};

template <typename T>
void CopyPlain(const Block& b, const T* source, T* target) {
  for (int64_t row = 0; row < b.rows; ++row) {
    const T* from = source + row * b.source_row;
    T* to = target + row * b.target_row;
    if (b.source_column == 1 && b.target_column == 1) {
      std::copy_n(from, b.columns, to);
    } else if (b.source_column == 0 && b.target_column == 1) {
      std::fill_n(to, b.columns, *from);
    } else {
      for (int64_t column = 0; column < b.columns; ++column) {
        to[column * b.target_column] = from[column * b.source_column];
      }
    }
  }
}

// Rows of a few elements, where a call for each row would cost more than the copy.
template <int kColumns, typename T>
void CopyNarrow(const Block& b, const T* source, T* target) {
  for (int64_t row = 0; row < b.rows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      target[column * b.target_column] = source[column * b.source_column];
    }
    source += b.source_row;
    target += b.target_row;
  }
}

// The source runs along the rows, the target along the columns.
template <typename T>
void CopyTransposed(const Block& b, const T* source, T* target) {
  Vectorized([=]() DNND_VECTOR_BODY {
    T tile[kTile][kTile];
    for (int64_t column = 0; column < b.columns; column += kTile) {
      const int64_t columns = std::min(kTile, b.columns - column);
      for (int64_t row = 0; row < b.rows; row += kTile) {
        const int64_t rows = std::min(kTile, b.rows - row);
        const T* from = source + column * b.source_column + row;
        T* to = target + row * b.target_row + column;
        if (rows == kTile && columns == kTile) {
          for (int64_t c = 0; c < kTile; ++c) {
            for (int64_t r = 0; r < kTile; ++r) {
              tile[c][r] = from[c * b.source_column + r];
            }
          }
          for (int64_t r = 0; r < kTile; ++r) {
            for (int64_t c = 0; c < kTile; ++c) {
              to[r * b.target_row + c] = tile[c][r];
            }
          }
          continue;
        }
        for (int64_t r = 0; r < rows; ++r) {
          for (int64_t c = 0; c < columns; ++c) {
            to[r * b.target_row + c] = from[c * b.source_column + r];
          }
        }
      }
    }
  });
}

template <typename T>
void FillZeros(const Block& b, T* target) {
  const T zero = T();
  Block from_one = b;
  from_one.source_row = 0;
  from_one.source_column = 0;
  CopyPlain(from_one, &zero, target);
}

template <typename T>
void CopyBlock(const Block& b, const T* source, T* target) {
  if (source == nullptr) {
    return FillZeros(b, target);
  }
  if constexpr (std::is_trivial_v<T>) {
    if (b.source_row == 1 && b.source_column != 1 && b.target_column == 1 && b.columns >= kTile) {
      return CopyTransposed(b, source, target);
    }
  }
  switch (b.columns) {
    case 1:
      return CopyNarrow<1>(b, source, target);
    case 2:
      return CopyNarrow<2>(b, source, target);
    case 3:
      return CopyNarrow<3>(b, source, target);
    case 4:
      return CopyNarrow<4>(b, source, target);
    default:
      return CopyPlain(b, source, target);
  }
}

// How a move is cut into units of about kUnitElements.
struct Units {
  explicit Units(const Move& move) {
    const int last = static_cast<int>(move.extents.size()) - 1;
    const int64_t rows = move.extents[last - 1];
    const int64_t columns = move.extents[last];
    block_columns = std::clamp<int64_t>(columns, 1, kUnitElements);
    block_rows = std::clamp<int64_t>(kUnitElements / block_columns, 1, std::max<int64_t>(rows, 1));
    // Whole tiles, for transpositions.
    block_rows = std::max(block_rows, std::min(rows, kTile));
    row_blocks = (rows + block_rows - 1) / block_rows;
    column_blocks = (columns + block_columns - 1) / block_columns;
    count = row_blocks * column_blocks;
    for (int axis = 0; axis < last - 1; ++axis) {
      count *= move.extents[axis];
    }
  }
  int64_t block_rows;
  int64_t block_columns;
  int64_t row_blocks;
  int64_t column_blocks;
  int64_t count;  // 0 where an extent is 0
};

template <typename T>
void RunUnit(const Move& move, const Units& units, int64_t unit, const T* source, T* target) {
  const int last = static_cast<int>(move.extents.size()) - 1;
  const int64_t first_column = unit % units.column_blocks * units.block_columns;
  unit /= units.column_blocks;
  const int64_t first_row = unit % units.row_blocks * units.block_rows;
  unit /= units.row_blocks;
  Block block;
  block.rows = std::min(units.block_rows, move.extents[last - 1] - first_row);
  block.columns = std::min(units.block_columns, move.extents[last] - first_column);
  block.source_row = move.source_strides[last - 1];
  block.source_column = move.source_strides[last];
  block.target_row = move.target_strides[last - 1];
  block.target_column = move.target_strides[last];
  int64_t from =
      move.source_offset + first_row * block.source_row + first_column * block.source_column;
  int64_t to =
      move.target_offset + first_row * block.target_row + first_column * block.target_column;
  for (int axis = last - 2; axis >= 0; --axis) {
    const int64_t index = unit % move.extents[axis];
    unit /= move.extents[axis];
    from += index * move.source_strides[axis];
    to += index * move.target_strides[axis];
  }
  CopyBlock(block, source == nullptr ? nullptr : source + from, target + to);
}

// Every thread takes its share of each move.
template <typename T>
void RunTyped(absl::Span<const Move> moves, absl::Span<const void* const> inputs,
              absl::Span<void* const> outputs) {
  int64_t elements = 0;
  for (const Move& move : moves) {
    elements += std::accumulate(move.extents.begin(), move.extents.end(), int64_t{1},
                                std::multiplies<int64_t>());
  }
  const int64_t shares = std::max<int64_t>(elements / kUnitElements, 1);
  ParallelFor(shares, 1, [&](int64_t begin, int64_t end) {
    for (const Move& move : moves) {
      const Units units(move);
      const T* source =
          move.input == Move::kZeros ? nullptr : static_cast<const T*>(inputs[move.input]);
      for (int64_t u = units.count * begin / shares; u < units.count * end / shares; ++u) {
        RunUnit(move, units, u, source, static_cast<T*>(outputs[move.output]));
      }
    }
  });
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

// Makes the axis along which the source runs the second last, unless it is among the last two.
void BringSourceInward(Move& move) {
  const int last = static_cast<int>(move.extents.size()) - 1;
  if (move.source_strides[last] == 1 || move.input == Move::kZeros) {
    return;
  }
  for (int axis = 0; axis < last - 1; ++axis) {
    if (move.source_strides[axis] == 1 && move.extents[axis] > 1) {
      std::vector<int> order(move.extents.size());
      std::iota(order.begin(), order.end(), 0);
      std::rotate(order.begin() + axis, order.begin() + axis + 1, order.begin() + last);
      Reorder(move, order);
      return;
    }
  }
}

}  // namespace

Move Normalized(Move move) {
  std::vector<int> order(move.extents.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return std::abs(move.target_strides[a]) > std::abs(move.target_strides[b]);
  });
  Reorder(move, order);
  MergeAxes(move);
  BringSourceInward(move);
  return move;
}

void RunMoves(absl::Span<const Move> moves, DataType type, absl::Span<const void* const> inputs,
              absl::Span<void* const> outputs) {
  DispatchBySize(type, [&]<typename T>() { RunTyped<T>(moves, inputs, outputs); });
}

}  // namespace dnnd::engine
