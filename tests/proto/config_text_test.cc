// The words that people write in configuration files.
#include <dnnd/v1/config.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace dnnd {
namespace {

using dnnd::v1::ModelConfig;
using dnnd::v1::Preprocess;
using google::protobuf::TextFormat;

TEST(ConfigTextTest, AModelsShortWordsAreRead) {
  ModelConfig config;
  ASSERT_TRUE(TextFormat::ParseFromString(R"(
      task: CLASSIFY
      labels_file: "labels.txt"
      score_activation: SOFTMAX
      preprocess {
        width: 224 height: 224 resize: LETTERBOX color: BGR layout: NHWC
        scale: 1 mean: [103.9, 116.8, 123.7] std: 1 anchor: TOP_LEFT pad_value: 114
      }
      versions { latest { count: 2 } }
      batching { max_batch_size: 8 default_deadline_ms: 500 }
      precision: EXACT)",
                                          &config));
  EXPECT_EQ(config.task(), ModelConfig::CLASSIFY);
  EXPECT_EQ(config.preprocess().resize(), Preprocess::LETTERBOX);
  EXPECT_EQ(config.preprocess().color(), Preprocess::BGR);
  EXPECT_EQ(config.preprocess().mean_size(), 3);
  EXPECT_EQ(config.versions().latest().count(), 2);
  EXPECT_FALSE(config.batching().has_max_queue_items());
}

TEST(ConfigTextTest, EveryWordOfTheDesignIsRead) {
  for (const std::string text : {"preprocess { resize: SHORTER_SIDE_CROP }",
                                 "preprocess { resize: STRETCH }",
                                 "preprocess { resize: LETTERBOX }",
                                 "preprocess { color: RGB }",
                                 "preprocess { color: BGR }",
                                 "preprocess { color: GRAY }",
                                 "preprocess { layout: NCHW }",
                                 "preprocess { layout: NHWC }",
                                 "preprocess { anchor: CENTER }",
                                 "preprocess { anchor: TOP_LEFT }",
                                 "score_activation: AUTO",
                                 "score_activation: NONE",
                                 "score_activation: SOFTMAX",
                                 "score_activation: SIGMOID",
                                 "precision: EXACT",
                                 "precision: F32",
                                 "precision: BF16",
                                 "precision: INT8",
                                 "versions { all {} }",
                                 "versions { specific { versions: [1, 3] } }",
                                 "task: DETECT",
                                 "task: SEGMENT",
                                 "task: EMBED",
                                 "task: TENSORS"}) {
    ModelConfig config;
    EXPECT_TRUE(TextFormat::ParseFromString(text, &config)) << text;
  }
}

TEST(ConfigTextTest, ADaemonsConfigurationIsRead) {
  dnnd::v1::ServerConfig config;
  ASSERT_TRUE(TextFormat::ParseFromString(R"(
      grpc_address: "127.0.0.1:0" model_store: "models" state_dir: "state" model_poll_interval_ms: 0
      limits { max_message_bytes: 67108864 max_connections: 64 }
      lanes { count: 2 }
      log { level: WARNING format: JSON }
      precision: F32 drain_seconds: 5 allow_anonymous: true)",
                                          &config));
  EXPECT_TRUE(config.has_model_poll_interval_ms());
  EXPECT_EQ(config.log().level(), dnnd::v1::ServerConfig::Log::WARNING);
}

}  // namespace
}  // namespace dnnd
