#include "server/repository/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {
namespace {

constexpr char kModelFile[] = "model.onnx";
// A folder with more entries than this is no store of ours; the rest is not looked at.
constexpr size_t kMaxEntries = 100'000;

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};
using Folder = std::unique_ptr<DIR, CloseDir>;

// Null with errno set where there is none.
Folder OpenFolder(int parent, const char* name, int flags) {
  const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
  if (fd < 0) {
    return nullptr;
  }
  DIR* dir = fdopendir(fd);
  if (dir == nullptr) {
    close(fd);
  }
  return Folder(dir);
}

// Names in the folder, sorted; hidden ones (".tmp…" of a version that is being written) are left
// out.
std::vector<std::string> NamesIn(DIR* folder) {
  std::vector<std::string> names;
  for (const dirent* entry = readdir(folder); entry != nullptr && names.size() < kMaxEntries;
       entry = readdir(folder)) {
    if (entry->d_name[0] != '.') {
      names.emplace_back(entry->d_name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// lstat beneath an open folder.
std::optional<struct stat> StatIn(DIR* folder, const char* name) {
  struct stat info {};
  if (fstatat(dirfd(folder), name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  return info;
}

// Whether the process, not the folder, is what an open failed for. What the store holds is then
// unknown: nothing must be taken for gone.
bool IsShortage(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

// Why `name` could not be opened as a folder: RESOURCE_EXHAUSTED at a shortage, else what it is.
absl::Status WhyNoFolder(int error, DIR* parent, const std::string& name) {
  if (IsShortage(error)) {
    return absl::ErrnoToStatus(error, "the model store");
  }
  const std::optional<struct stat> info = StatIn(parent, name.c_str());
  if (!info.has_value() || S_ISDIR(info->st_mode)) {
    return absl::InvalidArgumentError(std::strerror(error));
  }
  return absl::InvalidArgumentError(S_ISLNK(info->st_mode) ? "a symbolic link is not followed"
                                                           : "not a folder");
}

int64_t BytesOfFiles(DIR* folder) {
  int64_t bytes = 0;
  for (const std::string& name : NamesIn(folder)) {
    const auto info = StatIn(folder, name.c_str());
    bytes += info.has_value() && S_ISREG(info->st_mode) ? info->st_size : 0;
  }
  return bytes;
}

// The version in `name`, or why there is none.
absl::StatusOr<StoredVersion> ReadVersion(DIR* model, const std::string& path,
                                          const std::string& name) {
  StoredVersion version;
  const std::optional<int64_t> number = ParseVersion(name);
  if (!number.has_value()) {
    return absl::InvalidArgumentError(
        "not a version: want a number of 1 or more without leading zeros");
  }
  version.number = *number;
  const Folder folder = OpenFolder(dirfd(model), name.c_str(), O_NOFOLLOW);
  if (folder == nullptr) {
    return WhyNoFolder(errno, model, name);
  }
  const auto info = StatIn(folder.get(), kModelFile);
  if (!info.has_value() || !S_ISREG(info->st_mode)) {
    return absl::InvalidArgumentError(info.has_value() ? "model.onnx is not a regular file"
                                                       : "no model.onnx in it");
  }
  version.file = absl::StrCat(path, "/", name, "/", kModelFile);
  version.stamp = {info->st_ino, info->st_size,
                   int64_t{info->st_mtim.tv_sec} * 1'000'000'000 + info->st_mtim.tv_nsec};
  version.bytes = BytesOfFiles(folder.get());
  return version;
}

// RESOURCE_EXHAUSTED at a shortage.
absl::StatusOr<StoredModel> ReadModel(DIR* folder, const std::string& root, const std::string& name,
                                      std::vector<Ignored>* ignored) {
  StoredModel model{name, absl::StrCat(root, "/", name), {}};
  for (const std::string& entry : NamesIn(folder)) {
    const auto info = StatIn(folder, entry.c_str());
    if (info.has_value() && S_ISREG(info->st_mode)) {
      continue;  // labels under any name, a licence, notes: files are not versions
    }
    absl::StatusOr<StoredVersion> version = ReadVersion(folder, model.folder, entry);
    if (version.ok()) {
      model.versions.push_back(*std::move(version));
    } else if (absl::IsResourceExhausted(version.status())) {
      return version.status();
    } else if (ignored != nullptr) {
      ignored->push_back(
          {absl::StrCat(model.folder, "/", entry), std::string(version.status().message())});
    }
  }
  std::sort(model.versions.begin(), model.versions.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return model;
}

}  // namespace

bool IsModelName(absl::string_view name) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (name.empty() || name.size() > 128 || !alphanumeric(name[0])) {
    return false;
  }
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

std::optional<int64_t> ParseVersion(absl::string_view text) {
  int64_t number = 0;
  const bool digits =
      !text.empty() && text[0] != '0' &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(text, &number)) {
    return std::nullopt;
  }
  return number;
}

absl::StatusOr<StoreScan> ScanStore(const std::string& root) {
  const Folder folder = OpenFolder(AT_FDCWD, root.c_str(), 0);
  if (folder == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("model store ", root));
  }
  StoreScan scan;
  for (const std::string& name : NamesIn(folder.get())) {
    const std::string path = absl::StrCat(root, "/", name);
    const Folder model = OpenFolder(dirfd(folder.get()), name.c_str(), O_NOFOLLOW);
    if (model == nullptr) {
      const absl::Status why = WhyNoFolder(errno, folder.get(), name);
      if (absl::IsResourceExhausted(why)) {
        return why;
      }
      scan.ignored.push_back({path, std::string(why.message())});
    } else if (!IsModelName(name)) {
      scan.ignored.push_back(
          {path, "not a model's name: want letters, digits, '.', '_', '-', at most 128"});
    } else {
      DNND_ASSIGN_OR_RETURN(StoredModel read, ReadModel(model.get(), root, name, &scan.ignored));
      scan.models.push_back(std::move(read));
    }
  }
  return scan;
}

absl::StatusOr<StoredModel> ScanModel(const std::string& root, const std::string& name) {
  if (!IsModelName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("got a model name of ", name.size(),
                     " bytes that no model can have, want ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"));
  }
  const Folder folder = OpenFolder(AT_FDCWD, root.c_str(), 0);
  if (folder == nullptr) {
    return absl::ErrnoToStatus(errno, "the model store");
  }
  const Folder model = OpenFolder(dirfd(folder.get()), name.c_str(), O_NOFOLLOW);
  if (model == nullptr) {
    const int error = errno;
    const absl::Status why = WhyNoFolder(error, folder.get(), name);
    return absl::IsResourceExhausted(why)
               ? why
               : absl::NotFoundError(
                     absl::StrCat("no model \"", name, "\" in the store",
                                  error == ENOENT ? "" : absl::StrCat(": ", why.message())));
  }
  return ReadModel(model.get(), root, name, nullptr);
}

}  // namespace dnnd::server
