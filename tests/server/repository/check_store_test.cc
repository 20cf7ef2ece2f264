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

TEST(CheckStore, AStoreThatIsFineHasNoFault) {
  dnnd::testing::TempDir store;
  store.Write("plain/1/model.onnx", "x");
  store.Write("told/config.textproto", "task: CLASSIFY labels_file: \"names\"");
  store.Write("told/names", "K\u00e4fer\n");
  EXPECT_THAT(FindFaultsOfStore(store.path()), IsEmpty());
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
      FindFaultsOfStore(store.path()),
      ElementsAre(StartsWith(unknown + ":2:"), StartsWith(ranges + ":2:3: preprocess.height"),
                  StartsWith(ranges + ":3:3: preprocess.pad_value"),
                  StartsWith(store.path() + "/c/none: "), StartsWith(latin + ":2: ")));
}

TEST(CheckStore, AStoreThatIsNotThereIsAFault) {
  dnnd::testing::TempDir store;
  EXPECT_THAT(FindFaultsOfStore(store.path() + "/nothing"), ElementsAre(HasSubstr("/nothing")));
}

}  // namespace
}  // namespace dnnd::server
