#include "engine/base/utf8.h"

#include <gtest/gtest.h>

namespace dnnd::engine {
namespace {

TEST(Utf8, TellsTextFromOtherBytes) {
  struct Case {
    const char* what;
    absl::string_view text;
    std::optional<size_t> fault;
    const char* repaired;
  };
  const Case cases[] = {
      {"nothing", "", std::nullopt, ""},
      {"ASCII with a zero", absl::string_view("a\0b", 3), std::nullopt, nullptr},
      {"two, three and four bytes", "\u00fc\u20ac\U0001F600", std::nullopt,
       "\u00fc\u20ac\U0001F600"},
      {"Latin-1",
       "gr\xfc"
       "n",
       2, "gr\ufffdn"},
      {"a byte of the middle alone", "a\x80", 1, "a\ufffd"},
      {"a sequence that is cut", "ab\xe2\x82", 2, "ab\ufffd\ufffd"},
      {"an overlong slash", "\xc0\xaf", 0, "\ufffd\ufffd"},
      {"an overlong form of three bytes", "\xe0\x80\xaf", 0, "\ufffd\ufffd\ufffd"},
      {"a surrogate", "\xed\xa0\x80", 0, "\ufffd\ufffd\ufffd"},
      {"beyond U+10FFFF", "\xf4\x90\x80\x80", 0, "\ufffd\ufffd\ufffd\ufffd"},
      {"the last one", "\xf4\x8f\xbf\xbf", std::nullopt, "\xf4\x8f\xbf\xbf"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(FindNotUtf8(c.text), c.fault) << c.what;
    const std::string expected = c.repaired == nullptr ? std::string(c.text) : c.repaired;
    EXPECT_EQ(ToUtf8(c.text), expected) << c.what;
    EXPECT_EQ(FindNotUtf8(expected), std::nullopt) << c.what;
  }
}

}  // namespace
}  // namespace dnnd::engine
