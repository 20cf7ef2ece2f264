#include "server/repository/engine_version_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_split.h"
#include "engine/engine.h"
#include "server/telemetry/metrics.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Says what the test wants, instead of starting a process.
class PuppetChecker : public ModelChecker {
 public:
  absl::Status Check(const std::string&, v1::ModelConfig::Precision) override {
    ++checks;
    return answer;
  }
  absl::Status answer;
  int checks = 0;
};

class EngineVersionLoaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* store = std::getenv("DNND_TEST_STORE");
    if (store == nullptr) {
      GTEST_SKIP() << "DNND_TEST_STORE is not set";
    }
    std::filesystem::create_directories(folder_.path() + "/1");
    std::filesystem::copy(std::string(store) + "/shapes/1/model.onnx", file());
  }

  std::string file() const { return folder_.path() + "/1/model.onnx"; }

  absl::StatusOr<std::unique_ptr<ServedModel>> Load() {
    EngineVersionLoader::Options options;
    options.parse_labels = [](absl::string_view text) -> std::vector<std::string> {
      return absl::StrSplit(text, '\n', absl::SkipEmpty());
    };
    options.recognise_detector = [](const engine::Model&, const v1::ModelConfig&) {
      return DetectorFacts();
    };
    options.attach_detector = [](ServedModel&) { return absl::OkStatus(); };
    options.warm_up = [this](ServedModel& served) {
      ++warm_ups_;
      served.weight_bytes = 1;
      return warm_up_answer_;
    };
    return EngineVersionLoader(options, checker_)
        .Load({"shapes", 1, folder_.path(), file(), metrics_.ForModel("shapes", 1)});
  }

  dnnd::testing::TempDir folder_;
  Metrics metrics_;
  PuppetChecker checker_;
  absl::Status warm_up_answer_;
  int warm_ups_ = 0;
};

TEST_F(EngineVersionLoaderTest, LoadsResolvesAndWarms) {
  folder_.Write("labels.txt", "a\nb\n");
  folder_.Write("config.textproto", "preprocess { mean: 0.5 std: 0.5 }");
  const auto served = Load();
  ASSERT_THAT(served, IsOk());
  EXPECT_EQ((*served)->name, "shapes");
  EXPECT_EQ((*served)->config.task(), v1::ModelConfig::CLASSIFY);
  EXPECT_THAT((*served)->config.preprocess().mean(), ElementsAre(0.5f));
  EXPECT_THAT((*served)->labels, ElementsAre("a", "b"));
  EXPECT_THAT((*served)->assumed, Contains(HasSubstr("task CLASSIFY")));
  EXPECT_EQ(checker_.checks, 1);
  EXPECT_EQ(warm_ups_, 1);
}

TEST_F(EngineVersionLoaderTest, WhatTheChildCouldNotLoadIsNotLoadedHere) {
  checker_.answer = absl::InternalError("it crashed");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInternal, HasSubstr("it crashed")));
  EXPECT_EQ(warm_ups_, 0);
}

TEST_F(EngineVersionLoaderTest, EachStepThatFailsEndsTheLoadWithItsReason) {
  struct Case {
    const char* file;
    const char* text;
    absl::StatusCode code;
    const char* message;
  };
  const Case cases[] = {
      {"config.textproto", "task: CLASIFY", absl::StatusCode::kInvalidArgument,
       "config.textproto:1:14: "},
      {"config.textproto", "labels_file: \"none.txt\"", absl::StatusCode::kNotFound, "none.txt: "},
      {"config.textproto", "precision: INT8", absl::StatusCode::kUnimplemented, "got INT8"},
      {"config.textproto", "preprocess { width: 7 }", absl::StatusCode::kInvalidArgument,
       "preprocess.width: got 7"},
  };
  for (const Case& c : cases) {
    folder_.Write(c.file, c.text);
    EXPECT_THAT(Load(), StatusIs(c.code, HasSubstr(c.message))) << c.text;
  }
  folder_.Write("config.textproto", "");
  warm_up_answer_ = absl::ResourceExhaustedError("no memory");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("no memory")));
}

TEST_F(EngineVersionLoaderTest, LabelsOutsideOfTheFolderAreNotRead) {
  dnnd::testing::TempDir elsewhere;
  elsewhere.Write("secret", "x");
  std::filesystem::create_symlink(elsewhere.path() + "/secret", folder_.path() + "/labels.txt");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("labels.txt: ")));
}

TEST_F(EngineVersionLoaderTest, LabelsThatAreNotUtf8AreRefusedWithTheLine) {
  folder_.Write("labels.txt",
                "tench\ngoldfish\nR\xfc"
                "sselk\xe4"
                "fer\n");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("labels.txt:3: got the byte 0xfc, want UTF-8")));
  EXPECT_EQ(warm_ups_, 0);
}

TEST_F(EngineVersionLoaderTest, AnInputWhoseNameIsNotUtf8IsRefused) {
  std::ifstream in(file(), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const engine::Signature signature = (*engine::LoadModelFile(file(), {}))->signature();
  const std::string name = signature.inputs[0].name;
  // Everywhere, for nodes name it too; of the same length, so that the file stays whole.
  std::string other = name;
  other[0] = '\xff';
  const std::string with_length = std::string(1, static_cast<char>(name.size()));
  for (size_t at = bytes.find(with_length + name); at != std::string::npos;
       at = bytes.find(with_length + name, at + 1)) {
    bytes.replace(at + 1, name.size(), other);
  }
  folder_.Write("1/model.onnx", bytes);
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("input 0: its name"), HasSubstr("not UTF-8"))));
}

}  // namespace
}  // namespace dnnd::server
