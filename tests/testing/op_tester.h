// Runs one node by itself: shape inference, then the reference kernel.
#ifndef DNND_TESTS_TESTING_OP_TESTER_H_
#define DNND_TESTS_TESTING_OP_TESTER_H_

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/status.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// Inputs are known constants to shape inference unless said otherwise. Use once.
//   OpTester("Add").Input<float>({2}, {1, 2}).Input<float>({1}, {3}).Run()
class OpTester {
 public:
  explicit OpTester(std::string op) : row_(FindOp(op)) {
    node_.op = op;
    node_.name = std::move(op);
  }

  OpTester& Attribute(std::string name, engine::Attribute value) {
    node_.attributes.Set(std::move(name), std::move(value));
    return *this;
  }
  OpTester& Ints(std::string name, std::vector<int64_t> values) {
    return Attribute(std::move(name), std::move(values));
  }
  OpTester& Int(std::string name, int64_t value) { return Attribute(std::move(name), value); }
  OpTester& Float(std::string name, float value) { return Attribute(std::move(name), value); }
  OpTester& String(std::string name, std::string value) {
    return Attribute(std::move(name), std::move(value));
  }
  OpTester& Input(Tensor tensor) {
    node_.inputs.push_back(static_cast<ValueId>(inputs_.size()));
    inputs_.push_back(std::move(tensor));
    known_.push_back(true);
    return *this;
  }
  template <typename T>
  OpTester& Input(const Shape& shape, const std::vector<T>& values) {
    return Input(Tensor::Of<T>(shape, values));
  }
  // The last input's elements are not known when shapes are inferred.
  OpTester& Unknown() {
    known_.back() = false;
    return *this;
  }
  // An optional input that is absent.
  OpTester& Absent() {
    node_.inputs.push_back(kNoValue);
    inputs_.emplace_back();
    known_.push_back(false);
    return *this;
  }
  OpTester& Outputs(int count) {
    num_outputs_ = count;
    return *this;
  }
  OpTester& Fused(const PostOp& post_op) {
    node_.post_ops.push_back(post_op);
    return *this;
  }

  // The types of the outputs, or what inference says against them.
  absl::StatusOr<std::vector<TensorType>> Infer() {
    if (row_ == nullptr) {
      return absl::NotFoundError(absl::StrCat("no operator ", node_.op));
    }
    for (int i = 0; i < num_outputs_; ++i) {
      node_.outputs.push_back(1000 + i);
    }
    std::vector<TensorType> types;
    std::vector<const Tensor*> constants;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      types.push_back(inputs_[i].tensor_type());
      constants.push_back(known_[i] ? &inputs_[i] : nullptr);
    }
    InferContext context(node_, types, constants);
    DNND_RETURN_IF_ERROR(row_->infer(context));
    return context.outputs();
  }

  absl::StatusOr<std::vector<Tensor>> RunAll() {
    if (row_ != nullptr && row_->evaluate != nullptr) {
      node_.outputs.assign(num_outputs_, 1000);
      return row_->evaluate(node_, inputs_);
    }
    DNND_ASSIGN_OR_RETURN(const std::vector<TensorType> types, Infer());
    std::vector<Tensor> outputs;
    std::vector<MutableTensorView> output_views;
    for (const TensorType& type : types) {
      DNND_ASSIGN_OR_RETURN(Tensor output, Tensor::Create(type.type, type.shape));
      outputs.push_back(std::move(output));
      output_views.push_back(outputs.back().mutable_view());
    }
    std::vector<TensorView> input_views;
    for (const Tensor& input : inputs_) {
      input_views.push_back(input.view());
    }
    DNND_RETURN_IF_ERROR(row_->reference(ReferenceContext(node_, input_views, output_views)));
    return outputs;
  }

  // The first output.
  absl::StatusOr<Tensor> Run() {
    DNND_ASSIGN_OR_RETURN(std::vector<Tensor> outputs, RunAll());
    return outputs.front();
  }

 private:
  const OpDef* row_;
  Node node_;
  std::vector<Tensor> inputs_;
  std::vector<bool> known_;
  int num_outputs_ = 1;
};

// That `got` is a tensor of exactly this type, shape and these elements, but for `tolerance` in
// floating point (absolute; NaN and infinities must be the same).
template <typename T>
void ExpectTensor(const absl::StatusOr<Tensor>& got, const Shape& shape,
                  const std::vector<T>& elements, double tolerance = 0) {
  ASSERT_TRUE(got.ok()) << got.status();
  ASSERT_EQ(got->type(), DataTypeOf<T>::value);
  ASSERT_EQ(got->shape().ToString(), shape.ToString());
  ASSERT_EQ(static_cast<int64_t>(elements.size()), got->num_elements());
  for (size_t i = 0; i < elements.size(); ++i) {
    const T value = got->data<T>()[i];
    const bool same = value == elements[i] || (value != value && elements[i] != elements[i]);
    if constexpr (std::is_floating_point_v<T>) {
      EXPECT_TRUE(same || std::abs(value - elements[i]) <= tolerance)
          << "element " << i << " is " << value << ", want " << elements[i];
    } else {
      EXPECT_TRUE(same) << "element " << i << " differs";
    }
  }
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_TESTING_OP_TESTER_H_
