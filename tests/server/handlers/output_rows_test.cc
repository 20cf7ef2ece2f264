#include "server/handlers/output_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using engine::DataType;
using engine::Dim;
using engine::Shape;
using engine::Signature;
using engine::Tensor;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A picture goes in; outputs of floats come out.
Signature Giving(std::vector<engine::SymbolicShape> outputs, bool batchable) {
  Signature signature;
  const std::optional<int> axis = batchable ? std::optional<int>(0) : std::nullopt;
  signature.inputs = {{"x", DataType::kFloat32, {{-1, "N"}, {3, ""}, {8, ""}, {8, ""}}, axis}};
  signature.batchable = batchable;
  for (engine::SymbolicShape& shape : outputs) {
    signature.outputs.push_back({"y", DataType::kFloat32, std::move(shape), axis});
  }
  return signature;
}

Tensor Zeros(std::vector<int64_t> extents) {
  return Tensor::Create(DataType::kFloat32, Shape(extents)).value();
}

TEST(OutputRowsTest, CutsBatchesIntoPictures) {
  const Signature signature = Giving({{{-1, "N"}, {2, ""}}}, true);
  const Tensor rows = Tensor::Of<float>(Shape{2, 2}, {1, 2, 3, 4});
  const auto outputs = OutputRows::Create(signature, {rows}, 2);
  ASSERT_THAT(outputs, IsOk());
  EXPECT_EQ(outputs->Of(1)[0].row, Shape{2});
  EXPECT_THAT(outputs->Of(1)[0].values, ElementsAre(3, 4));
}

// What is found decides about extents, so that one of 1 says nothing of pictures.
TEST(OutputRowsTest, KeepsOpenExtentsOfAnyNumberAndLeavesOutPictures) {
  const Dim open = {-1, "found"};
  const struct {
    engine::SymbolicShape declared;
    std::vector<int64_t> got;
    Shape row;
  } cases[] = {
      {{open, {6, ""}}, {5, 6}, Shape{5, 6}},
      {{open, {6, ""}}, {1, 6}, Shape{1, 6}},
      {{open, {6, ""}}, {0, 6}, Shape{0, 6}},
      {{open}, {1}, Shape{1}},
      {{{1, ""}, open, {6, ""}}, {1, 0, 6}, Shape{0, 6}},
      {{{-1, "N"}, open, {-1, "values"}}, {1, 2, 6}, Shape{2, 6}},  // as the input has it
      {{{1, ""}}, {1}, Shape{1}},                                   // a count
  };
  for (const auto& [declared, got, row] : cases) {
    const Signature signature = Giving({declared}, false);
    SCOPED_TRACE(engine::ToString(declared));
    const Tensor tensor = Zeros(got);
    const auto outputs = OutputRows::Create(signature, {tensor}, 1);
    ASSERT_THAT(outputs, IsOk());
    EXPECT_EQ(outputs->Of(0)[0].row, row);
    EXPECT_EQ(static_cast<int64_t>(outputs->Of(0)[0].values.size()), tensor.num_elements());
  }
}

// What a run gives need not be what the model declares.
TEST(OutputRowsTest, RefusesOutputsThatHaveNotOneRowForEachPicture) {
  const engine::SymbolicShape declared = {{1, ""}, {-1, "found"}, {6, ""}};
  for (const std::vector<int64_t>& got :
       std::vector<std::vector<int64_t>>{{}, {0, 4, 6}, {3, 4, 6}}) {
    const Tensor tensor = Zeros(got);
    SCOPED_TRACE(tensor.shape().ToString());
    EXPECT_THAT(
        OutputRows::Create(Giving({declared}, false), {tensor}, 1).status(),
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 HasSubstr("y: got " + tensor.shape().ToString() + ", want rows of 1 pictures")));
  }
}

}  // namespace
}  // namespace dnnd::server
