// What an operator compiles to: an immutable kernel, shared by every instance of a plan, and its
// binding to the buffers of one instance.
#ifndef DNND_ENGINE_TENSOR_KERNEL_H_
#define DNND_ENGINE_TENSOR_KERNEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/tensor/tensor_view.h"

namespace dnnd::engine {

// How an implementation wants a constant argument laid out. Immutable and thread-safe.
class Packing {
 public:
  virtual ~Packing() = default;
  // Equal keys pack equal elements to equal bytes: packed weights are shared by (constant, key).
  virtual const std::string& key() const = 0;
  virtual int64_t bytes() const = 0;
  // Writes `plain` (row-major, the argument's logical type) to [destination, destination +
  // bytes()).
  virtual absl::Status Pack(const TensorView& plain, void* destination) const = 0;
};

// Where the arguments of a node lie in one instance. Absent optional arguments are null.
// `scratchpad` has at least Kernel::scratchpad_bytes() bytes and may be overwritten by other
// kernels between two runs.
struct KernelArguments {
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
  void* scratchpad = nullptr;
};

// A kernel with its arguments. Not thread-safe: it belongs to one instance. Run neither allocates
// nor blocks.
class BoundKernel {
 public:
  virtual ~BoundKernel() = default;
  virtual absl::Status Run() = 0;
};

// An output that shares the memory of an input.
struct InPlace {
  int input;      // index of the input that output 0 overwrites
  bool required;  // the kernel is right only in place (a residual sum), or merely able to
};

// Immutable and thread-safe.
class Kernel {
 public:
  virtual ~Kernel() = default;
  // What runs, for explain: "brgconv:avx512_core", "reference".
  virtual const std::string& implementation() const = 0;
  virtual int64_t scratchpad_bytes() const { return 0; }
  virtual std::optional<InPlace> in_place() const { return std::nullopt; }
  // How `input` must be packed; null: row-major elements as they are.
  virtual std::shared_ptr<const Packing> packing(int input) const { return nullptr; }
  virtual absl::StatusOr<std::unique_ptr<BoundKernel>> Bind(KernelArguments arguments) const = 0;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_TENSOR_KERNEL_H_
