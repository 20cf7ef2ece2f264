#include "engine/onednn/internal.h"

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"

namespace dnnd::engine::onednn {
namespace {

using Tag = dnnl::memory::format_tag;

Tag LayoutTag(int rank, Layout layout) {
  constexpr Tag kTags[3][3] = {
      {Tag::ncw, Tag::nwc, Tag::nCw16c},
      {Tag::nchw, Tag::nhwc, Tag::nChw16c},
      {Tag::ncdhw, Tag::ndhwc, Tag::nCdhw16c},
  };
  return kTags[rank - 3][static_cast<int>(layout)];
}

// A primitive with its memory objects and a prebuilt argument list: Run neither allocates nor
// hashes.
class BoundPrimitive final : public BoundKernel {
 public:
  BoundPrimitive(const KernelParts& parts, const KernelArguments& arguments)
      : primitive_(parts.primitive), stream_(CpuEngine()) {
    memories_.reserve(parts.arguments.size() + 1);
    for (const Argument& argument : parts.arguments) {
      void* data = argument.input >= 0 ? const_cast<void*>(arguments.inputs[argument.input])
                                       : arguments.outputs[argument.output];
      Add(argument.dnnl_argument, argument.desc, data);
    }
    if (parts.scratchpad_bytes > 0) {
      Add(DNNL_ARG_SCRATCHPAD, parts.scratchpad_desc, arguments.scratchpad);
    }
  }

  absl::Status Run() override {
    const dnnl_status_t status = dnnl_primitive_execute(
        primitive_.get(), stream_.get(), static_cast<int>(list_.size()), list_.data());
    if (status != dnnl_success) {
      return absl::InternalError(absl::StrCat("a oneDNN primitive failed with status ", status));
    }
    return absl::OkStatus();
  }

 private:
  void Add(int argument, const dnnl::memory::desc& desc, void* data) {
    memories_.emplace_back(desc, CpuEngine(), data);
    list_.push_back(dnnl_exec_arg_t{argument, memories_.back().get()});
  }

  const dnnl::primitive primitive_;
  const dnnl::stream stream_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> list_;
};

class PrimitiveKernel final : public Kernel {
 public:
  explicit PrimitiveKernel(KernelParts parts) : parts_(std::move(parts)) {}

  const std::string& implementation() const override { return parts_.implementation; }
  int64_t scratchpad_bytes() const override { return parts_.scratchpad_bytes; }
  std::optional<InPlace> in_place() const override { return parts_.in_place; }
  std::shared_ptr<const Packing> packing(int input) const override {
    for (const auto& [index, packing] : parts_.packings) {
      if (index == input) {
        return packing;
      }
    }
    return nullptr;
  }
  absl::StatusOr<std::unique_ptr<BoundKernel>> Bind(KernelArguments arguments) const override {
    return Guard("binding", [&]() -> absl::StatusOr<std::unique_ptr<BoundKernel>> {
      return std::unique_ptr<BoundKernel>(std::make_unique<BoundPrimitive>(parts_, arguments));
    });
  }

 private:
  const KernelParts parts_;
};

class ReorderPacking final : public Packing {
 public:
  ReorderPacking(dnnl::memory::desc plain, dnnl::memory::desc packed)
      : plain_(plain), packed_(packed), key_(MakeKey()) {}

  const std::string& key() const override { return key_; }
  int64_t bytes() const override { return static_cast<int64_t>(packed_.get_size()); }

  absl::Status Pack(const TensorView& plain, void* destination) const override {
    if (plain.num_bytes() != static_cast<int64_t>(plain_.get_size())) {
      return absl::InternalError(absl::StrCat("weights of ", plain.num_bytes(),
                                              " bytes, the primitive wants ", plain_.get_size()));
    }
    return Guard("packing weights", [&]() -> absl::Status {
      const dnnl::engine& engine = CpuEngine();
      dnnl::memory from(plain_, engine, const_cast<void*>(plain.raw()));
      dnnl::memory to(packed_, engine, destination);
      dnnl::stream stream(engine);
      dnnl::reorder(from, to).execute(stream, from, to);
      stream.wait();
      return absl::OkStatus();
    });
  }

 private:
  // The bytes of the C descriptor name the layout exactly; they hold no pointers.
  std::string MakeKey() const {
    std::string key = "onednn:";
    for (const dnnl::memory::desc* desc : {&plain_, &packed_}) {
      key.append(reinterpret_cast<const char*>(&desc->data), sizeof(desc->data));
    }
    return key;
  }

