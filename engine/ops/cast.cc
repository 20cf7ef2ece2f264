// Cast: the same numbers in another element type.
#include <cmath>
#include <limits>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/mover.h"
#include "engine/ops/op_def.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// The 16-bit floats as types of their own, so that one template converts all pairs.
struct Half {
  uint16_t bits;
};
struct BFloat {
  uint16_t bits;
};

template <typename T>
auto Load(T value) {
  if constexpr (std::is_same_v<T, Half>) {
    return HalfToFloat(value.bits);
  } else if constexpr (std::is_same_v<T, BFloat>) {
    return BFloat16ToFloat(value.bits);
  } else {
    return value;
  }
}

// A floating-point number that an integer cannot hold becomes the nearest that it can, NaN 0; the
// language leaves both undefined.
template <typename To, typename From>
To ToInteger(From value) {
  if constexpr (std::is_floating_point_v<From>) {
    if (std::isnan(value)) {
      return 0;
    }
    if (value <= static_cast<From>(std::numeric_limits<To>::min())) {
      return std::numeric_limits<To>::min();
    }
    if (value >= static_cast<From>(std::numeric_limits<To>::max())) {
      return std::numeric_limits<To>::max();
    }
  }
  return static_cast<To>(value);
}

template <typename To, typename From>
To Store(From value) {
  if constexpr (std::is_same_v<To, Half>) {
    return Half{FloatToHalf(static_cast<float>(value))};
  } else if constexpr (std::is_same_v<To, BFloat>) {
    return BFloat{FloatToBFloat16(static_cast<float>(value))};
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From();
  } else if constexpr (std::is_integral_v<To>) {
    return ToInteger<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <typename From, typename To>
void Convert(const void* from, void* to, int64_t count) {
  ParallelFor(count, kElementsAThread, [=](int64_t begin, int64_t end) {
    const From* source = static_cast<const From*>(from);
    To* target = static_cast<To*>(to);
    for (int64_t i = begin; i < end; ++i) {
      target[i] = Store<To>(Load(source[i]));
    }
  });
}

// Calls `body` with a value of the C++ type that stands for `type`.
template <typename Body>
absl::Status WithType(DataType type, const Body& body) {
  switch (type) {
    case DataType::kFloat32:
      return body(float());
    case DataType::kFloat64:
      return body(double());
    case DataType::kFloat16:
      return body(Half());
    case DataType::kBFloat16:
      return body(BFloat());
    case DataType::kInt8:
      return body(int8_t());
    case DataType::kUint8:
      return body(uint8_t());
    case DataType::kInt16:
      return body(int16_t());
    case DataType::kUint16:
      return body(uint16_t());
    case DataType::kInt32:
      return body(int32_t());
    case DataType::kUint32:
      return body(uint32_t());
    case DataType::kInt64:
      return body(int64_t());
    case DataType::kUint64:
      return body(uint64_t());
    case DataType::kBool:
      return body(bool());
    case DataType::kUndefined:
    case DataType::kString:
      break;
  }
  return absl::UnimplementedError(absl::StrCat("no cast from or to ", DataTypeName(type)));
}

absl::Status InferCast(InferContext& context) {
  const int64_t to = context.attributes().Int("to", 0);
  if (to <= 0 || to > static_cast<int64_t>(DataType::kString)) {
    return absl::InvalidArgumentError(absl::StrCat("unknown element type ", to));
  }
  const DataType type = static_cast<DataType>(to);
  for (DataType either : {type, context.input(0).type}) {
    DNND_RETURN_IF_ERROR(WithType(either, [](auto) { return absl::OkStatus(); }));
  }
  context.SetOutput(0, type, context.input_shape(0));
  return absl::OkStatus();
}

using ConvertFunction = void (*)(const void* from, void* to, int64_t count);

absl::StatusOr<ConvertFunction> FindConversion(DataType from_type, DataType to_type) {
  ConvertFunction function = nullptr;
  DNND_RETURN_IF_ERROR(WithType(from_type, [&](auto from) {
    return WithType(to_type, [&](auto to) {
      function = Convert<decltype(from), decltype(to)>;
      return absl::OkStatus();
    });
  }));
  return function;
}

absl::Status RunCast(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const ConvertFunction convert,
                        FindConversion(context.input(0).type(), context.output(0).type()));
  convert(context.input(0).raw(), context.output(0).raw(), context.input(0).num_elements());
  return absl::OkStatus();
}

// Element by element: any layout serves that keeps no padding.
std::vector<Candidate> CastCandidates(const CompileContext& context) {
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileCast(const CompileContext& context,
                                                    const Candidate&) {
  DNND_ASSIGN_OR_RETURN(const ConvertFunction convert,
                        FindConversion(context.input(0).type, context.output(0).type));
  const int64_t count = context.input_shape(0).num_elements();
  FunctionKernelSpec spec;
  spec.implementation = "cast";
  spec.run = [convert, count](const KernelArguments& bound) {
    convert(bound.inputs[0], bound.outputs[0], count);
  };
  return MakeFunctionKernel(std::move(spec));
}

}  // namespace

extern const OpDef kCast = {.type = "Cast",
                            .min_inputs = 1,
                            .max_inputs = 1,
                            .infer = InferCast,
                            .reference = RunCast,
                            .candidates = CastCandidates,
                            .compile = CompileCast,
                            .rows = RowsOfBroadcast};

}  // namespace dnnd::engine
