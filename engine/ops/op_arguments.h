// The arguments of a node seen alike at every stage, so that an operator reads its shapes, axes and
// sizes in one function, whether to infer, to plan a kernel, or to run the reference kernel.
#ifndef DNND_ENGINE_OPS_OP_ARGUMENTS_H_
#define DNND_ENGINE_OPS_OP_ARGUMENTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// A short-lived view of a context, which must outlive it. Not thread-safe.
class OpArguments {
 public:
  explicit OpArguments(const NodeContext& context);
  explicit OpArguments(const ReferenceContext& context);

  const Node& node() const { return node_; }
  const Attributes& attributes() const { return node_.attributes; }
  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  int num_outputs() const { return static_cast<int>(node_.outputs.size()); }
  bool has_input(int i) const {
    return i < num_inputs() && inputs_[i].type != DataType::kUndefined;
  }
  // REQUIRES: has_input(i).
  const TensorType& input(int i) const { return inputs_[i]; }
  const Shape& input_shape(int i) const { return inputs_[i].shape; }

  // The elements of an integer argument (axes, sizes …). UnknownElementsError when they are not
  // known before the graph runs, INVALID_ARGUMENT when they are not integers. REQUIRES:
  // has_input(i).
  absl::StatusOr<Dims> Int64s(int i) const;
  // The same, or `absent` when the node has no input i.
  absl::StatusOr<Dims> Int64sOr(int i, Dims absent) const;
  // The elements of a float32 argument; errors as above. REQUIRES: has_input(i).
  absl::StatusOr<std::vector<float>> Floats(int i) const;

  // Attribute `name` as an axis of input 0, non-negative. INVALID_ARGUMENT outside its rank.
  absl::StatusOr<int> Axis(absl::string_view name, int64_t absent) const;

 private:
  absl::Status CheckKnown(int i) const;

  const Node& node_;
  std::vector<TensorType> inputs_;
  std::vector<TensorView> known_;  // null data where the elements are not known
};

// UNIMPLEMENTED: input i decides a shape but is not known before the graph runs. What OpDef::infer
// returns then, and what tells such an error apart from others.
absl::Status UnknownElementsError(int i);
bool IsUnknownElements(const absl::Status& status);

// `axes` of a tensor of `rank`, non-negative. INVALID_ARGUMENT outside the rank or where one is
// named twice.
absl::StatusOr<std::vector<int>> NormalizeAxes(absl::Span<const int64_t> axes, int rank);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_OP_ARGUMENTS_H_
