// Compiles every candidate of one node and runs it beside the reference kernel.
#ifndef DNND_TESTS_TESTING_CANDIDATE_RUNNER_H_
#define DNND_TESTS_TESTING_CANDIDATE_RUNNER_H_

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/aligned_buffer.h"
#include "engine/base/status.h"
#include "engine/onednn/reorder.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// A node with random f32 activations and constants, or integer constants as given.
struct CandidateCase {
  struct Argument {
    Shape shape;
    bool constant = false;
    std::vector<int64_t> integers = {};  // not empty: an int64 constant
  };
  std::string op;
  std::vector<std::pair<std::string, Attribute>> attributes;
  std::vector<Argument> inputs;
  std::vector<std::string> served;  // candidates that must compile
  std::vector<PostOp> post_ops = {};
  float lowest = -2;  // of the random numbers
};

// Not thread-safe. Create, then RunCandidate for each of candidates().
class CandidateRunner {
 public:
  static absl::StatusOr<std::unique_ptr<CandidateRunner>> Create(const CandidateCase& c) {
    auto runner = std::unique_ptr<CandidateRunner>(new CandidateRunner(c));
    DNND_RETURN_IF_ERROR(runner->Prepare());
    return runner;
  }

  const OpDef& row() const { return *row_; }
  const Tensor& expected(int output) const { return expected_[output]; }
  std::vector<Candidate> Candidates() const {
    return row_->candidates == nullptr ? std::vector<Candidate>() : row_->candidates(Context());
  }

