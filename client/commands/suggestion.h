#ifndef DNND_CLIENT_COMMANDS_SUGGESTION_H_
#define DNND_CLIENT_COMMANDS_SUGGESTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace dnnd::client {

// The known word that `word` was probably meant to be: the nearest one within two edits. Empty when
// none is near.
std::string NearestWord(absl::string_view word, const std::vector<std::string>& known);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_SUGGESTION_H_
