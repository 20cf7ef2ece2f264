#include "server/config/model_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(ModelConfigTest, NoFileIsAConfigurationThatSaysNothing) {
  dnnd::testing::TempDir folder;
  const auto config = ReadModelConfig(folder.path());
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->ByteSizeLong(), 0u);
}

TEST(ModelConfigTest, ReadsWhatAPersonWrites) {
  dnnd::testing::TempDir folder;
  folder.Write("config.textproto",
               "# a classifier\n"
               "task: CLASSIFY\n"
               "preprocess { resize: STRETCH mean: [104, 117, 123] color: BGR scale: 1 }\n"
               "versions { specific { versions: [1, 3] } }\n"
               "batching { max_batch_size: 8 }\n");
  const auto config = ReadModelConfig(folder.path());
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->task(), v1::ModelConfig::CLASSIFY);
  EXPECT_EQ(config->preprocess().mean_size(), 3);
  EXPECT_EQ(config->versions().specific().versions(1), 3);
}

TEST(ModelConfigTest, EachFieldOutOfRangeIsNamed) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"labels_file: \"../secret\"", "labels_file: got \"../secret\""},
      {"labels_file: \"..\"", "labels_file"},
      {"max_memory_bytes: 0", "max_memory_bytes: got 0"},
      {"preprocess { width: -1 }", "preprocess.width: got -1, want 1 to 16384"},
      {"preprocess { height: 16385 }", "preprocess.height"},
      {"preprocess { std: 0 }", "preprocess.std: got 0, want finite values that are not 0"},
      {"preprocess { mean: nan }", "preprocess.mean: got nan"},
      {"preprocess { mean: [1,1,1,1,1] }", "preprocess.mean: got 5 values"},
      {"preprocess { scale: 0 }", "preprocess.scale"},
      {"preprocess { pad_value: 256 }", "preprocess.pad_value"},
      {"preprocess { max_side: 0 }", "preprocess.max_side: got 0, want 1 to 16384"},
      {"preprocess { size_multiple: 1025 }", "preprocess.size_multiple"},
      {"detection { score_threshold: 1.1 }", "detection.score_threshold: got 1.1, want 0 to 1"},
      {"detection { iou_threshold: nan }", "detection.iou_threshold: got nan"},
      {"detection { max_detections: 0 }", "detection.max_detections: got 0, want 1 to 1000"},
      {"detection { min_size_pixels: -1 }", "detection.min_size_pixels"},
      {"detection { classes: 65536 }", "detection.classes: got 65536"},
      {"detection { strides: 0 }", "detection.strides: got 0, want 1 to 1024"},
      {"detection { center_variance: 0 }", "detection.center_variance"},
      {"detection { anchor_offset: -0.5 }", "detection.anchor_offset: got -0.5, want 0 to 1"},
      {"detection { levels { stride: 8 } }", "detection.levels.widths: got 0 widths"},
      {"detection { levels { stride: 8 widths: 1 heights: 0 } }", "detection.levels"},
      {"versions { latest { count: 0 } }", "versions.latest.count"},
      {"versions { specific {} }", "versions.specific.versions: got no version"},
      {"versions { specific { versions: 0 } }", "got version 0"},
      {"batching { max_batch_size: 0 }", "batching.max_batch_size: got 0, want 1 to 1024"},
      {"batching { max_queue_items: 0 }", "batching.max_queue_items"},
      {"batching { default_deadline_ms: 0 }", "batching.default_deadline_ms"},
  };
  for (const Case& c : cases) {
    dnnd::testing::TempDir folder;
    folder.Write("config.textproto", c.text);
    EXPECT_THAT(ReadModelConfig(folder.path()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.message)));
    EXPECT_THAT(FindFaultsOfFile(folder.path()), ElementsAre(HasSubstr(c.message)));
  }
}

TEST(ModelConfigTest, EveryFaultIsToldWithItsPlace) {
  dnnd::testing::TempDir folder;
  const std::string file = folder.Write("config.textproto",
                                        "task: CLASSIFY\n"
                                        "preprocess {\n"
                                        "  width: -1\n"
                                        "  std: [1, 0]\n"
                                        "}\n"
                                        "versions { specific {} }\n"
                                        "batching { max_queue_items: 0 }\n");
  EXPECT_THAT(
      FindFaultsOfFile(folder.path()),
      ElementsAre(file + ":3:3: preprocess.width: got -1, want 1 to 16384",
                  file + ":4:3: preprocess.std: got 0, want finite values that are not 0",
                  file + ":6:12: versions.specific.versions: got no version, want at least one",
                  file + ":7:12: batching.max_queue_items: got 0, want 1 to 1048576"));
  EXPECT_THAT(ReadModelConfig(folder.path()),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(file + ":3:3: ")));
}

TEST(ModelConfigTest, TextThatCannotBeReadIsToldWithItsPlace) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"task: CLASSIFY\nwidth: 3", ":2:6: "},
      {"task: CLASIFY", ":1:14: "},
      {"task: CLASSIFY\nlabels_file: \"b\xfc"
       "cher\"\n",
       ":2:16: not UTF-8"},
      {"\xff\xfet\0a\0s\0", ":1:1: not UTF-8"},
  };
  for (const Case& c : cases) {
    dnnd::testing::TempDir folder;
    const std::string file = folder.Write("config.textproto", c.text);
    EXPECT_THAT(FindFaultsOfFile(folder.path()), ElementsAre(StartsWith(file + c.message)))
        << c.text;
  }
}

TEST(ModelConfigTest, AFileThatIsFineOrMissingHasNoFault) {
  dnnd::testing::TempDir folder;
  EXPECT_THAT(FindFaultsOfFile(folder.path()), IsEmpty());
  folder.Write("config.textproto", "task: CLASSIFY");
  EXPECT_THAT(FindFaultsOfFile(folder.path()), IsEmpty());
}

}  // namespace
}  // namespace dnnd::server