  const dnnl::memory::desc plain_;
  const dnnl::memory::desc packed_;
  const std::string key_;
};

absl::StatusOr<dnnl::algorithm> EltwiseAlgorithm(PostOp::Kind kind) {
  switch (kind) {
    case PostOp::Kind::kRelu:
      return dnnl::algorithm::eltwise_relu;
    case PostOp::Kind::kClip:
      return dnnl::algorithm::eltwise_clip;
    case PostOp::Kind::kSigmoid:
      return dnnl::algorithm::eltwise_logistic;
    case PostOp::Kind::kTanh:
      return dnnl::algorithm::eltwise_tanh;
    case PostOp::Kind::kElu:
      return dnnl::algorithm::eltwise_elu;
    case PostOp::Kind::kSwish:
      return dnnl::algorithm::eltwise_swish;
    case PostOp::Kind::kHardSwish:
      return dnnl::algorithm::eltwise_hardswish;
    case PostOp::Kind::kGelu:
      return dnnl::algorithm::eltwise_gelu_erf;
    case PostOp::Kind::kSum:
      break;
  }
  return absl::UnimplementedError("not an element-wise operation of oneDNN");
}

}  // namespace

const dnnl::engine& CpuEngine() {
  static const auto* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

absl::StatusOr<dnnl::memory::data_type> ToOneDnn(DataType type) {
  switch (type) {
    case DataType::kFloat32:
      return dnnl::memory::data_type::f32;
    case DataType::kFloat16:
      return dnnl::memory::data_type::f16;
    case DataType::kBFloat16:
      return dnnl::memory::data_type::bf16;
    case DataType::kInt32:
      return dnnl::memory::data_type::s32;
    case DataType::kInt8:
      return dnnl::memory::data_type::s8;
    case DataType::kUint8:
      return dnnl::memory::data_type::u8;
    default:
      return absl::UnimplementedError(absl::StrCat("oneDNN has no ", DataTypeName(type)));
  }
}

dnnl::memory::desc PlainDesc(const dnnl::memory::dims& dims, dnnl::memory::data_type type) {
  dnnl::memory::dims strides(dims.size());
  dnnl::memory::dim stride = 1;
  for (int axis = static_cast<int>(dims.size()) - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= dims[axis];
  }
  return dnnl::memory::desc(dims, type, strides);
}

absl::StatusOr<dnnl::memory::desc> PlainDesc(const TensorType& type) {
  DNND_ASSIGN_OR_RETURN(const auto data_type, ToOneDnn(type.type));
  if (type.shape.rank() == 0) {
    return PlainDesc(dnnl::memory::dims{1}, data_type);
  }
  return PlainDesc(ToDims(type.shape.dims()), data_type);
}

absl::StatusOr<dnnl::memory::desc> ActivationDesc(const TensorType& type, Layout layout) {
  if (layout == Layout::kRowMajor) {
    return PlainDesc(type);
  }
  const int rank = type.shape.rank();
  if (rank < 3 || rank > 5) {
    return absl::UnimplementedError(
        absl::StrCat("no layout ", LayoutName(layout), " for ", type.ToString()));
  }
  DNND_ASSIGN_OR_RETURN(const auto data_type, ToOneDnn(type.type));
  return dnnl::memory::desc(ToDims(type.shape.dims()), data_type, LayoutTag(rank, layout));
}

absl::StatusOr<dnnl::primitive_attr> MakeAttributes(absl::Span<const PostOp> post_ops) {
  dnnl::primitive_attr attributes;
  // A scratchpad of oneDNN's own belongs to the thread that created the primitive; executing it on
  // another crashes.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  dnnl::post_ops chain;
  for (const PostOp& post_op : post_ops) {
    if (post_op.kind == PostOp::Kind::kSum) {
      chain.append_sum(1.0f);
      continue;
    }
    DNND_ASSIGN_OR_RETURN(const dnnl::algorithm algorithm, EltwiseAlgorithm(post_op.kind));
    chain.append_eltwise(1.0f, algorithm, post_op.alpha, post_op.beta);
  }
  attributes.set_post_ops(chain);
  return attributes;
}

absl::Status SkipSlowImplementations(dnnl::primitive_desc_base& primitive_desc,
                                     std::initializer_list<absl::string_view> slow) {
  auto& iterable = static_cast<dnnl::primitive_desc&>(primitive_desc);
  std::vector<std::string> seen;
  do {
    const std::string name = primitive_desc.impl_info_str();
    const bool is_slow = std::any_of(slow.begin(), slow.end(), [&](absl::string_view part) {
      return absl::StrContains(name, part);
    });
    if (!is_slow) {
      return absl::OkStatus();
    }
    seen.push_back(name);
  } while (iterable.next_impl());
  return absl::UnimplementedError(
      absl::StrCat("oneDNN has only slow implementations: ", absl::StrJoin(seen, ", ")));
}

std::unique_ptr<Kernel> MakeKernel(KernelParts parts) {
  return std::make_unique<PrimitiveKernel>(std::move(parts));
}

std::shared_ptr<const Packing> MakePacking(const dnnl::memory::desc& plain,
                                           const dnnl::memory::desc& packed) {
  if (plain == packed) {
    return nullptr;
  }
  return std::make_shared<ReorderPacking>(plain, packed);
}

}  // namespace dnnd::engine::onednn
