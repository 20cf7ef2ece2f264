#include "client/api/elements.h"

#include <gtest/gtest.h>

#include <cmath>

#include "client/api/data_type.h"

namespace dnnd::client {
namespace {

using dnnd::v1::DataType;

double RoundTrip(double value, DataType type) {
  dnnd::v1::Tensor tensor;
  tensor.set_data_type(type);
  AppendElement(0, type, *tensor.mutable_contents());
  AppendElement(value, type, *tensor.mutable_contents());
  EXPECT_EQ(tensor.contents().size(), 2 * ElementBytes(type)) << DataTypeWord(type);
  return ElementAt(tensor, 1);
}

TEST(ElementsTest, EveryNumericTypeKeepsWhatItCanHold) {
  for (int type = dnnd::v1::DataType_MIN; type <= dnnd::v1::DataType_MAX; ++type) {
    const auto data_type = static_cast<DataType>(type);
    if (ElementBytes(data_type) == 0) continue;
    EXPECT_EQ(RoundTrip(1, data_type), 1) << DataTypeWord(data_type);
    EXPECT_EQ(RoundTrip(0, data_type), 0) << DataTypeWord(data_type);
  }
  EXPECT_EQ(RoundTrip(-7, dnnd::v1::DATA_TYPE_INT8), -7);
  EXPECT_EQ(RoundTrip(-0.15625, dnnd::v1::DATA_TYPE_FP16), -0.15625);
  EXPECT_EQ(RoundTrip(65504, dnnd::v1::DATA_TYPE_FP16), 65504);
  EXPECT_EQ(RoundTrip(-2.5, dnnd::v1::DATA_TYPE_BF16), -2.5);
  EXPECT_EQ(RoundTrip(1e300, dnnd::v1::DATA_TYPE_FP64), 1e300);
}

TEST(ElementsTest, HalfPrecisionIsReadInEveryForm) {
  struct Case {
    std::string bits;
    double want;
  };
  for (const Case& c :
       {Case{std::string("\x01\x00", 2), 5.9604644775390625e-08},  // smallest subnormal
        Case{std::string("\x00\x04", 2), 6.103515625e-05},         // smallest normal
        Case{std::string("\x00\xfc", 2), -HUGE_VAL}, Case{std::string("\x00\xc0", 2), -2}}) {
    dnnd::v1::Tensor tensor;
    tensor.set_data_type(dnnd::v1::DATA_TYPE_FP16);
    tensor.set_contents(c.bits);
    EXPECT_EQ(ElementAt(tensor, 0), c.want);
  }
}

TEST(DataTypeTest, WordsAreReadAsTheyArePrinted) {
  for (int type = 1; type <= dnnd::v1::DataType_MAX; ++type) {
    const auto data_type = static_cast<DataType>(type);
    EXPECT_EQ(ParseDataType(DataTypeWord(data_type)).value(), data_type);
  }
  EXPECT_EQ(ParseDataType("Float32").value(), dnnd::v1::DATA_TYPE_FP32);
  EXPECT_FALSE(ParseDataType("fp33").ok());
  EXPECT_FALSE(ParseDataType("").ok());
}

TEST(ElementCountTest, IsTheProductAndNeverWraps) {
  EXPECT_EQ(ElementCount({}).value(), 1);
  EXPECT_EQ(ElementCount({2, 3, 0}).value(), 0);
  EXPECT_EQ(ElementCount({int64_t{1} << 62}).value(), int64_t{1} << 62);
  EXPECT_FALSE(ElementCount({int64_t{1} << 62, 2}).ok());
  EXPECT_FALSE(ElementCount({int64_t{1} << 32, int64_t{1} << 32}).ok());
  EXPECT_FALSE(ElementCount({-1}).ok());
}

}  // namespace
}  // namespace dnnd::client
