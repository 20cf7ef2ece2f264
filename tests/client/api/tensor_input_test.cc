#include "client/api/tensor_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/api/npy.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::client {
namespace {

using dnnd::testing::IsOk;
using dnnd::testing::StatusIs;
using dnnd::v1::TensorSpec;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kMaxBytes = 1 << 20;

// fp32 [N, 3, H], batch axis 0.
TensorSpec Spec() {
  TensorSpec spec;
  spec.set_name("data");
  spec.set_data_type(dnnd::v1::DATA_TYPE_FP32);
  spec.add_shape()->set_symbol("N");
  spec.add_shape()->set_size(3);
  spec.add_shape()->set_symbol("H");
  spec.set_batch_axis(0);
  return spec;
}

TEST(ParseTensorInputTest, ReadsEveryForm) {
  const auto npy = ParseTensorInput("data=@a,b=c.npy");
  ASSERT_THAT(npy, IsOk());
  EXPECT_EQ(npy->name, "data");
  EXPECT_EQ(npy->path, "a,b=c.npy");
  EXPECT_FALSE(npy->type.has_value());

  const auto raw = ParseTensorInput("data=@x.bin,u8,1x3x4");
  ASSERT_THAT(raw, IsOk());
  EXPECT_EQ(raw->path, "x.bin");
  EXPECT_EQ(*raw->type, dnnd::v1::DATA_TYPE_UINT8);
  EXPECT_THAT(*raw->shape, ElementsAre(1, 3, 4));

  const auto random = ParseTensorInput("data=rand:7,scalar");
  ASSERT_THAT(random, IsOk());
  EXPECT_EQ(random->seed, 7);
  EXPECT_EQ(random->source, TensorInput::Source::kRandom);
  EXPECT_THAT(*random->shape, ElementsAre());

  const auto nameless = ParseTensorInput("@-");
  ASSERT_THAT(nameless, IsOk());
  EXPECT_EQ(nameless->name, "");
  EXPECT_EQ(nameless->path, "-");
  EXPECT_EQ(ParseTensorInput("zeros")->source, TensorInput::Source::kZeros);
  EXPECT_EQ(ParseTensorInput("x=ones")->source, TensorInput::Source::kOnes);
}

TEST(ParseTensorInputTest, RefusesWhatItDoesNotKnow) {
  for (const std::string text :
       {"", "data=", "data=@", "data=nine", "data=rand:x", "data=randy", "data=zeros,fp33"}) {
    EXPECT_THAT(ParseTensorInput(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--input")))
        << text;
  }
}

TEST(ParseShapeTest, RefusesWhatIsNoShape) {
  for (const std::string text : {"", "x", "1x", "1x-3", "1,3", "1x99999999999999999999"}) {
    EXPECT_FALSE(ParseShape(text).ok()) << text;
  }
}

TEST(ShapeForItemsTest, FillsTheBatchAxisAndNamesAnOpenOne) {
  TensorSpec spec = Spec();
  EXPECT_THAT(ShapeForItems(spec, 4),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("axis 2 (H) of input data")));
  spec.mutable_shape(2)->set_size(8);
  EXPECT_THAT(ShapeForItems(spec, 4).value(), ElementsAre(4, 3, 8));
  // A model of a fixed batch.
  spec.mutable_shape(0)->set_size(1);
  EXPECT_THAT(ShapeForItems(spec, 4).value(), ElementsAre(4, 3, 8));
}

TEST(MakeTensorTest, MakesUpWhatTheSignatureAsksFor) {
  std::istringstream no_input;
  TensorSpec spec = Spec();
  spec.mutable_shape(2)->set_size(2);
  const auto random = MakeTensor(*ParseTensorInput("data=rand"), &spec, no_input, kMaxBytes);
  ASSERT_THAT(random, IsOk());
  EXPECT_THAT(random->shape(), ElementsAre(1, 3, 2));
  EXPECT_EQ(random->contents().size(), 24);
  const auto again = MakeTensor(*ParseTensorInput("data=rand"), &spec, no_input, kMaxBytes);
  EXPECT_EQ(random->contents(), again->contents());
  const auto other = MakeTensor(*ParseTensorInput("data=rand:2"), &spec, no_input, kMaxBytes);
  EXPECT_NE(random->contents(), other->contents());
}

TEST(MakeTensorTest, RefusesToMakeUpMoreThanAMessageHolds) {
  std::istringstream no_input;
  for (const std::string text :
       {"zeros,fp32,1000000x1000000", "rand,u8,4000000000x4000000000", "ones,fp64,131073"}) {
    EXPECT_THAT(MakeTensor(*ParseTensorInput(text), nullptr, no_input, kMaxBytes),
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_))
        << text;
  }
  EXPECT_THAT(MakeTensor(*ParseTensorInput("zeros,bytes,2"), nullptr, no_input, kMaxBytes),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cannot be made up")));
}

TEST(MakeTensorTest, ReadsFilesAndStandardInput) {
  const dnnd::testing::TempDir folder;
  std::istringstream input("abcdef");
  const auto raw = MakeTensor(*ParseTensorInput("@-,u8,2x3"), nullptr, input, kMaxBytes);
  ASSERT_THAT(raw, IsOk());
  EXPECT_EQ(raw->contents(), "abcdef");

  const std::string npy = folder.Write("x.npy", FormatNpy(*raw).value());
  const auto read = MakeTensor(*ParseTensorInput("@" + npy), nullptr, input, kMaxBytes);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->SerializeAsString(), raw->SerializeAsString());
}

TEST(MakeTensorTest, SaysWhatIsWrongWithAFile) {
  const dnnd::testing::TempDir folder;
  const std::string file = folder.Write("x.bin", "abcdef");
  std::istringstream no_input;
  struct Case {
    std::string text, want;
    absl::StatusCode code = absl::StatusCode::kInvalidArgument;
  };
  for (const Case& c :
       {Case{"@" + file, "needs its type and shape"},
        Case{"@" + file + ",fp32", "both a type and a shape"},
        Case{"@" + file + ",fp32,2", "has 6 bytes, fp32 of shape 2 wants 2 elements of 4"},
        Case{"@" + file + ",u8,4294967296x4294967296", "2^62"},
        Case{"@" + folder.path(), "is a folder", absl::StatusCode::kFailedPrecondition},
        Case{"@" + folder.path() + "/none", "cannot open", absl::StatusCode::kNotFound}}) {
    EXPECT_THAT(MakeTensor(*ParseTensorInput(c.text), nullptr, no_input, kMaxBytes),
                StatusIs(c.code, HasSubstr(c.want)));
  }
  EXPECT_THAT(MakeTensor(*ParseTensorInput("@" + file + ",u8,6"), nullptr, no_input, 5),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("more than 5 bytes")));
}

}  // namespace
}  // namespace dnnd::client
