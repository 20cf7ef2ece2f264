// The label values of the metrics: closed sets, so that nothing a stranger sends becomes a series.
#ifndef DNND_SERVER_TELEMETRY_LABELS_H_
#define DNND_SERVER_TELEMETRY_LABELS_H_

#include "absl/strings/string_view.h"

namespace dnnd::server {

// Label `method`: what a client asked for, whatever the wire.
enum class Method {
  kClassify,
  kDetect,
  kSegment,
  kPerceive,
  kStreamClassify,
  kStreamDetect,
  kStreamSegment,
  kStreamPerceive,
  kPredict,
  kListModels,
  kGetModel,
  kLoadModel,
  kUnloadModel,
  kReloadModel,
  kSetVersionLabel,
  kGetStatus,
  kGetConfig,
};
inline constexpr absl::string_view kMethodNames[] = {
    "Classify",     "Detect",        "Segment",        "Perceive",    "StreamClassify",
    "StreamDetect", "StreamSegment", "StreamPerceive", "Predict",     "ListModels",
    "GetModel",     "LoadModel",     "UnloadModel",    "ReloadModel", "SetVersionLabel",
    "GetStatus",    "GetConfig"};

// Label `stage` of a request's time.
enum class Stage { kDecode, kPreprocess, kQueue, kBatch, kCompute, kPostprocess, kTotal };
inline constexpr absl::string_view kStageNames[] = {"decode",  "preprocess",  "queue", "batch",
                                                    "compute", "postprocess", "total"};

// Label `reason` of a dispatch: what decided the size of the batch.
enum class DispatchReason {
  kDrained,   // all that waited was taken
  kFull,      // the best size for this model was reached
  kShared,    // split, so that free lanes work on it at once
  kDeadline,  // one more would have missed the deadline of an earlier one
  kPlan,      // the next larger size has no plan yet
};
inline constexpr absl::string_view kDispatchReasonNames[] = {"drained", "full", "shared",
                                                             "deadline", "plan"};

// Label `reason` of a refusal: why a request was not admitted.
enum class RefusalReason {
  kQueueItems,  // as many items wait as may
  kQueueBytes,  // as many bytes wait as may
  kWait,        // the wait that is predicted would miss the deadline
  kDeadline,    // even an idle server would miss the deadline
  kDraining,    // the daemon is going down
  kStreams,     // as many streams are open as may
};
inline constexpr absl::string_view kRefusalReasonNames[] = {
    "queue_items", "queue_bytes", "wait", "deadline", "draining", "streams"};

// Label `reason` of a drop: why an admitted request was never computed.
enum class DropReason { kExpired, kCancelled, kNoPlan };
inline constexpr absl::string_view kDropReasonNames[] = {"expired", "cancelled", "no_plan"};

// Label `reason` of a frame that a stream dropped.
enum class FrameDropReason {
  kNewer,  // a newer one came before its turn
  kAge,    // it was too old when its turn came
  kEnd,    // its stream ended
};
inline constexpr absl::string_view kFrameDropReasonNames[] = {"newer", "age", "end"};

// Label `state` of a version.
inline constexpr absl::string_view kModelStateNames[] = {"LOADING", "READY", "UNLOADING",
                                                         "UNAVAILABLE"};

// Label `kind` of lanes.
enum class LaneKind { kNarrow, kWide };
inline constexpr absl::string_view kLaneKindNames[] = {"narrow", "wide"};

}  // namespace dnnd::server

#endif  // DNND_SERVER_TELEMETRY_LABELS_H_
