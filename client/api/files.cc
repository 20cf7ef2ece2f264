#include "client/api/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace dnnd::client {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> ReadStream(std::istream& stream, const std::string& path,
                                       int64_t max_bytes) {
  std::string bytes;
  std::array<char, 1 << 16> buffer;
  while (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0) {
    bytes.append(buffer.data(), stream.gcount());
    if (static_cast<int64_t>(bytes.size()) > max_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(path, " has more than ", max_bytes,
                                                       " bytes, the most that one message takes"));
    }
  }
  if (stream.bad()) return absl::FailedPreconditionError(absl::StrCat("cannot read ", path));
  return bytes;
}

bool IsPicture(const fs::path& path) {
  const std::string extension = absl::AsciiStrToLower(path.extension().string());
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

absl::StatusOr<std::vector<std::string>> PicturesBelow(const std::string& folder) {
  std::vector<std::string> pictures;
  std::error_code error;
  auto entry = fs::recursive_directory_iterator(
      folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored) && IsPicture(entry->path())) {
      pictures.push_back(entry->path().string());
    }
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot list ", folder, ": ", error.message()));
  }
  if (pictures.empty()) {
    return absl::NotFoundError(absl::StrCat("no .jpg, .jpeg or .png file in or below ", folder));
  }
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, std::istream& standard_input,
                                     int64_t max_bytes) {
  if (path == "-") return ReadStream(standard_input, "standard input", max_bytes);
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is a folder"));
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    const int reason = errno;
    const std::string message =
        absl::StrCat("cannot open ", path, ": ", std::generic_category().message(reason));
    return reason == ENOENT ? absl::NotFoundError(message) : absl::FailedPreconditionError(message);
  }
  return ReadStream(stream, path, max_bytes);
}

absl::Status WriteFile(const std::string& path, absl::string_view bytes) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) return absl::FailedPreconditionError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FindPictures(const std::vector<std::string>& paths,
                                                      bool recursive) {
  std::vector<std::string> pictures;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path == "-" || !fs::is_directory(path, error)) {
      if (path != "-" && !fs::exists(path, error)) {
        return absl::NotFoundError(absl::StrCat("there is no file ", path));
      }
      pictures.push_back(path);
      continue;
    }
    if (!recursive) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " is a folder; -r takes the pictures in it"));
    }
    absl::StatusOr<std::vector<std::string>> below = PicturesBelow(path);
    if (!below.ok()) return below.status();
    pictures.insert(pictures.end(), below->begin(), below->end());
  }
  return pictures;
}

}  // namespace dnnd::client
