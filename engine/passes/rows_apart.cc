#include "engine/passes/rows_apart.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/interpret.h"
#include "engine/ops/op_def.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// More than any shape, list of axes or of scales has.
constexpr int64_t kFewElements = 64;

// Whether every slab of `tensor` along `axis` has the same elements.
bool SlabsAreEqual(const Tensor& tensor, int axis) {
  if (tensor.type() == DataType::kString || tensor.num_elements() == 0) {
    return false;
  }
  const Shape& shape = tensor.shape();
  const int64_t slab = shape.Product(axis + 1, shape.rank()) * ElementSize(tensor.type());
  const char* bytes = tensor.data<char>();
  for (int64_t i = 0; i < shape.Product(0, axis) * shape[axis]; ++i) {
    const int64_t first = i / shape[axis] * shape[axis];
    if (std::memcmp(bytes + i * slab, bytes + first * slab, slab) != 0) {
      return false;
    }
  }
  return true;
}

bool AreEqual(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() && a.shape() == b.shape() && a.type() != DataType::kString &&
         (a.data<void>() == b.data<void>() ||
          std::memcmp(a.data<void>(), b.data<void>(), a.num_bytes()) == 0);
}

// Follows the rows through `many`, node by node. Both graphs are copies of one and took the same
// branches, so that ids are the same in both.
class RowFollower {
 public:
  RowFollower(const Graph& one, const Graph& many, int64_t num_rows)
      : one_(one),
        many_(many),
        num_rows_(num_rows),
        rows_(many.values.size()),
        fixed_(many.values.size(), false),
        repeated_(many.values.size(), 0) {}

  absl::Status Run() {
    for (size_t id = 0; id < many_.values.size(); ++id) {
      fixed_[id] = many_.values[id].constant.has_value() && IsFixedConstant(id);
    }
    for (ValueId input : many_.inputs) {
      rows_[input] = RowAxis();
      DNND_RETURN_IF_ERROR(CheckExtents(input));
    }
    for (const Node& node : many_.nodes) {
      const absl::Status status = Follow(node);
      if (!status.ok()) {
        return Annotate(status, Describe(node));
      }
    }
    for (ValueId output : many_.outputs) {
      const bool apart = rows_[output].has_value() ? *rows_[output] == RowAxis()
                                                   : IsSameForAll(output, /*axis=*/0);
      if (!apart) {
        return absl::UnimplementedError(absl::StrCat("output \"", many_.value(output).name,
                                                     "\" does not hold one row after the other"));
      }
    }
    return absl::OkStatus();
  }

 private:
  // A constant of the model, or one computed from shapes that came out alike for one row.
  bool IsFixedConstant(ValueId id) const {
    const Tensor* elements = many_.value(id).constant->in_memory();
    if (elements == nullptr) {
      return true;
    }
    const std::optional<Constant>& constant = one_.value(id).constant;
    const Tensor* alone = constant.has_value() ? constant->in_memory() : nullptr;
    return alone != nullptr && (AreEqual(*alone, *elements) || IsRepeated(*alone, *elements));
  }

  // Whether `many` is `alone` once for each row, one after the other.
  bool IsRepeated(const Tensor& alone, const Tensor& many) const {
    const Shape& shape = alone.shape();
    int axis = 0;
    while (axis < shape.rank() && shape[axis] == 1 && axis < many.shape().rank() &&
           many.shape()[axis] == 1) {
      ++axis;
    }
    return axis < shape.rank() && many.shape() == shape.WithDim(axis, shape[axis] * num_rows_) &&
           shape[axis] == 1 && SlabsAreEqual(many, axis) &&
           std::memcmp(many.data<void>(), alone.data<void>(), alone.num_bytes()) == 0;
  }

  // Whether a value that holds no rows is the same for every row and every number of them, with
  // `axis` along the rows (negative: none is).
  bool IsSameForAll(ValueId id, int axis) const {
    if (!fixed_[id]) {
      return false;
    }
    const Value& value = many_.value(id);
    if (axis < 0 || (*value.shape)[axis] == 1 || (repeated_[id] >> axis & 1) != 0) {
      return true;
    }
    const Tensor* elements = value.constant.has_value() ? value.constant->in_memory() : nullptr;
    return elements != nullptr && SlabsAreEqual(*elements, axis);
  }

  // Every extent is that for one row, but the one that the rows lie on.
  absl::Status CheckExtents(ValueId id) const {
    const Shape& alone = *one_.value(id).shape;
    const Shape& together = *many_.value(id).shape;
    const int axis = rows_[id]->axis;
    if (axis >= alone.rank() || alone.rank() != together.rank() ||
        together != alone.WithDim(axis, alone[axis] * num_rows_)) {
      return absl::UnimplementedError(absl::StrCat("\"", many_.value(id).name, "\" is ",
                                                   alone.ToString(), " for one row and ",
                                                   together.ToString(), " for ", num_rows_));
    }
    return absl::OkStatus();
  }

