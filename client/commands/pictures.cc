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

// Bounds of one request. The server decodes all of a request's pictures before it answers the first
// and holds them meanwhile: a folder in one request would leave no room for others.
constexpr int kMaxImagesPerRequest = 16;
constexpr int64_t kMaxRequestBytes = kMaxMessageBytes - (int64_t{1} << 20);

// Of the picture that a field is about: images[i], or image where there is one.
std::optional<size_t> PictureOf(absl::string_view field) {
  size_t index = 0;
  if (field == "image") return index;
  if (!absl::ConsumePrefix(&field, "images[")) return std::nullopt;
  if (!absl::SimpleAtoi(field.substr(0, field.find(']')), &index)) return std::nullopt;
  return index;
}

ExitCode SendAndStartOver(PictureBatch& batch, const std::function<ExitCode(PictureBatch&)>& send) {
  const ExitCode code = send(batch);
  batch = PictureBatch();
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
  for (size_t place = 0; place < paths.size(); ++place) {
    const std::string& path = paths[place];
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
    batch.places.push_back(place);
  }
  return SendAndStartOver(batch, send);
}

void PictureBatch::Remove(size_t index) {
  places.erase(places.begin() + index);
  names.erase(names.begin() + index);
  images.DeleteSubrange(static_cast<int>(index), 1);
}

std::optional<size_t> BlamedPicture(const grpc::Status& status, size_t pictures) {
  for (const auto& [field, description] : ReadFailure(status).fields) {
    const std::optional<size_t> picture = PictureOf(field);
    if (picture.has_value() && *picture < pictures) return picture;
  }
  return std::nullopt;
}

ExitCode FailNamingPictures(Session& session, const grpc::Status& status,
                            const std::vector<std::string>& names) {
  Failure failure = ReadFailure(status);
  for (auto& [field, description] : failure.fields) {
    const std::optional<size_t> picture = PictureOf(field);
    if (picture.has_value() && *picture < names.size()) {
      absl::StrAppend(&field, " (", names[*picture], ")");
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
  const std::string line = absl::StrCat(
      "decode ", HumanMilliseconds(timings.decode_ms()), " · preprocess ",
      HumanMilliseconds(timings.preprocess_ms()), " · queue ",
      HumanMilliseconds(timings.queue_ms()), " · compute ", HumanMilliseconds(timings.compute_ms()),
      " · postprocess ", HumanMilliseconds(timings.postprocess_ms()), " · total ",
      HumanMilliseconds(timings.total_ms()), " · batch ", timings.batch_size(), " · ", models);
  console.out << Styled(console, Style::kDim, line) << '\n';
}

}  // namespace dnnd::client
