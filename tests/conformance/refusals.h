// Cases of ONNX's conformance data whose operators the engine has, but whose answers it does not
// give, each with the reason.
#ifndef DNND_TESTS_CONFORMANCE_REFUSALS_H_
#define DNND_TESTS_CONFORMANCE_REFUSALS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dnnd::engine {

struct ExpectedRefusal {
  absl::string_view name;
  absl::StatusCode code;  // INVALID_ARGUMENT also for an answer that differs from the data's
  absl::string_view reason;
};

inline constexpr absl::string_view kStrings =
    "numbers are not written as strings or read from them";
inline constexpr absl::string_view kTruncates =
    "the data truncate to bfloat16, where the specification rounds to nearest";
inline constexpr absl::string_view kFractional =
    "the data align corners of a fractional size; the specification and other engines of the whole "
    "size";
inline constexpr absl::string_view kHalf =
    "reference kernels take no float16: plans widen it, and these cases run outside of one too";

inline constexpr ExpectedRefusal kExpectedRefusals[] = {
    {"node/test_cast_FLOAT_to_BFLOAT16", absl::StatusCode::kInvalidArgument, kTruncates},
    {"node/test_cast_FLOAT_to_STRING", absl::StatusCode::kUnimplemented, kStrings},
    {"node/test_cast_STRING_to_FLOAT", absl::StatusCode::kUnimplemented, kStrings},
    {"node/test_castlike_BFLOAT16_to_FLOAT_expanded", absl::StatusCode::kInvalidArgument,
     "the data give \"like\" another shape than the model declares"},
    {"node/test_castlike_FLOAT_to_BFLOAT16_expanded", absl::StatusCode::kInvalidArgument,
     kTruncates},
    {"node/test_castlike_FLOAT_to_STRING_expanded", absl::StatusCode::kUnimplemented, kStrings},
    {"node/test_castlike_STRING_to_FLOAT_expanded", absl::StatusCode::kUnimplemented, kStrings},
    {"node/test_max_float16", absl::StatusCode::kUnimplemented, kHalf},
    {"node/test_min_float16", absl::StatusCode::kUnimplemented, kHalf},
    {"node/test_mod_mixed_sign_float16", absl::StatusCode::kUnimplemented, kHalf},
    {"node/test_resize_downsample_scales_cubic_align_corners", absl::StatusCode::kInvalidArgument,
     kFractional},
    {"node/test_resize_downsample_scales_linear_align_corners", absl::StatusCode::kInvalidArgument,
     kFractional},
};

// Null when the case must pass.
inline const ExpectedRefusal* FindExpectedRefusal(absl::string_view name) {
  for (const ExpectedRefusal& refusal : kExpectedRefusals) {
    if (refusal.name == name) {
      return &refusal;
    }
  }
  return nullptr;
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_CONFORMANCE_REFUSALS_H_
