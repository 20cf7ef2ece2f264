// What the files of this room share. Included by engine/onednn/*.cc only: no other room sees
// dnnl.hpp.
#ifndef DNND_ENGINE_ONEDNN_INTERNAL_H_
#define DNND_ENGINE_ONEDNN_INTERNAL_H_

#include <dnnl.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/tensor/kernel.h"
#include "engine/tensor/layout.h"
#include "engine/tensor/post_op.h"

namespace dnnd::engine::onednn {

// The CPU engine of the process.
const dnnl::engine& CpuEngine();

// UNIMPLEMENTED for types that oneDNN does not have.
absl::StatusOr<dnnl::memory::data_type> ToOneDnn(DataType type);

// The descriptor of an activation of rank 1 to 6. UNIMPLEMENTED for a layout that the rank does not
// have.
absl::StatusOr<dnnl::memory::desc> ActivationDesc(const TensorType& type, Layout layout);

// A dense row-major descriptor.
absl::StatusOr<dnnl::memory::desc> PlainDesc(const TensorType& type);
dnnl::memory::desc PlainDesc(const dnnl::memory::dims& dims, dnnl::memory::data_type type);

inline dnnl::memory::dims ToDims(absl::Span<const int64_t> dims) {
  return dnnl::memory::dims(dims.begin(), dims.end());
}

// Attributes that every primitive gets (the scratchpad is ours, see kernel.h) and the fused
// operations. UNIMPLEMENTED for one that oneDNN does not have.
absl::StatusOr<dnnl::primitive_attr> MakeAttributes(absl::Span<const PostOp> post_ops);

// Runs `body` (which returns a StatusOr or Status) and turns an exception of oneDNN into a status.
template <typename Body>
auto Guard(absl::string_view what, const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const dnnl::error& error) {
    const std::string message = absl::StrCat("oneDNN ", what, ": ", error.what());
    switch (error.status) {
      case dnnl_unimplemented:
      case dnnl_invalid_arguments:  // it refuses forms that it lacks with either of the two
        return absl::UnimplementedError(message);
      case dnnl_out_of_memory:
        return absl::ResourceExhaustedError(message);
      default:
        return absl::InternalError(message);
    }
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("oneDNN ", what, ": ", error.what()));
  }
}

// Moves `primitive_desc` to its first implementation that is worth running: none whose name
// contains one of `slow` ("ref" is plain C++, 100 times slower than the rest). UNIMPLEMENTED when
// all are slow.
absl::Status SkipSlowImplementations(dnnl::primitive_desc_base& primitive_desc,
                                     std::initializer_list<absl::string_view> slow);

// One argument of a primitive: which buffer of the kernel it takes.
struct Argument {
  int dnnl_argument;
  dnnl::memory::desc desc;
  int input = -1;   // index among KernelArguments::inputs, or
  int output = -1;  // among KernelArguments::outputs
};

struct KernelParts {
  dnnl::primitive primitive;
  std::string implementation;
  std::vector<Argument> arguments;
  int64_t scratchpad_bytes = 0;
  dnnl::memory::desc scratchpad_desc;
  std::optional<InPlace> in_place;
  std::vector<std::pair<int, std::shared_ptr<const Packing>>> packings;  // by input
};

std::unique_ptr<Kernel> MakeKernel(KernelParts parts);

// The name of the implementation without its primitive's parameters.
template <typename PrimitiveDesc>
void Describe(const PrimitiveDesc& primitive_desc, KernelParts& parts) {
  parts.implementation = primitive_desc.impl_info_str();
  parts.scratchpad_desc = primitive_desc.scratchpad_desc();
  parts.scratchpad_bytes = static_cast<int64_t>(parts.scratchpad_desc.get_size());
}

// Packs a constant given in `plain` to `packed` by oneDNN's own reorder. Null when the two are
// equal: no packing needed.
std::shared_ptr<const Packing> MakePacking(const dnnl::memory::desc& plain,
                                           const dnnl::memory::desc& packed);

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_INTERNAL_H_
