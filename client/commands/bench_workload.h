#ifndef DNND_CLIENT_COMMANDS_BENCH_WORKLOAD_H_
#define DNND_CLIENT_COMMANDS_BENCH_WORKLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/api/load.h"
#include "dnnd/v1/common.pb.h"
#include "dnnd/v1/models.pb.h"

namespace dnnd::client {

// Requests about these pictures in turn, `items` pictures a request, by the method of `task` with
// its defaults. Errors of finding and reading files pass through; RESOURCE_EXHAUSTED when a request
// exceeds a message; FAILED_PRECONDITION when there is no such method.
absl::StatusOr<Workload> PictureWorkload(const dnnd::v1::ModelSpec& model,
                                         dnnd::v1::ModelConfig::Task task,
                                         const std::vector<std::string>& paths, int items);

// Requests of random tensors of the signature, `items` rows a request. `inputs` are --input texts
// that replace inputs, such as "data=rand,1x3x320x320". INVALID_ARGUMENT where the signature leaves
// a shape open.
absl::StatusOr<Workload> TensorWorkload(const dnnd::v1::ModelSpec& model,
                                        const dnnd::v1::ModelSignature& signature,
                                        const std::vector<std::string>& inputs, int items,
                                        uint64_t seed);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_BENCH_WORKLOAD_H_
