#include "server/repository/check_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> FaultsOf(const std::string& root) { return CheckStore(root).faults; }

TEST(CheckStore, AStoreThatIsFineHasNoFault) {
  dnnd::testing::TempDir store;
  store.Write("plain/1/model.onnx", "x");
  store.Write("told/1/model.onnx", "x");
  store.Write("told/config.textproto", "task: CLASSIFY labels_file: \"names\"");
  store.Write("told/names", "K\u00e4fer\n");
  const StoreCheck check = CheckStore(store.path());
  EXPECT_THAT(check.faults, IsEmpty());
  EXPECT_THAT(check.warnings, IsEmpty());
  EXPECT_EQ(check.models, 2);
}

TEST(CheckStore, WhatWouldNotBeServedIsAWarning) {
  dnnd::testing::TempDir store;
  store.Write("good/1/model.onnx", "x");
  store.Write("good/2/resnet.onnx", "x");
  store.Write("none/labels.txt", "a");
  store.Write("bad name/1/model.onnx", "x");
  const StoreCheck check = CheckStore(store.path());
  EXPECT_THAT(check.faults, IsEmpty());
  EXPECT_THAT(check.warnings,
              ::testing::UnorderedElementsAre(StartsWith(store.path() + "/bad name: "),
                                              StartsWith(store.path() + "/good/2: "),
                                              StartsWith(store.path() + "/none: no version")));
  EXPECT_EQ(check.models, 2);
}

TEST(CheckStore, EachFaultIsALineThatBeginsWithItsPlace) {
  dnnd::testing::TempDir store;
  const std::string unknown = store.Write("a/config.textproto", "\nwidth: 1");
  const std::string ranges =
      store.Write("b/config.textproto", "preprocess {\n  height: -1\n  pad_value: -1\n}");
  const std::string missing = store.Write("c/config.textproto", "labels_file: \"none\"");
  const std::string latin = store.Write("d/labels.txt",
                                        "a\nK\xe4"
                                        "fer");
  EXPECT_THAT(
      FaultsOf(store.path()),
      ElementsAre(StartsWith(unknown + ":2:"), StartsWith(ranges + ":2:3: preprocess.height"),
                  StartsWith(ranges + ":3:3: preprocess.pad_value"),
                  StartsWith(store.path() + "/c/none: "), StartsWith(latin + ":2: ")));
}

TEST(CheckStore, AStoreThatIsNotThereIsAFault) {
  dnnd::testing::TempDir store;
  EXPECT_THAT(FaultsOf(store.path() + "/nothing"), ElementsAre(HasSubstr("/nothing")));
}

}  // namespace
}  // namespace dnnd::server