  // Output 0, row-major. `in_place`: the output takes the memory of the input that the kernel
  // names; NOT_FOUND when it names none.
  absl::StatusOr<Tensor> RunCandidate(const Candidate& candidate, bool in_place) {
    DNND_ASSIGN_OR_RETURN(const std::unique_ptr<Kernel> kernel,
                          row_->compile(Context(), candidate));
    const std::optional<InPlace> shares = kernel->in_place();
    if (in_place && !shares.has_value()) {
      return absl::NotFoundError("the kernel does not work in place");
    }
    std::vector<AlignedBuffer> buffers;
    KernelArguments arguments;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      DNND_ASSIGN_OR_RETURN(AlignedBuffer buffer, PlaceInput(*kernel, candidate, i));
      arguments.inputs.push_back(inputs_[i].defined() ? buffer.data() : nullptr);
      buffers.push_back(std::move(buffer));
    }
    const Layout layout = LayoutAt(candidate.outputs, 0);
    const int64_t bytes = LayoutBytes(output_types_[0], layout);
    DNND_ASSIGN_OR_RETURN(AlignedBuffer output, AlignedBuffer::Create(bytes));
    std::memset(output.data(), 0xff, bytes);  // NaN: what is not written shows
    void* target = output.data();
    if (shares.has_value() && (in_place || shares->required)) {
      target = buffers[shares->input].data();
    }
    arguments.outputs.push_back(target);
    DNND_ASSIGN_OR_RETURN(AlignedBuffer scratchpad,
                          AlignedBuffer::Create(kernel->scratchpad_bytes()));
    arguments.scratchpad = scratchpad.data();
    DNND_ASSIGN_OR_RETURN(const std::unique_ptr<BoundKernel> bound, kernel->Bind(arguments));
    DNND_RETURN_IF_ERROR(bound->Run());
    return ToRowMajor(output_types_[0], layout, target);
  }

 private:
  explicit CandidateRunner(const CandidateCase& c) : case_(c), row_(FindOp(c.op)) {}

  static Layout LayoutAt(const std::vector<Layout>& layouts, size_t i) {
    return i < layouts.size() ? layouts[i] : Layout::kRowMajor;
  }

  CompileContext Context() const {
    return CompileContext(node_, input_types_, constants_, output_types_, is_constant_, 2);
  }

  absl::Status Prepare() {
    if (row_ == nullptr) {
      return absl::NotFoundError(absl::StrCat("no operator ", case_.op));
    }
    node_.op = case_.op;
    node_.post_ops = case_.post_ops;
    node_.outputs = {1000};
    for (const auto& [name, value] : case_.attributes) {
      node_.attributes.Set(name, value);
    }
    std::mt19937 random(17);
    std::uniform_real_distribution<float> uniform(case_.lowest, 2);
    for (const CandidateCase::Argument& argument : case_.inputs) {
      node_.inputs.push_back(static_cast<ValueId>(inputs_.size()));
      std::vector<float> values(argument.shape.num_elements());
      for (float& value : values) {
        value = uniform(random);
      }
      inputs_.push_back(argument.integers.empty() ? Tensor::Of<float>(argument.shape, values)
                                                  : Tensor::Int64s(argument.integers));
      is_constant_.push_back(argument.constant);
    }
    for (size_t i = 0; i < inputs_.size(); ++i) {
      input_types_.push_back(inputs_[i].tensor_type());
      constants_.push_back(is_constant_[i] ? &inputs_[i] : nullptr);
    }
    InferContext infer(node_, input_types_, constants_);
    DNND_RETURN_IF_ERROR(row_->infer(infer));
    output_types_ = infer.outputs();
    return RunReference();
  }

  absl::Status RunReference() {
    std::vector<TensorView> views;
    for (const Tensor& input : inputs_) {
      views.push_back(input.view());
    }
    std::vector<MutableTensorView> outputs;
    for (const TensorType& type : output_types_) {
      DNND_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Create(type.type, type.shape));
      expected_.push_back(std::move(tensor));
      outputs.push_back(expected_.back().mutable_view());
    }
    return row_->reference(ReferenceContext(node_, views, outputs));
  }

  absl::StatusOr<AlignedBuffer> PlaceInput(const Kernel& kernel, const Candidate& candidate,
                                           size_t i) {
    const Tensor& input = inputs_[i];
    if (is_constant_[i]) {
      const std::shared_ptr<const Packing> packing = kernel.packing(static_cast<int>(i));
      DNND_ASSIGN_OR_RETURN(
          AlignedBuffer buffer,
          AlignedBuffer::Create(packing == nullptr ? input.num_bytes() : packing->bytes()));
      if (packing != nullptr) {
        DNND_RETURN_IF_ERROR(packing->Pack(input.view(), buffer.data()));
      } else {
        std::memcpy(buffer.data(), input.data<void>(), input.num_bytes());
      }
      return buffer;
    }
    const Layout layout = LayoutAt(candidate.inputs, i);
    DNND_ASSIGN_OR_RETURN(AlignedBuffer buffer,
                          AlignedBuffer::Create(LayoutBytes(input.tensor_type(), layout)));
    DNND_RETURN_IF_ERROR(
        Reorder(input.tensor_type(), Layout::kRowMajor, layout, input.data<void>(), buffer.data()));
    return buffer;
  }

  static absl::StatusOr<Tensor> ToRowMajor(const TensorType& type, Layout layout,
                                           const void* data) {
    DNND_ASSIGN_OR_RETURN(Tensor result, Tensor::Create(type.type, type.shape));
    DNND_RETURN_IF_ERROR(
        Reorder(type, layout, Layout::kRowMajor, data, result.mutable_data<void>()));
    return result;
  }

  static absl::Status Reorder(const TensorType& type, Layout from, Layout to, const void* source,
                              void* target) {
    if (from == to) {
      std::memcpy(target, source, LayoutBytes(type, from));
      return absl::OkStatus();
    }
    DNND_ASSIGN_OR_RETURN(const std::unique_ptr<Kernel> kernel,
                          onednn::MakeReorder(type, from, to));
    DNND_ASSIGN_OR_RETURN(AlignedBuffer scratchpad,
                          AlignedBuffer::Create(kernel->scratchpad_bytes()));
    DNND_ASSIGN_OR_RETURN(const std::unique_ptr<BoundKernel> bound,
                          kernel->Bind({{source}, {target}, scratchpad.data()}));
    return bound->Run();
  }

  const CandidateCase case_;
  const OpDef* const row_;
  Node node_;
  std::vector<Tensor> inputs_;
  std::vector<bool> is_constant_;
  std::vector<TensorType> input_types_;
  std::vector<const Tensor*> constants_;
  std::vector<TensorType> output_types_;
  std::vector<Tensor> expected_;
};

}  // namespace dnnd::engine

#endif  // DNND_TESTS_TESTING_CANDIDATE_RUNNER_H_
