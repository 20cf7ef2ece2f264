#include "client/commands/pictures.h"

#include <CLI/CLI.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/api/channel.h"
#include "client/api/files.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

// Bounds of one request: the server's default for pictures, and room below a message's limit.
constexpr int kMaxImagesPerRequest = 256;
constexpr int64_t kMaxRequestBytes = kMaxMessageBytes - (int64_t{1} << 20);

ExitCode SendAndStartOver(PictureBatch& batch, const std::function<ExitCode(PictureBatch&)>& send) {
  const ExitCode code = send(batch);
  const size_t next = batch.first + batch.names.size();
  batch = PictureBatch();
  batch.first = next;
  return code;
}

}  // namespace

void AddPictureFlags(CLI::App& command, PictureFlags& flags) {
  command.add_option("MODEL", flags.model, "NAME, NAME@VERSION or NAME@LABEL")->required();
  AddImageFlags(command, flags.images, flags.recursive);
}

void AddImageFlags(CLI::App& command, std::vector<std::string>& images, bool& recursive) {
  command.add_option("IMAGE", images, "JPEG or PNG files; - is standard input")->required();
  command.add_flag("-r,--recursive", recursive, "take the pictures in folders, and in theirs");
}

ExitCode SendPictures(Session& session, const std::vector<std::string>& paths,
                      const std::function<ExitCode(PictureBatch&)>& send) {
  PictureBatch batch;
  for (const std::string& path : paths) {
    absl::StatusOr<std::string> bytes = ReadFile(path, session.console().in, kMaxRequestBytes);
    if (!bytes.ok()) return session.FailLocally(bytes.status());
    const bool full = batch.images.size() == kMaxImagesPerRequest ||
                      batch.bytes + static_cast<int64_t>(bytes->size()) > kMaxRequestBytes;
    if (full) {
      if (const ExitCode code = SendAndStartOver(batch, send); code != ExitCode::kDone) return code;
    }
    batch.bytes += bytes->size();
    batch.images.Add()->set_encoded(*std::move(bytes));
    batch.names.push_back(path);
  }
  return SendAndStartOver(batch, send);
}

ExitCode FailNamingPictures(Session& session, const grpc::Status& status,
                            const std::vector<std::string>& names) {
  Failure failure = ReadFailure(status);
  for (auto& [field, description] : failure.fields) {
    absl::string_view path = field;
    size_t index = 0;
    if (path == "image" && !names.empty()) absl::StrAppend(&field, " (", names[0], ")");
    if (!absl::ConsumePrefix(&path, "images[")) continue;
    const absl::string_view number = path.substr(0, path.find(']'));
    if (absl::SimpleAtoi(number, &index) && index < names.size()) {
      absl::StrAppend(&field, " (", names[index], ")");
    }
  }
  return session.Fail(failure);
}

void PrintResults(Console& console, const std::vector<std::string>& names, bool several,
                  int results, const std::function<void(int, const std::string&)>& print) {
  for (int i = 0; i < results; ++i) {
    if (several && i < static_cast<int>(names.size())) {
      console.out << Styled(console, Style::kBold, Printable(names[i])) << '\n';
    }
    print(i, several ? "  " : "");
  }
}

void PrintTimings(Console& console, const dnnd::v1::RequestTimings& timings,
                  absl::string_view models) {
  const std::string line = absl::StrCat("decode ", HumanMilliseconds(timings.decode_ms()),
                                        " · queue ", HumanMilliseconds(timings.queue_ms()),
                                        " · compute ", HumanMilliseconds(timings.compute_ms()),
                                        " · total ", HumanMilliseconds(timings.total_ms()),
                                        " · batch ", timings.batch_size(), " · ", models);
  console.out << Styled(console, Style::kDim, line) << '\n';
}

}  // namespace dnnd::client
