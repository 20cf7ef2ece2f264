#include "engine/onnx/wire_scanner.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr int kLarge = 3000;  // floats: above kSmallPayloadBytes

onnx::TensorProto Large(const std::string& name, float value) {
  return FloatTensor(name, {kLarge}, std::vector<float>(kLarge, value));
}

absl::StatusOr<ModelSkeleton> Scan(const std::string& bytes) {
  return ScanModel(*BytesInMemory(bytes));
}

float FirstFloat(const std::string& bytes, const Payload& payload) {
  float value;
  std::memcpy(&value, bytes.data() + payload.offset, sizeof(value));
  return value;
}

TEST(WireScanner, LeavesLargePayloadsOutAndSaysWhereTheyLie) {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInitializer(model, FloatTensor("small", {1}, {1}));
  AddInitializer(model, Large("large", 2));
  NodeWriter(model, "Relu", {"x"}, {"y"});
  NodeWriter(model, "Constant", {}, {"c"}).Int("other", 1).TensorValue("value", Large("", 3));
  const std::string bytes = model.SerializeAsString();
  const absl::StatusOr<ModelSkeleton> skeleton = Scan(bytes);
  ASSERT_THAT(skeleton, IsOk());
  EXPECT_LT(skeleton->bytes.size(), 1000);
  ASSERT_EQ(skeleton->initializers.size(), 1);
  EXPECT_EQ(FirstFloat(bytes, skeleton->initializers.at(1)), 2);
  EXPECT_EQ(skeleton->initializers.at(1).bytes, kLarge * 4);
  ASSERT_EQ(skeleton->attributes.size(), 1);
  EXPECT_EQ(FirstFloat(bytes, skeleton->attributes.at({1, 1})), 3);
  onnx::ModelProto parsed;
  ASSERT_TRUE(parsed.ParseFromString(skeleton->bytes));
  EXPECT_EQ(parsed.graph().initializer(0).raw_data().size(), 4);
  EXPECT_FALSE(parsed.graph().initializer(1).has_raw_data());
  EXPECT_EQ(parsed.graph().initializer(1).name(), "large");
}

TEST(WireScanner, AModelWithoutLargePayloadsIsItsOwnSkeleton) {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {-1, 3});
  AddInitializer(model, FloatTensor("w", {3}, {1, 2, 3}));
  NodeWriter(model, "Add", {"x", "w"}, {"y"}).Floats("floats", {1, 2}).String("s", "text");
  AddOutput(model, "y");
  const std::string bytes = model.SerializeAsString();
  EXPECT_EQ(Scan(bytes)->bytes, bytes);
}

// Protobuf joins what stands twice: repeated fields go on, of single ones the last counts.
TEST(WireScanner, CountsAcrossAGraphThatStandsInTwoParts) {
  onnx::ModelProto first = ModelOfOpset(13);
  AddInitializer(first, Large("a", 1));
  NodeWriter(first, "Constant", {}, {"p"}).TensorValue("value", Large("", 2));
  onnx::ModelProto second;
  AddInitializer(second, Large("b", 3));
  NodeWriter(second, "Constant", {}, {"q"}).TensorValue("value", Large("", 4));
  const std::string bytes = first.SerializeAsString() + second.SerializePartialAsString();
  const absl::StatusOr<ModelSkeleton> skeleton = Scan(bytes);
  ASSERT_THAT(skeleton, IsOk());
  EXPECT_EQ(FirstFloat(bytes, skeleton->initializers.at(0)), 1);
  EXPECT_EQ(FirstFloat(bytes, skeleton->initializers.at(1)), 3);
  EXPECT_EQ(FirstFloat(bytes, skeleton->attributes.at({0, 0})), 2);
  EXPECT_EQ(FirstFloat(bytes, skeleton->attributes.at({1, 0})), 4);
}

TEST(WireScanner, OfTwoPayloadsTheLastCounts) {
  const auto model_of = [](const std::string& tensor) {
    const auto field = [](char tag, const std::string& bytes) {
      std::string length;
      for (size_t left = bytes.size();; left >>= 7) {
        length.push_back(static_cast<char>(left < 0x80 ? left : (left & 0x7f) | 0x80));
        if (left < 0x80) break;
      }
      return std::string(1, tag) + length + bytes;
    };
    return field((7 << 3) | 2, field((5 << 3) | 2, tensor));
  };
  const std::string large = Large("w", 1).SerializeAsString();
  const std::string larger =
      FloatTensor("w", {}, std::vector<float>(kLarge, 2)).SerializeAsString();
  const std::string small = FloatTensor("w", {}, {3}).SerializeAsString();
  EXPECT_TRUE(Scan(model_of(large + small))->initializers.empty());
  const std::string bytes = model_of(small + larger);
  EXPECT_EQ(FirstFloat(bytes, Scan(bytes)->initializers.at(0)), 2);
}

struct Malformed {
  const char* name;
  std::string bytes;
  const char* message;
};

class WireScannerRefuses : public ::testing::TestWithParam<Malformed> {};

TEST_P(WireScannerRefuses, AndNamesThePlace) {
  EXPECT_THAT(Scan(GetParam().bytes),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, WireScannerRefuses,
    ::testing::Values(
        Malformed{"ATagWithoutValue", "\x08", "cut off at byte 1"},
        Malformed{"AVarintWithoutEnd",
                  std::string("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
                  "longer than ten bytes"},
        Malformed{"AFixedNumberThatIsCutOff",
                  std::string("\x09"
                              "1234"),
                  "cut off"},
        Malformed{"ALengthBeyondTheFile", "\x3a\x7f", "a field of 127 bytes leaves its message"},
        Malformed{"ALengthBeyondItsMessage", std::string("\x3a\x02\x2a\x05zzzzz"),
                  "leaves its message"},
        Malformed{"ALengthOfAllBits", std::string("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
                  "leaves its message"},
        Malformed{"AGroup", "\x3b", "wire type 3"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace dnnd::engine
