#include "client/api/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace dnnd::client {
namespace {

using dnnd::testing::IsOk;
using dnnd::testing::StatusIs;
using dnnd::v1::Tensor;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kGoodHeader[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n";

std::string LittleEndian(uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string File(const std::string& header, const std::string& data, int version = 1) {
  std::string file("\x93NUMPY", 6);
  file += static_cast<char>(version);
  file += '\0';
  return file + LittleEndian(header.size(), version == 1 ? 2 : 4) + header + data;
}

// Written by numpy.save(..., numpy.array([[1.0], [-2.5]], dtype='<f4')), NumPy 1.24.
const std::string kFromNumpy = std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                               "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }" +
                               std::string(58, ' ') + "\n" +
                               std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0", 8);

TEST(ParseNpyTest, ReadsWhatNumpyWrites) {
  const auto tensor = ParseNpy(kFromNumpy);
  ASSERT_THAT(tensor, IsOk());
  EXPECT_EQ(tensor->data_type(), dnnd::v1::DATA_TYPE_FP32);
  EXPECT_THAT(tensor->shape(), ElementsAre(2, 1));
  EXPECT_EQ(tensor->contents(), std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0", 8));
}

TEST(ParseNpyTest, WritesWhatNumpyWrites) {
  EXPECT_EQ(FormatNpy(*ParseNpy(kFromNumpy)).value(), kFromNumpy);
}

TEST(ParseNpyTest, ReadsEveryFormOfHeader) {
  struct Case {
    std::string header;
    std::string data;
    int version;
    dnnd::v1::DataType type;
    std::vector<int64_t> shape;
  };
  for (const Case& c : {
           Case{kGoodHeader, "12345678", 2, dnnd::v1::DATA_TYPE_FP32, {2, 1}},
           Case{kGoodHeader, "12345678", 3, dnnd::v1::DATA_TYPE_FP32, {2, 1}},
           Case{"{\"shape\":(3,),\"fortran_order\":False,\"descr\":\"|u1\"}",
                "abc",
                1,
                dnnd::v1::DATA_TYPE_UINT8,
                {3}},
           Case{"{'descr': '>i1', 'fortran_order': True, 'shape': (1,)}",
                "x",
                1,
                dnnd::v1::DATA_TYPE_INT8,
                {1}},
           Case{"{'descr': '<i8', 'fortran_order': False, 'shape': ()}",
                "12345678",
                1,
                dnnd::v1::DATA_TYPE_INT64,
                {}},
           Case{"{'descr': '=f2', 'fortran_order': False, 'shape': (0, 9)}",
                "",
                1,
                dnnd::v1::DATA_TYPE_FP16,
                {0, 9}},
       }) {
    const auto tensor = ParseNpy(File(c.header, c.data, c.version));
    ASSERT_THAT(tensor, IsOk()) << c.header;
    EXPECT_EQ(tensor->data_type(), c.type);
    EXPECT_EQ(std::vector<int64_t>(tensor->shape().begin(), tensor->shape().end()), c.shape);
    EXPECT_EQ(tensor->contents(), c.data);
  }
}

TEST(ParseNpyTest, RefusesHostileAndUnusableFilesWithTheReason) {
  const auto header = [](const std::string& descr, const std::string& order,
                         const std::string& shape) {
    return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  };
  struct Case {
    std::string bytes, want;
  };
  const Case cases[] = {
      {"", "does not start with"},
      {"PK\x03\x04 an archive of numpy.savez", "does not start with"},
      {std::string("\x93NUMPY", 6), "format version is 0"},
      {File(kGoodHeader, "12345678", 9), "format version is 9"},
      {std::string("\x93NUMPY\x01\x00\x05", 9), "ends before its header"},
      {std::string("\x93NUMPY\x01\x00\x50\x00 short", 16), "ends within its header"},
      {std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12), "4294967295 bytes, at most"},
      {File("", ""), "no dictionary"},
      {File("[1]", ""), "no dictionary"},
      {File("{", ""), "no \"key\": value"},
      {File("{'descr'", ""), "no \"key\": value"},
      {File("{'descr': '<f4", ""), "structured types"},
      {File("{'descr': '<f4' 'shape': ()}", ""), "lacks a comma"},
      {File("{'descr': '<f4', 'fortran_order': False}", ""), "lacks descr, fortran_order or shape"},
      {File("{'descr': '<f4', 'descr': '<f4'}", ""), "stands twice"},
      {File("{'extra': 1}", ""), "\"extra\" which is unknown"},
      {File(kGoodHeader + std::string("import os"), "12345678"), "bytes follow"},
      {File(header("[('a', '<f4')]", "False", "()"), ""), "structured types"},
      {File(header("'>f4'", "False", "()"), "1234"), "astype"},
      {File(header("'|O'", "False", "()"), "1234"), "\"|O\""},
      {File(header("''", "False", "()"), ""), "its elements are \"\""},
      {File(header("'<f4'", "Maybe", "()"), "1234"), "no truth value"},
      {File(header("'<f4'", "True", "(2, 1)"), "12345678"), "ascontiguousarray"},
      {File(header("'<f4'", "False", "2"), "12345678"), "no tuple"},
      {File(header("'<f4'", "False", "(-2, 1)"), "12345678"), "no number of 64 bits"},
      {File(header("'<f4'", "False", "(99999999999999999999,)"), ""), "no number of 64 bits"},
      {File(header("'<f4'", "False", "(4294967296, 4294967296)"), ""), "more than 2^62"},
      // The product of shape and size is 2^64, which wraps to the 0 bytes that are there.
      {File(header("'<f8'", "False", "(2305843009213693952,)"), ""), "it holds 0 bytes"},
      {File(header("'<f4'", "False", "(2 1)"), "12345678"), "lacks a comma"},
      {File(header("'<f4'", "False",
                   "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"),
            "1234"),
       "more than 32 axes"},
      {File(kGoodHeader, "1234567"), "holds 7 bytes of data, want 2 elements of 4"},
      {File(kGoodHeader, "123456789"), "holds 9 bytes of data"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(ParseNpy(c.bytes), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.want)));
  }
}

TEST(ParseNpyTest, EveryTruncationOfAGoodFileIsRefused) {
  for (size_t size = 0; size < kFromNumpy.size(); ++size) {
    EXPECT_THAT(ParseNpy(kFromNumpy.substr(0, size)), ::testing::Not(IsOk())) << size;
  }
}

TEST(FormatNpyTest, WidensBf16WithoutLoss) {
  Tensor tensor;
  tensor.set_data_type(dnnd::v1::DATA_TYPE_BF16);
  tensor.add_shape(2);
  tensor.set_contents(std::string("\x80\x3f\x20\xc0", 4));  // 1, -2.5
  const auto read = ParseNpy(FormatNpy(tensor).value());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->data_type(), dnnd::v1::DATA_TYPE_FP32);
  EXPECT_EQ(read->contents(), std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0", 8));
}

TEST(FormatNpyTest, RoundTripsEveryRank) {
  for (int rank = 0; rank < 6; ++rank) {
    Tensor tensor;
    tensor.set_data_type(dnnd::v1::DATA_TYPE_INT16);
    for (int i = 0; i < rank; ++i) tensor.add_shape(2);
    tensor.set_contents(std::string(size_t{2} << rank, 'x'));
    const std::string file = FormatNpy(tensor).value();
    EXPECT_EQ((file.size() - tensor.contents().size()) % 64, 0);
    EXPECT_EQ(ParseNpy(file)->SerializeAsString(), tensor.SerializeAsString());
  }
}

TEST(FormatNpyTest, RefusesWhatAServerMayGetWrong) {
  Tensor strings;
  strings.set_data_type(dnnd::v1::DATA_TYPE_BYTES);
  EXPECT_THAT(FormatNpy(strings), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bytes")));
  Tensor lying;
  lying.set_data_type(dnnd::v1::DATA_TYPE_FP32);
  lying.add_shape(3);
  lying.set_contents("1234");
  EXPECT_THAT(FormatNpy(lying),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wants 3 elements")));
  Tensor unknown;
  unknown.set_data_type(static_cast<dnnd::v1::DataType>(99));
  EXPECT_THAT(FormatNpy(unknown), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("?")));
}

}  // namespace
}  // namespace dnnd::client
