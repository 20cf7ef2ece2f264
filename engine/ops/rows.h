// Where the rows of a batch lie in the arguments of an operator, and whether it keeps them apart.
#ifndef DNND_ENGINE_OPS_ROWS_H_
#define DNND_ENGINE_OPS_ROWS_H_

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// Position p of `axis` belongs to row p / inner % rows: `inner` is 1 unless a reshape merged the
// axis of the batch with others.
struct RowAxis {
  int axis = 0;
  int64_t inner = 1;

  friend bool operator==(const RowAxis& a, const RowAxis& b) {
    return a.axis == b.axis && a.inner == b.inner;
  }
};

// For OpDef::rows: a node of a graph that is specialised for some number of rows.
class RowsContext : public NodeContext {
 public:
  // `rows` is by input: where its rows lie, or nothing for one that no row has a part in.
  // `same_for_all(i, axis)` says of such an input whether it is the same for every row and for
  // every number of rows, with its axis `axis` along the rows (-1: none of them is).
  RowsContext(const Node& node, absl::Span<const TensorType> inputs,
              absl::Span<const Tensor* const> constants, absl::Span<const TensorType> outputs,
              absl::Span<const std::optional<RowAxis>> rows, int64_t num_rows,
              absl::FunctionRef<bool(int, int)> same_for_all)
      : NodeContext(node, inputs, constants),
        outputs_(outputs),
        rows_(rows),
        num_rows_(num_rows),
        same_for_all_(same_for_all) {}

  const std::optional<RowAxis>& rows(int i) const { return rows_[i]; }
  int64_t num_rows() const { return num_rows_; }
  const Shape& output_shape(int i) const { return outputs_[i].shape; }

  // An error unless input i is absent, or holds no rows and is the same for all of them.
  absl::Status CheckShared(int i, int axis = -1) const;
  // The same for every input but `except`.
  absl::Status CheckOthersShared(int except) const;

 private:
  absl::Span<const TensorType> outputs_;
  absl::Span<const std::optional<RowAxis>> rows_;
  int64_t num_rows_;
  absl::FunctionRef<bool(int, int)> same_for_all_;
};

// The rules that several operators share. Each is an OpDef::rows.

// Every element of the result comes from the elements at its place, broadcast.
absl::StatusOr<RowAxis> RowsOfBroadcast(const RowsContext& context);
// The elements in the same order under another shape.
absl::StatusOr<RowAxis> RowsOfView(const RowsContext& context);
// Input 0 is [n,c,…] and each n is worked on by itself, with the same parameters.
absl::StatusOr<RowAxis> RowsOfPictures(const RowsContext& context);

// For operators that work along some axes of input 0 and nothing else: its rows, or an error where
// they lie on `axis`, respectively on one from `first` on; and unless the other inputs are shared.
absl::StatusOr<RowAxis> RowsOffAxis(const RowsContext& context, int axis);
absl::StatusOr<RowAxis> RowsBeforeAxis(const RowsContext& context, int first);

// What the rules say when rows are mixed.
absl::Status RowsMix();

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_ROWS_H_
