#include "server/repository/client_error.h"

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "engine/base/utf8.h"

namespace dnnd::server {
namespace {

// Whether a path goes on with `c`: "/srv/a" is neither in "x/srv/a" nor in "/srv/ab".
bool IsOfPath(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-' ||
         c == '/';
}

std::string WithoutFolder(absl::string_view text, absl::string_view folder) {
  std::string out;
  size_t done = 0;
  for (size_t at = text.find(folder); at != absl::string_view::npos;
       at = text.find(folder, at + 1)) {
    const size_t end = at + folder.size();
    const bool begins = at == 0 || !IsOfPath(text[at - 1]);
    const bool whole = end == text.size() || !IsOfPath(text[end]);
    const bool below = end < text.size() && text[end] == '/';
    if (at < done || !begins || !(whole || below)) {
      continue;
    }
    out.append(text.data() + done, at - done);
    out.append(below ? "" : ".");
    done = below ? end + 1 : end;
  }
  out.append(text.data() + done, text.size() - done);
  return out;
}

}  // namespace

absl::Status ForClients(const absl::Status& status, const std::string& folder) {
  return status.ok()
             ? status
             : absl::Status(status.code(), engine::ToUtf8(WithoutFolder(status.message(), folder)));
}

}  // namespace dnnd::server
