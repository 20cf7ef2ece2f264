// What the repository knows of models, in the words of the API.
#ifndef DNND_SERVER_HANDLERS_DESCRIBE_H_
#define DNND_SERVER_HANDLERS_DESCRIBE_H_

#include "dnnd/v1/common.pb.h"
#include "dnnd/v1/models.pb.h"
#include "engine/exec/signature.h"
#include "server/repository/model_table.h"
#include "server/store/version_labels.h"

namespace dnnd::server {

v1::DataType ToProto(engine::DataType type);
// kUndefined for a type that no tensor has.
engine::DataType FromProto(v1::DataType type);

v1::ModelSignature Describe(const engine::Signature& signature);
v1::Model Describe(const ModelStatus& status, const VersionLabels::OfModel& labels);

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_DESCRIBE_H_
