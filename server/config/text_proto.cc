#include "server/config/text_proto.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/byte_source.h"
#include "engine/base/status.h"
#include "engine/base/utf8.h"

namespace dnnd::server {
namespace {

// Deeper than any configuration of ours; far below what overflows the stack.
constexpr int kMaxNesting = 100;

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(absl::string_view origin) : origin_(origin) {}

  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) {
      text_ = line < 0 ? absl::StrCat(origin_, ": ", message)
                       : absl::StrCat(origin_, ":", line + 1, ":", column + 1, ": ", message);
    }
  }

  const std::string& text() const { return text_; }

 private:
  const std::string origin_;
  std::string text_;
};

}  // namespace

absl::Status ParseTextProto(absl::string_view text, absl::string_view origin,
                            google::protobuf::Message* message, TextLocations* locations) {
  FirstError error(origin);
  // The parser takes any bytes for a string, and a reply with such a string cannot be read.
  if (const std::optional<size_t> fault = engine::FindNotUtf8(text); fault.has_value()) {
    const size_t start = *fault == 0 ? 0 : text.rfind('\n', *fault - 1) + 1;
    error.AddError(static_cast<int>(LineOf(text, *fault)) - 1, static_cast<int>(*fault - start),
                   "not UTF-8");
    return absl::InvalidArgumentError(error.text());
  }
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxNesting);
  parser.WriteLocationsTo(locations);
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&stream, message)) {
    return absl::InvalidArgumentError(
        error.text().empty() ? absl::StrCat(origin, ": not valid text") : error.text());
  }
  return absl::OkStatus();
}

absl::Status ReadTextProto(const std::string& path, google::protobuf::Message* message,
                           TextLocations* locations) {
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const engine::ByteSource> file, engine::OpenFile(path));
  if (file->size() > kMaxConfigBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": got ", file->size(), " bytes, want at most ", kMaxConfigBytes));
  }
  std::string text(file->size(), '\0');
  DNND_RETURN_IF_ERROR(file->Read(0, file->size(), text.data()));
  return ParseTextProto(text, path, message, locations);
}

std::string LocateField(const TextLocations& locations, const google::protobuf::Message& message,
                        absl::string_view field) {
  const std::vector<std::string> path = absl::StrSplit(field, '.');
  const TextLocations* tree = &locations;
  const google::protobuf::Descriptor* type = message.GetDescriptor();
  google::protobuf::TextFormat::ParseLocation found;
  for (size_t i = 0; i < path.size() && tree != nullptr && type != nullptr; ++i) {
    const google::protobuf::FieldDescriptor* part = type->FindFieldByName(path[i]);
    if (part == nullptr) {
      break;
    }
    const int index = part->is_repeated() ? 0 : -1;
    const auto here = tree->GetLocation(part, index);
    found = here.line < 0 ? found : here;  // what is not said is missing from what holds it
    type = part->message_type();
    tree = type == nullptr ? nullptr : tree->GetTreeForNested(part, index);
  }
  return found.line < 0 ? "" : absl::StrCat(found.line + 1, ":", found.column + 1);
}

int64_t LineOf(absl::string_view text, size_t offset) {
  return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
}

}  // namespace dnnd::server
