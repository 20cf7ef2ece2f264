#include "engine/passes/fuse_pad.h"

#include "engine/passes/fuse_matmul_bias.h"
#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

using Ints = std::vector<int64_t>;

struct FusePadCase {
  std::string name;
  Ints pads;
  float value;
  std::string mode;
  std::string auto_pad;
  std::string want;
};

class FusePadTest : public ::testing::TestWithParam<FusePadCase> {};

TEST_P(FusePadTest, OnlySmallZeroMarginsFuse) {
  const FusePadCase& c = GetParam();
  PassGraph g;
  ValueId x = g.In("x", {1, 3, 6, 6});
  x = g.Op("Pad", "pad",
           {x, g.Constant("p", Tensor::Int64s(c.pads)), g.Constant("v", Tensor::Scalar(c.value))},
           {{"mode", c.mode}});
  const int64_t channels = 3 + c.pads[1] + c.pads[5];
  Attributes attributes = {{"auto_pad", c.auto_pad}};
  if (c.auto_pad == "NOTSET") {
    attributes.Set("pads", Ints{1, 0, 0, 1});
  }
  x = g.Op("Conv", "conv", {x, g.Weight("w", {2, channels, 3, 3})}, attributes);
  EXPECT_EQ(Running(RunAndCompare(g.Finish({x}), FusePad)), c.want);
}

INSTANTIATE_TEST_SUITE_P(
    Pads, FusePadTest,
    ::testing::Values(
        FusePadCase{"Added", {0, 0, 1, 2, 0, 0, 2, 1}, 0, "constant", "NOTSET", "Conv+Pad"},
        FusePadCase{"Valid", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "VALID", "Conv+Pad"},
        FusePadCase{"Same", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "SAME_UPPER", "Pad, Conv"},
        FusePadCase{
            "AsWideAsTheKernel", {0, 0, 0, 0, 0, 0, 3, 0}, 0, "constant", "NOTSET", "Pad, Conv"},
        FusePadCase{"NotZero", {0, 0, 1, 1, 0, 0, 1, 1}, 1, "constant", "NOTSET", "Pad, Conv"},
        FusePadCase{"Reflect", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "reflect", "NOTSET", "Pad, Conv"},
        FusePadCase{"Crop", {0, 0, -1, 0, 0, 0, 0, 0}, 0, "constant", "NOTSET", "Pad, Conv"},
        FusePadCase{"Channels", {0, 1, 0, 0, 0, 0, 0, 0}, 0, "constant", "NOTSET", "Pad, Conv"}),
    [](const auto& info) { return info.param.name; });

TEST(FuseMatMulBiasTest, AConstantRowMakesAGemm) {
  PassGraph g;
  const ValueId x = g.In("x", {2, 5});
  const ValueId a =
      g.Op("Add", "a", {g.Op("MatMul", "m1", {x, g.Weight("w1", {5, 3})}), g.Weight("row", {3})});
  const ValueId b = g.Op(
      "Add", "b", {g.Weight("column", {2, 1}), g.Op("MatMul", "m2", {x, g.Weight("w2", {5, 3})})});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({a, b}), FuseMatMulBias, kFoldTolerance)),
            "Gemm+Add, MatMul, Add");
}

}  // namespace
}  // namespace dnnd::engine
