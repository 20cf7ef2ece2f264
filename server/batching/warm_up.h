// Makes a model that was loaded ready for its first request: plans, measured costs, a queue.
#ifndef DNND_SERVER_BATCHING_WARM_UP_H_
#define DNND_SERVER_BATCHING_WARM_UP_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/engine.h"
#include "server/repository/served_model.h"

namespace dnnd::server {

// Compiles plans for batches of 1, 2, 4 … and for both kinds of lane, runs them as background work
// (what serves goes first), and attaches a ModelQueue with the costs that were measured. Ends early
// where a larger batch would take too long, costs more a row, or when all took long enough. Sets
// weight_bytes and arena_bytes. Blocks; not to be called on a lane.
// Errors: those of planning and running one row, unless the model leaves extents open that nobody
// can guess; such a model is warmed by its first requests.
absl::Status WarmUp(engine::LaneGroup& lanes, ServedModel& served);

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_WARM_UP_H_
