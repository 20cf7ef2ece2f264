#include "server/grpc/vision_service.h"

#include <utility>

#include "server/grpc/convert.h"
#include "server/grpc/unary_call.h"

namespace dnnd::server {

namespace {

constexpr int kDefaultTopK = 5;

RawFormat ToFormat(v1::RawImage::Format format) {
  switch (format) {
    case v1::RawImage::BGR:
      return RawFormat::kBgr;
    case v1::RawImage::GRAY:
      return RawFormat::kGray;
    default:
      return RawFormat::kRgb;
  }
}

// Views of the message.
ImageInput ToInput(const v1::Image& image) {
  switch (image.source_case()) {
    case v1::Image::kEncoded:
      return EncodedInput{image.encoded()};
    case v1::Image::kRaw:
      return RawInput{image.raw().width(), image.raw().height(), ToFormat(image.raw().format()),
                      image.raw().pixels()};
    default:
      return std::monostate();
  }
}

ClassifyRequest ToRequest(const v1::ClassifyRequest& message) {
  ClassifyRequest request;
  request.model = ToReference(message.model());
  for (const v1::Image& image : message.images()) {
    request.images.push_back(ToInput(image));
  }
  request.top_k = message.options().has_top_k() ? message.options().top_k() : kDefaultTopK;
  return request;
}

void Fill(const ClassifyResponse& response, v1::ClassifyResponse& message) {
  *message.mutable_model() = ToSpec(*response.model);
  const std::vector<std::string>& labels = response.model->labels;
  for (const std::vector<ScoredClass>& classes : response.results) {
    v1::Classification& result = *message.add_results();
    for (const ScoredClass& item : classes) {
      v1::Category& category = *result.add_categories();
      category.set_index(item.index);
      category.set_score(item.score);
      if (static_cast<size_t>(item.index) < labels.size()) {
        category.set_label(labels[item.index]);
      }
    }
  }
  *message.mutable_timings() = ToProto(response.timings);
}

}  // namespace

grpc::ServerUnaryReactor* VisionService::Classify(grpc::CallbackServerContext* context,
                                                  const v1::ClassifyRequest* request,
                                                  v1::ClassifyResponse* response) {
  auto* call = new UnaryCall(context);
  classify_.Classify(call->call(), ToRequest(*request),
                     [call, response](absl::StatusOr<ClassifyResponse> result) {
                       if (result.ok()) {
                         Fill(*result, *response);
                       }
                       call->Answer(result.status());
                     });
  return call;
}

}  // namespace dnnd::server
