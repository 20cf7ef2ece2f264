#include "client/api/model_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace dnnd::client {
namespace {

using dnnd::testing::IsOk;
using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

TEST(ParseModelSpecTest, ReadsNameVersionAndLabel) {
  const auto plain = ParseModelSpec("lenet");
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->name(), "lenet");
  EXPECT_EQ(plain->version_choice_case(), dnnd::v1::ModelSpec::VERSION_CHOICE_NOT_SET);
  EXPECT_EQ(ParseModelSpec("lenet@17")->version(), 17);
  EXPECT_EQ(ParseModelSpec("lenet@stable")->version_label(), "stable");
  EXPECT_EQ(ParseModelSpec("lenet@2x")->version_label(), "2x");
}

TEST(ParseModelSpecTest, RefusesEmptyPartsAndVersionsThatCannotBe) {
  struct Case {
    std::string text, want;
  };
  for (const Case& c :
       {Case{"", "no name"}, Case{"@3", "no name"}, Case{"lenet@", "follows the @"},
        Case{"lenet@0", "version 0"}, Case{"lenet@99999999999999999999", "2^63-1"}}) {
    EXPECT_THAT(ParseModelSpec(c.text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.want)));
  }
}

TEST(ModelSpecTextTest, IsWhatParseReads) {
  for (const std::string text : {"lenet", "lenet@3", "lenet@stable"}) {
    EXPECT_EQ(ModelSpecText(*ParseModelSpec(text)), text);
  }
}

}  // namespace
}  // namespace dnnd::client
