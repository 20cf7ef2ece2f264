// Between the messages of VisionService and the plain structs of the handlers.
#ifndef DNND_SERVER_GRPC_VISION_CONVERT_H_
#define DNND_SERVER_GRPC_VISION_CONVERT_H_

#include <vector>

#include "dnnd/v1/vision.pb.h"
#include "server/handlers/classify_handler.h"
#include "server/handlers/detect_handler.h"
#include "server/handlers/perceive_handler.h"
#include "server/handlers/segment_handler.h"

namespace dnnd::server {

// A view of the message.
ImageInput ToInput(const v1::Image& image);

// Questions without their pictures.
ClassifyRequest ToRequest(const v1::ModelSpec& model, const v1::ClassifyOptions& options);
DetectRequest ToRequest(const v1::ModelSpec& model, const v1::DetectOptions& options);
SegmentRequest ToRequest(const v1::ModelSpec& model, const v1::SegmentOptions& options);

// At most one task more than there may be: a message may name millions of them.
using PerceiveTasks = google::protobuf::RepeatedPtrField<v1::PerceiveTask>;
PerceiveRequest ToRequest(const v1::Image& image, const PerceiveTasks& tasks);

// What was found in one picture. Masks are moved out of the response.
void FillResult(ClassifyResponse& response, size_t picture, v1::Classification& message);
void FillResult(DetectResponse& response, size_t picture, v1::Detections& message);
void FillResult(SegmentResponse& response, size_t picture, v1::Segmentation& message);

void Fill(PerceiveResponse& response, v1::PerceiveResponse& message);

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_VISION_CONVERT_H_
