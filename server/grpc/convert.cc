#include "server/grpc/convert.h"

namespace dnnd::server {

ModelReference ToReference(const v1::ModelSpec& spec) {
  ModelReference reference;
  reference.name = spec.name();
  if (spec.has_version()) {
    reference.version = spec.version();
  }
  reference.version_label = spec.version_label();
  return reference;
}

v1::ModelSpec ToSpec(const ServedModel& model) {
  v1::ModelSpec spec;
  spec.set_name(model.name);
  spec.set_version(model.version);
  return spec;
}

v1::RequestTimings ToProto(const InferenceTimings& timings) {
  v1::RequestTimings out;
  out.set_decode_ms(absl::ToDoubleMilliseconds(timings.decode));
  out.set_preprocess_ms(absl::ToDoubleMilliseconds(timings.preprocess));
  out.set_queue_ms(absl::ToDoubleMilliseconds(timings.queue));
  out.set_compute_ms(absl::ToDoubleMilliseconds(timings.batch + timings.compute));
  out.set_postprocess_ms(absl::ToDoubleMilliseconds(timings.postprocess));
  out.set_total_ms(absl::ToDoubleMilliseconds(timings.total));
  out.set_batch_size(static_cast<int>(timings.batch_size));
  return out;
}

}  // namespace dnnd::server
