// Hostile configuration: whatever stands in a file, reading it returns a status or a message whose
// faults can be told.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/config/model_config.h"
#include "server/config/text_proto.h"
#include "server/vision/labels.h"
#include "tests/fuzz/fuzz_loop.h"

namespace dnnd::server {
namespace {

TEST(FuzzConfiguration, ModelConfigurationsAreReadOrRefusedWithAPlace) {
  const std::vector<std::string> seeds = {
      "task: CLASSIFY\nlabels_file: \"labels.txt\"\npreprocess { width: 224 mean: 0.5 std: 2e-3 "
      "}\n",
      "versions { specific { versions: [1, 2] } }\nbatching { max_batch_size: 8 }  # small\n",
      "precision: EXACT max_memory_bytes: 1000000 score_activation: SIGMOID\n"};
  const testing::FuzzCounts counts = testing::Fuzz(seeds, [](const std::string& text) {
    v1::ModelConfig config;
    TextLocations locations;
    const absl::Status status = ParseTextProto(text, "config.textproto", &config, &locations);
    if (!status.ok()) {
      EXPECT_EQ(status.message().substr(0, 17), "config.textproto:") << status;
      return false;
    }
    for (const ConfigFault& fault : FindFaults(config)) {
      EXPECT_FALSE(fault.field.empty() || fault.message.empty());
      LocateField(locations, config, fault.field);
    }
    return true;
  });
  EXPECT_GT(counts.accepted, 0);
}

TEST(FuzzConfiguration, LabelsAreLinesWhateverTheyHold) {
  const std::vector<std::string> seeds = {
      "\xEF\xBB\xBF"
      "cat\r\ndog\r\n",
      "n01440764 tench, Tinca tinca\nn01443537 goldfish\n"};
  const testing::FuzzCounts counts = testing::Fuzz(seeds, [](const std::string& text) {
    for (const std::string& label : ParseLabels(text)) {
      EXPECT_EQ(label.find('\n'), std::string::npos);
    }
    return true;
  });
  EXPECT_GT(counts.tried, 0);
}

}  // namespace
}  // namespace dnnd::server
