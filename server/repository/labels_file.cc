#include "server/repository/labels_file.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/byte_source.h"
#include "engine/base/status.h"
#include "engine/base/utf8.h"
#include "server/config/text_proto.h"

namespace dnnd::server {
namespace {

constexpr char kUsualLabels[] = "labels.txt";
// A thousand times the largest list of classes that we know.
constexpr int64_t kMaxLabelBytes = 32 << 20;

}  // namespace

absl::StatusOr<std::string> ReadLabelsFile(const std::string& folder,
                                           const std::string& configured) {
  const std::string name = configured.empty() ? kUsualLabels : configured;
  const auto file = engine::OpenFileBeneath(folder, name);
  if (absl::IsNotFound(file.status()) && configured.empty()) {
    return std::string();
  }
  if (!file.ok()) {
    return engine::Annotate(file.status(), name);
  }
  if ((*file)->size() > kMaxLabelBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": got ", (*file)->size(), " bytes, want at most ", kMaxLabelBytes));
  }
  std::string text((*file)->size(), '\0');
  DNND_RETURN_IF_ERROR(engine::Annotate((*file)->Read(0, (*file)->size(), text.data()), name));
  if (const std::optional<size_t> fault = engine::FindNotUtf8(text); fault.has_value()) {
    return absl::InvalidArgumentError(absl::StrFormat("%s:%d: got the byte 0x%02x, want UTF-8",
                                                      name, LineOf(text, *fault),
                                                      static_cast<uint8_t>(text[*fault])));
  }
  return text;
}

}  // namespace dnnd::server
