// What several models say of one picture, in words and as an overlay.
#ifndef DNND_CLIENT_COMMANDS_PERCEPTION_H_
#define DNND_CLIENT_COMMANDS_PERCEPTION_H_

#include <dnnd/v1/vision.pb.h>

#include <string>

#include "absl/status/statusor.h"
#include "client/draw/picture.h"
#include "client/output/console.h"

namespace dnnd::client {

// Each model's answer under the model's name.
void PrintPerception(Console& console, const dnnd::v1::PerceiveResponse& reply,
                     const std::string& indent);

// "yolox@1, road@2": the models that answered.
std::string ModelsText(const dnnd::v1::PerceiveResponse& reply);

// All masks, over them all boxes, and below the picture a legend of the masks' classes and of each
// classifier's best class. A class has one colour by its label, whichever model names it. REQUIRES
// masks as PNG, the default. As DrawSegmentation and WithLegend.
absl::StatusOr<Picture> DrawPerception(Picture picture, const dnnd::v1::PerceiveResponse& reply);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_PERCEPTION_H_
