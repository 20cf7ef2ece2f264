#ifndef DNND_CLIENT_OUTPUT_CATEGORY_H_
#define DNND_CLIENT_OUTPUT_CATEGORY_H_

#include <dnnd/v1/common.pb.h>

#include <string>

#include "client/output/console.h"

// Classes of the daemon's answers, as people read them. Pure functions.
namespace dnnd::client {

// The label without control characters, "class 7" where there is none.
std::string LabelText(const dnnd::v1::Category& category);

// "75.0%", or the number itself where it is no share.
std::string ScoreText(float score);

// A bar as long as the share; empty where the score is no share, and where no terminal shows it:
// bars are for eyes, what reads a pipe gets label and score alone.
std::string ScoreBar(const Console& console, float score);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_OUTPUT_CATEGORY_H_