  absl::Status Follow(const Node& node) {
    const bool any = std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
      return id != kNoValue && rows_[id].has_value();
    });
    if (!any) {
      FollowShared(node);
      return absl::OkStatus();
    }
    const OpDef* row = FindOp(node.op);
    if (row == nullptr || row->rows == nullptr) {
      return absl::UnimplementedError("not known to keep rows apart");
    }
    DNND_ASSIGN_OR_RETURN(const RowAxis rows, Apply(*row, node));
    for (ValueId output : node.outputs) {
      if (output != kNoValue) {
        rows_[output] = rows;
        DNND_RETURN_IF_ERROR(CheckExtents(output));
      }
    }
    return absl::OkStatus();
  }

  // A node that computes from constants alone.
  void FollowShared(const Node& node) {
    const bool expands = node.op == "Expand" || node.op == "ConstantOfShape";
    bool fixed = true;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const bool extents = expands && i + 1 == node.inputs.size();
      fixed = fixed && (extents || node.inputs[i] == kNoValue || fixed_[node.inputs[i]]);
    }
    for (ValueId output : node.outputs) {
      if (output != kNoValue) {
        fixed_[output] = fixed;
        repeated_[output] = expands ? RepeatedAxes(node) : 0;
      }
    }
  }

  // One bit for each axis along which an Expand or a ConstantOfShape repeats itself.
  uint32_t RepeatedAxes(const Node& node) const {
    uint32_t axes = 0;
    const Shape& to = *many_.value(node.outputs[0]).shape;
    for (int axis = 0; axis < to.rank(); ++axis) {
      const Shape& from = *many_.value(node.inputs[0]).shape;
      const int own = axis - (to.rank() - from.rank());
      const bool repeats = node.op == "ConstantOfShape" || own < 0 || from[own] == 1;
      axes |= repeats ? uint32_t{1} << axis : 0;
    }
    return axes;
  }

  // The few elements that a value has whatever the inputs are; null where they are not known.
  const Tensor* KnownElements(ValueId id) {
    const Value& value = many_.value(id);
    if (value.constant.has_value()) {
      return value.constant->in_memory();
    }
    if (!fixed_[id] || value.shape->num_elements() > kFewElements) {
      return nullptr;
    }
    if (const auto found = evaluated_.find(id); found != evaluated_.end()) {
      return &found->second;
    }
    absl::StatusOr<Tensor> elements = EvaluateConstant(many_, id);
    return elements.ok() ? &evaluated_.emplace(id, *std::move(elements)).first->second : nullptr;
  }

  absl::StatusOr<RowAxis> Apply(const OpDef& row, const Node& node) {
    std::vector<TensorType> inputs;
    std::vector<TensorType> outputs;
    std::vector<const Tensor*> constants;
    std::vector<std::optional<RowAxis>> rows;
    for (ValueId id : node.inputs) {
      const Value* value = id == kNoValue ? nullptr : &many_.value(id);
      inputs.push_back(value == nullptr ? TensorType() : value->tensor_type());
      rows.push_back(value == nullptr ? std::nullopt : rows_[id]);
      constants.push_back(value == nullptr ? nullptr : KnownElements(id));
    }
    for (ValueId id : node.outputs) {
      outputs.push_back(id == kNoValue ? TensorType() : many_.value(id).tensor_type());
    }
    const auto same_for_all = [&](int i, int axis) { return IsSameForAll(node.inputs[i], axis); };
    return row.rows(RowsContext(node, inputs, constants, outputs, rows, num_rows_, same_for_all));
  }

  const Graph& one_;
  const Graph& many_;
  const int64_t num_rows_;
  std::vector<std::optional<RowAxis>> rows_;  // by value: nothing where it holds no rows
  std::vector<bool> fixed_;                   // by value: the same for any number of rows
  std::vector<uint32_t> repeated_;            // by value: RepeatedAxes
  std::map<ValueId, Tensor> evaluated_;       // KnownElements of what recipes compute
};

}  // namespace

absl::Status CheckRowsApart(const Graph& one, const Graph& many, int64_t num_rows) {
  if (one.inlined != many.inlined) {
    return absl::UnimplementedError(absl::StrCat(num_rows, " rows take another branch than one"));
  }
  return RowFollower(one, many, num_rows).Run();
}

}  // namespace dnnd::engine
