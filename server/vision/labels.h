// Label files: the name of each class.
#ifndef DNND_SERVER_VISION_LABELS_H_
#define DNND_SERVER_VISION_LABELS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace dnnd::server {

// One label a line; a final line break, CR LF and a byte order mark are no part of a label. When
// every line begins with a WordNet id ("n01440764 tench, Tinca tinca", ImageNet's synset files),
// the ids are left out.
std::vector<std::string> ParseLabels(absl::string_view text);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_LABELS_H_
