// The reasons that errors carry in google.rpc.ErrorInfo, beside the domain "dnnd". They are part of
// the API: clients switch on them. One place names them all.
#ifndef DNND_SERVER_HANDLERS_REASONS_H_
#define DNND_SERVER_HANDLERS_REASONS_H_

#include "absl/strings/string_view.h"

namespace dnnd::server {

inline constexpr absl::string_view kErrorDomain = "dnnd";

// INVALID_ARGUMENT: the same request fails again.
inline constexpr absl::string_view kReasonInvalidRequest = "INVALID_REQUEST";
inline constexpr absl::string_view kReasonImageUndecodable = "IMAGE_UNDECODABLE";
inline constexpr absl::string_view kReasonImageTooManyPixels = "IMAGE_TOO_MANY_PIXELS";
inline constexpr absl::string_view kReasonTooManyImages = "TOO_MANY_IMAGES";
inline constexpr absl::string_view kReasonTensorShapeMismatch = "TENSOR_SHAPE_MISMATCH";
inline constexpr absl::string_view kReasonTensorTypeMismatch = "TENSOR_TYPE_MISMATCH";
inline constexpr absl::string_view kReasonTensorUnknown = "TENSOR_UNKNOWN";

// NOT_FOUND.
inline constexpr absl::string_view kReasonModelNotFound = "MODEL_NOT_FOUND";

// FAILED_PRECONDITION: something has to be done to the model first.
inline constexpr absl::string_view kReasonModelNotLoaded = "MODEL_NOT_LOADED";
inline constexpr absl::string_view kReasonModelLoadFailed = "MODEL_LOAD_FAILED";
inline constexpr absl::string_view kReasonTaskMismatch = "TASK_MISMATCH";

// ABORTED: another operation changed the model before this one was through.
inline constexpr absl::string_view kReasonModelChanged = "MODEL_CHANGED";

// UNAVAILABLE: the same request may succeed, here later or elsewhere now.
inline constexpr absl::string_view kReasonModelLoading = "MODEL_LOADING";
inline constexpr absl::string_view kReasonServerDraining = "SERVER_DRAINING";

// RESOURCE_EXHAUSTED: too much at once; RetryInfo says when to try again.
inline constexpr absl::string_view kReasonQueueFull = "QUEUE_FULL";
inline constexpr absl::string_view kReasonTooManyStreams = "TOO_MANY_STREAMS";
inline constexpr absl::string_view kReasonMemoryBudget = "MEMORY_BUDGET";

// DEADLINE_EXCEEDED, CANCELLED.
inline constexpr absl::string_view kReasonDeadlineTooShort = "DEADLINE_TOO_SHORT";
inline constexpr absl::string_view kReasonDeadlineExceeded = "DEADLINE_EXCEEDED";
inline constexpr absl::string_view kReasonCancelled = "CANCELLED";

// Anything else: our own fault, or a model's.
inline constexpr absl::string_view kReasonModelFailed = "MODEL_FAILED";
inline constexpr absl::string_view kReasonInternal = "INTERNAL";

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_REASONS_H_
