#include "server/handlers/detection_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace dnnd::server {
namespace {

// A head is one file, one line, and one value that a configuration can name.
TEST(DetectionConfig, NamesEveryHeadAndNoOther) {
  const auto* kinds = v1::DetectionHead::Kind_descriptor();
  EXPECT_EQ(static_cast<size_t>(kinds->value_count()), AllHeads().size() + 1);
  for (int i = 0; i < kinds->value_count(); ++i) {
    const bool is_kind = kinds->value(i)->number() != v1::DetectionHead::KIND_UNSPECIFIED;
    EXPECT_EQ(FindHead(kinds->value(i)->name()) != nullptr, is_kind) << kinds->value(i)->name();
  }
}

TEST(DetectionConfig, EveryHeadHasUsualPicturesThatCanBe) {
  for (const HeadRow* row : AllHeads()) {
    SCOPED_TRACE(std::string(row->name));
    PreprocessOptions options = row->preprocess();
    options.width = options.height = row->size_multiple;
    EXPECT_TRUE(Preprocessor::Create(options).ok());
    EXPECT_FALSE(row->expects.empty());
    EXPECT_EQ(row->match(DetectorInfo()), HeadMatch::kNo);
    EXPECT_FALSE(row->create(DetectorInfo(), HeadSpec()).ok());
  }
}

TEST(DetectionConfig, ModelsOfOtherTasksHaveNoDetector) {
  ServedModel served;
  served.config.set_task(v1::ModelConfig::CLASSIFY);
  EXPECT_TRUE(AttachDetector(served).ok());
  EXPECT_EQ(served.outputs_reader, nullptr);
}

}  // namespace
}  // namespace dnnd::server
