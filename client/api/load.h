#ifndef DNND_CLIENT_API_LOAD_H_
#define DNND_CLIENT_API_LOAD_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/api/call.h"
#include "client/api/failure.h"
#include "client/api/latencies.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace dnnd::client {

// What a load generator sends: serialised once, then shared by every call without a copy, so that
// the generator takes little of the CPU that it shares with the server. Replies must carry their
// RequestTimings in field 3.
struct Workload {
  std::string method;                      // "/dnnd.v1.VisionService/Classify"
  std::vector<grpc::ByteBuffer> requests;  // sent in turn; not empty
  int items_per_request = 1;
};

struct LoadOptions {
  // Closed loop: this many calls are always in flight, but for a pause of 10 ms after each that
  // reached nobody. 0: open loop.
  int concurrency = 1;
  // Open loop: calls a second, evenly spaced or as a Poisson process, whatever the server does.
  double rate = 0;
  bool poisson = false;
  uint64_t seed = 1;
  // Open loop: above this many calls in flight, a call is counted as not sent.
  int max_in_flight = 10000;
  absl::Duration warm_up = absl::Seconds(1);
  absl::Duration duration = absl::Seconds(10);
  // The timeout must be finite: it bounds how long the last calls are waited for.
  CallOptions call;
};

// Calls that were due within the measured time; late answers are waited for.
struct LoadResult {
  absl::Duration measured;
  Latencies done;  // from when a call was due, so a stalled client does not hide a slow server
  Latencies failed;
  std::map<std::string, int64_t> failures;  // by code and reason: "RESOURCE_EXHAUSTED/QUEUE_FULL"
  std::optional<Failure> last_failure;
  int64_t not_sent = 0;
  // Answers that came within the measured time, and their items: the throughput.
  int64_t answers = 0;
  int64_t items = 0;
  // Answers by the size of the batch in which the server computed them; and the batches that these
  // answers add up to, an answer of k items in a batch of b being k/b of a batch.
  std::map<int, int64_t> batch_sizes;
  double batches = 0;
  // Sums over the answers, in milliseconds.
  double queue_ms = 0;
  double compute_ms = 0;
};

// Runs one load to its end on the calling thread. Calls are spread over the channels in turn;
// REQUIRES at least one.
LoadResult RunLoad(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                   const Workload& workload, const LoadOptions& options);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_LOAD_H_
