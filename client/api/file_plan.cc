#include "client/api/file_plan.h"

#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dnnd::client {
namespace {

namespace fs = std::filesystem;

bool HasEndingOfAPicture(const std::string& path) {
  const std::string ending = absl::AsciiStrToLower(fs::path(path).extension().string());
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

// Where one file is to go.
absl::Status CheckFile(const std::string& file, const std::string& ending) {
  std::error_code error;
  const fs::path folder = fs::path(file).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, error)) {
    return absl::InvalidArgumentError(absl::StrCat("there is no folder ", folder.string()));
  }
  const std::string want = ending.substr(ending.rfind('.'));
  if (HasEndingOfAPicture(file) && !absl::EndsWithIgnoreCase(file, want)) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, " would be a ", want, " file; want a name that ends with that"));
  }
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error) && HasEndingOfAPicture(folder)) {
    return absl::InvalidArgumentError(
        absl::StrCat("several pictures want a folder, and ", folder, " looks like a file"));
  }
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder, " is a file; several pictures want a folder"));
  }
  fs::create_directories(folder, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the folder ", folder, ": ", error.message()));
  }
  return absl::OkStatus();
}

std::vector<std::string> NamesInFolder(const std::string& folder,
                                       const std::vector<std::string>& pictures,
                                       const std::string& ending) {
  std::vector<std::string> files;
  std::set<std::string> taken;
  for (const std::string& picture : pictures) {
    const std::string stem = picture == "-" ? "stdin" : fs::path(picture).stem().string();
    std::string name = stem;
    for (int i = 2; !taken.insert(name).second; ++i) name = absl::StrCat(stem, "-", i);
    files.push_back(fs::path(folder) / absl::StrCat(name, ending));
  }
  return files;
}

absl::Status CheckNoneIsOverwritten(const std::vector<std::string>& files,
                                    const std::vector<std::string>& pictures) {
  // By their true paths, so that a pair is found without comparing all pairs.
  std::set<fs::path> sources;
  std::error_code error;
  for (const std::string& picture : pictures) sources.insert(fs::weakly_canonical(picture, error));
  for (const std::string& file : files) {
    if (fs::exists(file, error) && sources.count(fs::weakly_canonical(file, error)) > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, " is one of the pictures and would be overwritten"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> PlanFiles(const std::string& target,
                                                   const std::vector<std::string>& pictures,
                                                   const std::string& ending) {
  std::vector<std::string> files = {target};
  std::error_code error;
  if (pictures.size() > 1 || absl::EndsWith(target, "/") || fs::is_directory(target, error)) {
    if (absl::Status made = MakeFolder(target); !made.ok()) return made;
    files = NamesInFolder(target, pictures, ending);
  } else if (absl::Status file = CheckFile(target, ending); !file.ok()) {
    return file;
  }
  if (absl::Status safe = CheckNoneIsOverwritten(files, pictures); !safe.ok()) return safe;
  return files;
}

}  // namespace dnnd::client
