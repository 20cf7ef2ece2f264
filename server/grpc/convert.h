// Between the messages of dnnd.v1 and the plain structs of the handlers.
#ifndef DNND_SERVER_GRPC_CONVERT_H_
#define DNND_SERVER_GRPC_CONVERT_H_

#include "dnnd/v1/common.pb.h"
#include "server/handlers/inference.h"
#include "server/handlers/model_reference.h"

namespace dnnd::server {

ModelReference ToReference(const v1::ModelSpec& spec);

// The version that answered.
v1::ModelSpec ToSpec(const ServedModel& model);

v1::RequestTimings ToProto(const InferenceTimings& timings);

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_CONVERT_H_
