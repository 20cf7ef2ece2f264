#include "server/repository/picture_signature.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dnnd::server {
namespace {

using engine::DataType;
using engine::Dim;
using engine::Signature;
using v1::Preprocess;

// A model of one input of float32.
Signature Taking(std::vector<int64_t> extents, bool batchable) {
  engine::SymbolicShape shape;
  for (const int64_t extent : extents) {
    shape.push_back({extent, extent < 0 ? "open" : ""});
  }
  Signature signature;
  signature.inputs = {{"x", DataType::kFloat32, shape, std::nullopt}};
  signature.batchable = batchable;
  if (batchable) {
    signature.inputs[0].batch_axis = 0;
  }
  return signature;
}

TEST(FindPictureInputTest, KnowsPicturesByTheirChannels) {
  const struct {
    std::vector<int64_t> extents;
    bool batchable;
    Preprocess::TensorLayout wanted;
    std::string layout;  // empty: no picture
    int64_t channels;
    int64_t height;
    int64_t width;
  } cases[] = {
      {{-1, 3, 20, 30}, true, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "NCHW", 3, 20, 30},
      {{-1, 20, 30, 1}, true, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "NHWC", 1, 20, 30},
      {{1, 3, -1, -1}, false, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "NCHW", 3, -1, -1},
      {{-1, 3, -1, -1}, false, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "NCHW", 3, -1, -1},
      {{1, 3, 20, 3}, false, Preprocess::NHWC, "NHWC", 3, 3, 20},
      {{2, 3, 20, 30}, false, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "", 0, 0, 0},
      {{-1, 4, 20, 30}, true, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "", 0, 0, 0},
      // One picture, as torchvision exports its detectors.
      {{3, 20, 30}, false, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "NCHW", 3, 20, 30},
      {{3, -1, -1}, false, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "NCHW", 3, -1, -1},
      {{20, 30, 3}, false, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "NHWC", 3, 20, 30},
      {{3, 20, 30}, false, Preprocess::NHWC, "", 0, 0, 0},
      // Sequences in batches.
      {{1, 20, 30}, false, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "", 0, 0, 0},
      {{-1, 20, 3}, true, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "", 0, 0, 0},
      {{3, 20}, false, Preprocess::TENSOR_LAYOUT_UNSPECIFIED, "", 0, 0, 0},
  };
  for (const auto& want : cases) {
    const Signature signature = Taking(want.extents, want.batchable);
    SCOPED_TRACE(engine::ToString(signature.inputs[0].shape));
    const auto found = FindPictureInput(signature, want.wanted);
    ASSERT_EQ(found.has_value(), !want.layout.empty());
    if (found.has_value()) {
      EXPECT_EQ(Preprocess::TensorLayout_Name(found->layout), want.layout);
      EXPECT_EQ(found->channels, want.channels);
      EXPECT_EQ(found->height, want.height);
      EXPECT_EQ(found->width, want.width);
    }
  }
}

}  // namespace
}  // namespace dnnd::server
