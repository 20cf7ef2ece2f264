#include "engine/passes/widen_float16.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

Tensor Half(const Shape& shape, const std::vector<float>& values) {
  Tensor tensor = Tensor::Create(DataType::kFloat16, shape).value();
  for (size_t i = 0; i < values.size(); ++i) {
    tensor.mutable_data<uint16_t>()[i] = FloatToHalf(values[i]);
  }
  return tensor;
}

TEST(WidenFloat16Test, ComputesInFloat32BehindTheSameInterface) {
  PassGraph g;
  const ValueId x = g.In("x", {2, 2}, DataType::kFloat16);
  const ValueId y = g.Op("Mul", "y", {x, g.Constant("c", Half({2}, {2, 0.5f}))});
  const ValueId z = g.Op("Add", "z", {y, y});
  Graph graph = g.Finish({z});
  const auto changed = WidenFloat16(graph);
  ASSERT_THAT(changed, IsOk());
  EXPECT_TRUE(*changed);
  ASSERT_THAT(VerifyGraph(graph), IsOk()) << Dump(graph);
  EXPECT_EQ(Running(graph), "Cast, Mul, Add, Cast");
  const auto got = Interpret(graph, {Half({2, 2}, {1, 2, 3, 4})});
  ASSERT_THAT(got, IsOk());
  ASSERT_EQ((*got)[0].tensor_type().ToString(), "float16[2,2]");
  const std::vector<float> want = {4, 2, 12, 4};
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(HalfToFloat((*got)[0].data<uint16_t>()[i]), want[i]);
  }
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "z");
}

TEST(WidenFloat16Test, CastsAndFillsInTheGraphAreWidened) {
  PassGraph g;
  const ValueId x = g.In("x", {2});
  const ValueId narrow =
      g.Op("Cast", "narrow", {x}, {{"to", static_cast<int64_t>(DataType::kFloat16)}});
  const ValueId fill = g.Op("ConstantOfShape", "fill", {g.Constant("s", Tensor::Int64s({2}))},
                            {{"value", Half({1}, {3})}});
  const ValueId sum = g.Op("Add", "sum", {narrow, fill});
  const ValueId wide =
      g.Op("Cast", "wide", {sum}, {{"to", static_cast<int64_t>(DataType::kFloat32)}});
  Graph graph = g.Finish({wide});
  ASSERT_THAT(WidenFloat16(graph), IsOk());
  const auto got = Interpret(graph, {Tensor::Of<float>(Shape({2}), {1, 2})});
  ASSERT_THAT(got, IsOk()) << Dump(graph);
  EXPECT_EQ((*got)[0].data<float>()[0], 4);
  EXPECT_EQ((*got)[0].data<float>()[1], 5);
}

TEST(WidenFloat16Test, LeavesAGraphWithoutNarrowTypesAlone) {
  PassGraph g;
  const ValueId y = g.Op("Relu", "y", {g.In("x", {2})});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({y}), WidenFloat16)), "Relu");
}

}  // namespace
}  // namespace dnnd::engine
