// What models say of one picture, in words: one overload a kind of answer.
#ifndef DNND_CLIENT_COMMANDS_ANSWERS_H_
#define DNND_CLIENT_COMMANDS_ANSWERS_H_

#include <dnnd/v1/vision.pb.h>

#include <string>

#include "client/output/console.h"

namespace dnnd::client {

// Classes, with bars on a terminal.
void PrintAnswer(Console& console, const dnnd::v1::Classification& result,
                 const std::string& indent);

// Boxes and landmarks in pixels; "nothing found" where there are none.
void PrintAnswer(Console& console, const dnnd::v1::Detections& result, const std::string& indent);

// Classes with their share of the picture.
void PrintAnswer(Console& console, const dnnd::v1::Segmentation& result, const std::string& indent);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_ANSWERS_H_
