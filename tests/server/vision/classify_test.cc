#include "server/vision/classify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/vision/labels.h"

namespace dnnd::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> Indices(const std::vector<ScoredClass>& classes) {
  std::vector<int> indices;
  for (const ScoredClass& item : classes) {
    indices.push_back(item.index);
  }
  return indices;
}

TEST(BestClasses, AreTheBestFirstAndEqualOnesByIndex) {
  const std::vector<float> outputs = {0.1f, 0.4f, 0.1f, 0.4f};
  EXPECT_THAT(Indices(BestClasses(outputs, Activation::kNone, 3)), ElementsAre(1, 3, 0));
  EXPECT_THAT(Indices(BestClasses(outputs, Activation::kNone, 0)), ElementsAre(1, 3, 0, 2));
  EXPECT_THAT(Indices(BestClasses(outputs, Activation::kNone, 99)), ElementsAre(1, 3, 0, 2));
  EXPECT_THAT(BestClasses({}, Activation::kAuto, 5), IsEmpty());
}

TEST(BestClasses, OrderNaNsLast) {
  const std::vector<float> outputs = {NAN, 1.0f, NAN, -INFINITY, 2.0f};
  EXPECT_THAT(Indices(BestClasses(outputs, Activation::kNone, 0)), ElementsAre(4, 1, 3, 0, 2));
}

TEST(BestClasses, SoftmaxIsOverAllClassesNotTheChosen) {
  const auto classes = BestClasses({1000.0f, 1001.0f, 999.0f}, Activation::kSoftmax, 1);
  ASSERT_EQ(classes.size(), 1u);
  EXPECT_FLOAT_EQ(classes[0].score, 1.0 / (1.0 + std::exp(-1.0) + std::exp(-2.0)));
}

TEST(BestClasses, SigmoidIsOfEachClassByItself) {
  const auto classes = BestClasses({0.0f, 2.0f}, Activation::kSigmoid, 0);
  EXPECT_FLOAT_EQ(classes[0].score, 1.0 / (1.0 + std::exp(-2.0)));
  EXPECT_FLOAT_EQ(classes[1].score, 0.5f);
}

TEST(BestClasses, AutoLeavesProbabilitiesAloneAndTurnsLogitsIntoThem) {
  EXPECT_FLOAT_EQ(BestClasses({0.25f, 0.75f}, Activation::kAuto, 1)[0].score, 0.75f);
  EXPECT_FLOAT_EQ(BestClasses({3.0f, 3.0f}, Activation::kAuto, 1)[0].score, 0.5f);
  // Log-probabilities: softmax gives the probabilities back.
  EXPECT_FLOAT_EQ(BestClasses({std::log(0.2f), std::log(0.8f)}, Activation::kAuto, 1)[0].score,
                  0.8f);
}

TEST(ParseLabels, ReadsOneLabelALine) {
  EXPECT_THAT(ParseLabels("cat\ndog\n"), ElementsAre("cat", "dog"));
  EXPECT_THAT(ParseLabels("\xef\xbb\xbf"
                          "cat\r\ndog"),
              ElementsAre("cat", "dog"));
  EXPECT_THAT(ParseLabels("a\n\nb\n"), ElementsAre("a", "", "b"));
  EXPECT_THAT(ParseLabels(""), IsEmpty());
}

TEST(ParseLabels, LeavesSynsetIdsOutWhereEveryLineHasOne) {
  EXPECT_THAT(ParseLabels("n01440764 tench, Tinca tinca\nn01443537 goldfish\n"),
              ElementsAre("tench, Tinca tinca", "goldfish"));
  EXPECT_THAT(ParseLabels("n01440764 tench\nother"), ElementsAre("n01440764 tench", "other"));
}

}  // namespace
}  // namespace dnnd::server
