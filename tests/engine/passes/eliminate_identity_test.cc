#include "engine/passes/eliminate_identity.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

using Ints = std::vector<int64_t>;

TEST(EliminateIdentityTest, WhatChangesNothingGoes) {
  PassGraph g;
  ValueId x = g.In("x", {2, 3, 1, 4});
  x = g.Op("Relu", "relu", {x});
  x = g.Op("Identity", "identity", {x});
  x = g.Op("Dropout", "dropout", {x});
  x = g.Op("Cast", "cast", {x}, {{"to", static_cast<int64_t>(DataType::kFloat32)}});
  x = g.Op("Reshape", "reshape", {x, g.Constant("shape", Tensor::Int64s({2, 3, 1, 4}))});
  x = g.Op("Transpose", "transpose", {x}, {{"perm", Ints{0, 1, 2, 3}}});
  x = g.Op("Slice", "slice",
           {x, g.Constant("s", Tensor::Int64s({0})), g.Constant("e", Tensor::Int64s({9}))});
  x = g.Op("Pad", "pad", {x, g.Constant("p", Tensor::Int64s(Ints(8, 0)))});
  x = g.Op("Concat", "concat", {x}, {{"axis", int64_t{0}}});
  x = g.Op("Exp", "exp", {x});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({x}), EliminateIdentity)), "Relu, Exp");
}

TEST(EliminateIdentityTest, SameShapeIsNotEnough) {
  PassGraph g;
  ValueId x = g.In("x", {2, 3});
  x = g.Op("Slice", "flip",
           {x, g.Constant("s", Tensor::Int64s({-1})), g.Constant("e", Tensor::Int64s({-9})),
            g.Constant("a", Tensor::Int64s({1})), g.Constant("t", Tensor::Int64s({-1}))});
  x = g.Op("Pad", "shift", {x, g.Constant("p", Tensor::Int64s({1, 0, -1, 0}))});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({x}), EliminateIdentity)), "Slice, Pad");
}

TEST(EliminateIdentityTest, AnOutputOfTheGraphKeepsItsName) {
  PassGraph g;
  const ValueId x = g.In("x", {2, 3});
  const ValueId y = g.Op("Relu", "y", {x});
  const ValueId z = g.Op("Dropout", "z", {y});
  const ValueId w = g.Op("Identity", "w", {x});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({y, z, w}), EliminateIdentity)),
            "Relu, Identity, Identity");
}

TEST(EliminateIdentityTest, ATransposeOfExtentsOfOneIsAView) {
  PassGraph g;
  ValueId x = g.In("x", {2, 1, 1, 4});
  x = g.Op("Transpose", "t", {x}, {{"perm", Ints{0, 2, 3, 1}}});
  x = g.Op("Relu", "relu", {x});
  EXPECT_EQ(Running(RunAndCompare(g.Finish({x}), EliminateIdentity)), "Reshape, Relu");
}

}  // namespace
}  // namespace dnnd::engine
