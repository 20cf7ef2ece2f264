#include "client/output/json.h"

#include <dnnd/v1/models.pb.h>
#include <dnnd/v1/vision.pb.h>
#include <gtest/gtest.h>

namespace dnnd::client {
namespace {

TEST(ToJsonTest, IsOneLineWithTheProtosOwnNamesAndWithZeros) {
  dnnd::v1::ClassifyResponse reply;
  reply.mutable_model()->set_name("lenet");
  reply.mutable_model()->set_version(3);
  dnnd::v1::Category* category = reply.add_results()->add_categories();
  category->set_label("two\nlines");
  const auto json = ToJson(reply);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(
      *json,
      R"({"model":{"name":"lenet","version":"3"},"results":[{"categories":[{"index":0,"label":"two\nlines","score":0}]}]})");
}

TEST(ToJsonTest, LeavesOutWhatIsUnsetAndSaysSoWithAbsence) {
  dnnd::v1::Model model;
  model.set_name("broken");
  const auto json = ToJson(model);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(*json, R"({"name":"broken","versions":[],"version_labels":{}})");
}

}  // namespace
}  // namespace dnnd::client
