#include "server/config/text_proto.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "engine/base/byte_source.h"
#include "engine/base/status.h"

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
                            google::protobuf::Message* message) {
  FirstError error(origin);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxNesting);
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&stream, message)) {
    return absl::InvalidArgumentError(
        error.text().empty() ? absl::StrCat(origin, ": not valid text") : error.text());
  }
  return absl::OkStatus();
}

absl::Status ReadTextProto(const std::string& path, google::protobuf::Message* message) {
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const engine::ByteSource> file, engine::OpenFile(path));
  if (file->size() > kMaxConfigBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": got ", file->size(), " bytes, want at most ", kMaxConfigBytes));
  }
  std::string text(file->size(), '\0');
  DNND_RETURN_IF_ERROR(file->Read(0, file->size(), text.data()));
  return ParseTextProto(text, path, message);
}

}  // namespace dnnd::server
