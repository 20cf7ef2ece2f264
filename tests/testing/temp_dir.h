// A folder for one test.
#ifndef DNND_TESTS_TESTING_TEMP_DIR_H_
#define DNND_TESTS_TESTING_TEMP_DIR_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace dnnd::testing {

// Made empty, removed with all that is in it.
class TempDir {
 public:
  TempDir() {
    std::string name = ::testing::TempDir() + "dnnd.XXXXXX";
    path_ = mkdtemp(name.data()) == nullptr ? std::string() : name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

  // Writes `text` into the file `name` inside, making folders on the way. Returns its path.
  std::string Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    return file;
  }

 private:
  std::string path_;
};

}  // namespace dnnd::testing

#endif  // DNND_TESTS_TESTING_TEMP_DIR_H_
