#include "client/commands/suggestion.h"

#include <gtest/gtest.h>

namespace dnnd::client {
namespace {

TEST(NearestWordTest, FindsTheWordThatWasMeant) {
  const std::vector<std::string> known = {"list", "load", "unload", "reload", "describe"};
  struct Case {
    std::string word, want;
  };
  for (const Case& c : {Case{"lst", "list"}, Case{"laod", "load"}, Case{"unlod", "unload"},
                        Case{"desribe", "describe"}, Case{"delete", ""}, Case{"", ""},
                        Case{"describe-everything", ""}}) {
    EXPECT_EQ(NearestWord(c.word, known), c.want) << c.word;
  }
}

}  // namespace
}  // namespace dnnd::client
