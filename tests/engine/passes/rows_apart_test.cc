// Which graphs keep the rows of a batch apart, and what is said of the others.
#include "engine/passes/rows_apart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "engine/ops/interpret.h"
#include "engine/passes/specialize.h"
#include "tests/testing/graphs.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr int64_t kRows = 3;

// A graph over x [N,6,4] float32 and indices [N,2] int64, and nodes added to it by name.
class RowGraph {
 public:
  RowGraph() : builder_("rows") {
    x = builder_.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{6, ""}, Dim{4, ""}});
  }
  ValueId Indices() { return builder_.Input("i", DataType::kInt64, {Dim{-1, "N"}, Dim{2, ""}}); }
  ValueId Op(const std::string& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return builder_.Op(op, "a " + op + " " + std::to_string(++nodes_), std::move(inputs),
                       std::move(attributes));
  }
  // Values and places of the `k` largest along axis 1.
  std::vector<ValueId> TopK(ValueId value, int64_t k) {
    const ValueId count = Ints({k});
    return builder_.MultiOp("TopK", "a TopK " + std::to_string(++nodes_), {value, count}, 2,
                            {{"axis", int64_t{1}}});
  }
  ValueId Ints(const std::vector<int64_t>& values) {
    return builder_.Constant("ints" + std::to_string(++nodes_), Tensor::Int64s(values));
  }
  ValueId Weights(const Shape& shape) {
    ++nodes_;
    return builder_.Constant("weights" + std::to_string(nodes_), RandomTensor(shape, nodes_));
  }
  // The number of rows, as graphs compute it: an int64 of one element.
  ValueId NumRows() { return Op("Gather", {Op("Shape", {x}), Ints({0})}); }
  ValueId Reshape(ValueId value, const std::vector<int64_t>& shape) {
    return Op("Reshape", {value, Ints(shape)});
  }
  ValueId Transpose(ValueId value, const std::vector<int64_t>& perm) {
    return Op("Transpose", {value}, {{"perm", perm}});
  }
  Graph Finish(ValueId output) && {
    builder_.Output(output);
    return std::move(builder_).Build().value();
  }

  ValueId x;

 private:
  GraphBuilder builder_;
  int nodes_ = 0;
};

std::vector<Shape> Shapes(const Graph& graph, int64_t rows) {
  std::vector<Shape> shapes = {Shape({rows, 6, 4})};
  if (graph.inputs.size() > 1) {
    shapes.push_back(Shape({rows, 2}));
  }
  return shapes;
}

absl::Status Check(const Graph& graph) {
  const auto at = [&](int64_t rows) {
    return Specialize(graph, BindShapes(graph, Shapes(graph, rows)).value()).value();
  };
  return CheckRowsApart(at(1), at(kRows), kRows);
}

struct Case {
  const char* name;
  std::function<ValueId(RowGraph&)> build;
  const char* reason = nullptr;  // part of the message; null: the rows stay apart
};

void PrintTo(const Case& one_case, std::ostream* out) { *out << one_case.name; }

class RowsApartTest : public ::testing::TestWithParam<Case> {};

// The outputs of rows run together, and of each by itself, must be the same where the check says
// that they are apart.
void ExpectApart(const Graph& graph) {
  std::vector<Tensor> inputs = {RandomTensor({kRows, 6, 4}, 1)};
  if (graph.inputs.size() > 1) {
    inputs.push_back(Tensor::Of<int64_t>(Shape({kRows, 2}), {3, 1, 0, 2, 1, 1}));
  }
  const Tensor together = Interpret(graph, inputs).value()[0];
  for (int64_t row = 0; row < kRows; ++row) {
    std::vector<Tensor> alone;
    for (const Tensor& input : inputs) {
      Tensor part = Tensor::Create(input.type(), input.shape().WithDim(0, 1)).value();
      std::memcpy(part.mutable_data<void>(), input.data<char>() + row * part.num_bytes(),
                  part.num_bytes());
      alone.push_back(std::move(part));
    }
    const Tensor got = Interpret(graph, alone).value()[0];
    ASSERT_EQ(got.num_bytes() * kRows, together.num_bytes());
    EXPECT_EQ(std::memcmp(got.data<void>(), together.data<char>() + row * got.num_bytes(),
                          got.num_bytes()),
              0)
        << "row " << row;
  }
}

TEST_P(RowsApartTest, IsDecidedNodeByNode) {
  RowGraph rows;
  const ValueId output = GetParam().build(rows);
  const Graph graph = std::move(rows).Finish(output);
  const absl::Status status = Check(graph);
  if (GetParam().reason == nullptr) {
    EXPECT_THAT(status, IsOk());
    ExpectApart(graph);
  } else {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnimplemented, HasSubstr(GetParam().reason)));
  }
}

Attributes Axis(int64_t axis) { return {{"axis", axis}}; }

const Case kApart[] = {
    {"softmax of a row", [](RowGraph& g) { return g.Op("Softmax", {g.x}, Axis(-1)); }},
    {"softmax of all that follows the batch",
     [](RowGraph& g) {
       return g.Op("Softmax", {g.x}, {{"axis", int64_t{1}}, {"coerce_2d", int64_t{1}}});
     }},
    {"the mean of a row taken off",
     [](RowGraph& g) {
       return g.Op("Sub", {g.x, g.Op("ReduceMean", {g.x, g.Ints({1, 2})})});
     }},
    {"an axis before nothing is dropped",
     [](RowGraph& g) {
       return g.Op("ReduceSum", {g.x, g.Ints({1})}, {{"keepdims", int64_t{0}}});
     }},
    {"the batch away and back",
     [](RowGraph& g) {
       return g.Transpose(g.Op("Softmax", {g.Transpose(g.x, {1, 2, 0})}, Axis(0)), {2, 0, 1});
     }},
    {"an axis dropped before the batch",
     [](RowGraph& g) {
       return g.Op("ReduceMax", {g.Transpose(g.x, {1, 0, 2}), g.Ints({0})},
                   {{"keepdims", int64_t{0}}});
     }},
    {"rows merged with another axis and taken apart",
     [](RowGraph& g) {
       const ValueId product = g.Op("MatMul", {g.Reshape(g.x, {-1, 4}), g.Weights({4, 5})});
       return g.Reshape(product, {-1, 6, 5});
     }},
    {"rows in the middle of a merged axis",
     [](RowGraph& g) {
       const ValueId merged = g.Reshape(g.Transpose(g.x, {1, 0, 2}), {6, -1});
       return g.Transpose(g.Reshape(g.Op("Relu", {merged}), {6, -1, 4}), {1, 0, 2});
     }},
    {"attention within a row",
     [](RowGraph& g) {
       const ValueId scores = g.Op("MatMul", {g.x, g.Transpose(g.x, {0, 2, 1})});
       return g.Op("MatMul", {g.Op("Softmax", {scores}, Axis(-1)), g.x});
     }},
    {"a dense layer",
     [](RowGraph& g) {
       return g.Op("Gemm", {g.Op("Flatten", {g.x}), g.Weights({24, 2}), g.Weights({2})});
     }},
    {"a dense layer on columns",
     [](RowGraph& g) {
       const ValueId columns = g.Transpose(g.Op("Flatten", {g.x}), {1, 0});
       return g.Op("Gemm", {columns, g.Weights({24, 2})}, {{"transA", int64_t{1}}});
     }},
    {"a token repeated for every row",
     [](RowGraph& g) {
       const ValueId shape = g.Op("Concat", {g.NumRows(), g.Ints({1}), g.Ints({4})}, Axis(0));
       const ValueId token = g.Op("Expand", {g.Weights({1, 1, 4}), shape});
       return g.Op("Concat", {token, g.x}, Axis(1));
     }},
    {"zeros for every row",
     [](RowGraph& g) {
       const ValueId zeros = g.Op("ConstantOfShape", {g.Op("Shape", {g.x})});
       return g.Op("Add", {g.x, zeros});
     }},
    {"an embedding",
     [](RowGraph& g) {
       return g.Op("Gather", {g.Weights({4, 5}), g.Indices()}, Axis(0));
     }},
    {"positions within a row",
     [](RowGraph& g) {
       return g.Op("Gather", {g.x, g.Ints({2, 0})}, Axis(1));
     }},
    {"the best of a row",
     [](RowGraph& g) {
       return g.Op("TopK", {g.x, g.Ints({3})}, Axis(1));
     }},
    {"elements of a row at places that it names",
     [](RowGraph& g) {
       return g.Op("GatherElements", {g.x, g.Reshape(g.Indices(), {-1, 2, 1})}, Axis(1));
     }},
    {"of a table the element that each row names",
     [](RowGraph& g) {
       return g.Reshape(
           g.Op("GatherElements", {g.Ints({5, 6, 7, 8}), g.Reshape(g.Indices(), {-1})}, Axis(0)),
           {-1, 2});
     }},
    {"slabs that each row names of its own",
     [](RowGraph& g) {
       return g.Op("GatherND", {g.x, g.Reshape(g.Indices(), {-1, 2, 1})},
                   {{"batch_dims", int64_t{1}}});
     }},
    {"slabs that each row names of a table",
     [](RowGraph& g) {
       return g.Op("GatherND", {g.Weights({4, 4, 2}), g.Indices()});
     }},
    {"the same parts of every row",
     [](RowGraph& g) {
       const ValueId first = g.Transpose(g.x, {1, 0, 2});
       return g.Transpose(g.Op("GatherND", {first, g.Reshape(g.Ints({4, 0}), {2, 1})}), {1, 0, 2});
     }},
    {"elements of a row written to places that it names",
     [](RowGraph& g) {
       const ValueId places = g.Reshape(g.Indices(), {-1, 2, 1});
       const ValueId rows = g.Op("Slice", {g.x, g.Ints({0}), g.Ints({1}), g.Ints({2})});
       const ValueId updates = g.Op("Slice", {rows, g.Ints({0}), g.Ints({2}), g.Ints({1})});
       return g.Op("ScatterElements", {g.x, places, updates}, Axis(1));
     }},
    {"slabs of every row overwritten",
     [](RowGraph& g) {
       const ValueId first = g.Transpose(g.x, {1, 0, 2});
       const ValueId part = g.Op("Slice", {first, g.Ints({0}), g.Ints({2}), g.Ints({0})});
       const ValueId places = g.Reshape(g.Ints({4, 1}), {2, 1});
       return g.Transpose(g.Op("ScatterND", {first, places, g.Op("Relu", {part})}), {1, 0, 2});
     }},
    {"one of several for each index",
     [](RowGraph& g) {
       return g.Op("OneHot", {g.Indices(), g.Ints({4}), g.Ints({0, 1})}, Axis(1));
     }},
    {"an axis of indices before the rows",
     [](RowGraph& g) {
       const ValueId columns = g.Transpose(g.Indices(), {1, 0});
       return g.Transpose(g.Op("OneHot", {columns, g.Ints({4}), g.Ints({0, 1})}, Axis(0)),
                          {2, 0, 1});
     }},
    {"sums along a row",
     [](RowGraph& g) {
       return g.Op("CumSum", {g.x, g.Ints({1})});
     }},
    {"half of each matrix", [](RowGraph& g) { return g.Op("Trilu", {g.x}); }},
    {"the largest of a row marked", [](RowGraph& g) { return g.Op("Hardmax", {g.x}, Axis(1)); }},
    {"where a row is no number", [](RowGraph& g) { return g.Op("IsNaN", {g.x}); }},
    {"rows reversed within, all as far",
     [](RowGraph& g) {
       const ValueId columns = g.Transpose(g.x, {1, 0, 2});
       const ValueId lengths =
           g.Op("ConstantOfShape", {g.NumRows()}, {{"value", Tensor::Int64s({5})}});
       return g.Transpose(g.Op("ReverseSequence", {columns, lengths}), {1, 0, 2});
     }},
    {"the best boxes of a row, and then the best of all their classes",
     [](RowGraph& g) {
       const auto at = [&](ValueId values, ValueId places) {
         const ValueId column = g.Op("Unsqueeze", {places, g.Ints({-1})});
         return g.Op("GatherElements", {values, g.Op("Tile", {column, g.Ints({1, 1, 4})})},
                     Axis(1));
       };
       const ValueId best = g.Op("ReduceMax", {g.x, g.Ints({2})}, {{"keepdims", int64_t{0}}});
       const ValueId boxes = at(g.x, g.TopK(best, 3)[1]);
       const std::vector<ValueId> chosen = g.TopK(g.Op("Flatten", {boxes}), 5);
       const ValueId label = g.Op("Mod", {chosen[1], g.Ints({4})});
       return g.Op("Concat",
                   {at(boxes, g.Op("Div", {chosen[1], g.Ints({4})})),
                    g.Op("Unsqueeze", {chosen[0], g.Ints({-1})}),
                    g.Op("Cast", {g.Op("Unsqueeze", {label, g.Ints({-1})})},
                         {{"to", static_cast<int64_t>(DataType::kFloat32)}})},
                   Axis(2));
     }},
    {"a slice that keeps all rows",
     [](RowGraph& g) {
       return g.Op("Slice", {g.x, g.Ints({0, 1}), g.Ints({99, 3}), g.Ints({0, 1})});
     }},
    {"margins within a row",
     [](RowGraph& g) {
       return g.Op("Pad", {g.x, g.Ints({0, 1, 0, 0, 1, 0})});
     }},
};

const Case kMixed[] = {
    {"the mean of the batch taken off",
     [](RowGraph& g) {
       return g.Op("Sub", {g.x, g.Op("ReduceMean", {g.x, g.Ints({0})})});
     },
     "ReduceMean node \"a ReduceMean 2\""},
    {"divided by the largest of the batch",
     [](RowGraph& g) {
       return g.Op("Div", {g.x, g.Op("ReduceMax", {g.x, g.Ints({0, 2})})});
     },
     "ReduceMax"},
    {"softmax over the batch", [](RowGraph& g) { return g.Op("Softmax", {g.x}, Axis(0)); },
     "Softmax"},
    {"softmax over the batch that moved",
     [](RowGraph& g) {
       return g.Transpose(g.Op("Softmax", {g.Transpose(g.x, {1, 0, 2})}, Axis(1)), {1, 0, 2});
     },
     "Softmax"},
    {"layer normalisation over everything",
     [](RowGraph& g) {
       return g.Op("LayerNormalization", {g.x, g.Weights({1})}, Axis(0));
     },
     "LayerNormalization"},
    {"the first row for all",
     [](RowGraph& g) {
       return g.Op("Add", {g.x, g.Op("Gather", {g.x, g.Ints({0})}, Axis(0))});
     },
     "Gather"},
    {"the best of the batch",
     [](RowGraph& g) {
       return g.Op("TopK", {g.x, g.Ints({1})}, Axis(0));
     },
     "TopK"},
    {"rows that a row names",
     [](RowGraph& g) {
       return g.Op("GatherND", {g.x, g.Reshape(g.Ints({0}), {1, 1})});
     },
     "GatherND"},
    {"the first of the batch, place by place",
     [](RowGraph& g) {
       return g.Op("GatherElements", {g.x, g.Reshape(g.Ints({0}), {1, 1, 1})}, Axis(0));
     },
     "GatherElements"},
    {"only the first row written to",
     [](RowGraph& g) {
       return g.Op("ScatterElements",
                   {g.x, g.Reshape(g.Ints({0}), {1, 1, 1}), g.Weights({1, 1, 1})}, Axis(1));
     },
     "ScatterElements"},
    {"a row overwritten",
     [](RowGraph& g) {
       return g.Op("ScatterND", {g.x, g.Reshape(g.Ints({0}), {1, 1}), g.Weights({1, 6, 4})});
     },
     "ScatterND"},
    {"sums along the batch",
     [](RowGraph& g) {
       return g.Op("CumSum", {g.x, g.Ints({0})});
     },
     "CumSum"},
    {"half of a matrix of rows",
     [](RowGraph& g) {
       return g.Transpose(g.Op("Trilu", {g.Transpose(g.x, {1, 0, 2})}), {1, 0, 2});
     },
     "Trilu"},
    {"the batch as a sequence",
     [](RowGraph& g) {
       return g.Op("ReverseSequence", {g.x, g.Ints({1, 1, 1, 1, 1, 1})});
     },
     "ReverseSequence"},
    {"rows in reverse",
     [](RowGraph& g) {
       return g.Op("Slice", {g.x, g.Ints({-1}), g.Ints({-99}), g.Ints({0}), g.Ints({-1})});
     },
     "Slice"},
    {"rows shifted by one",
     [](RowGraph& g) {
       return g.Op("Pad", {g.x, g.Ints({1, 0, 0, -1, 0, 0})});
     },
     "Pad"},
    {"attention across rows",
     [](RowGraph& g) {
       const ValueId columns = g.Transpose(g.x, {1, 0, 2});
       const ValueId scores = g.Op("MatMul", {columns, g.Transpose(columns, {0, 2, 1})});
       return g.Transpose(g.Op("MatMul", {scores, columns}), {1, 0, 2});
     },
     "MatMul"},
    {"columns read as rows",
     [](RowGraph& g) {
       const ValueId merged = g.Reshape(g.Transpose(g.x, {1, 2, 0}), {24, -1});
       return g.Op("Reshape", {merged, g.Op("Shape", {g.x})});
     },
     "cuts across the rows"},
    {"rows on the second axis of the output",
     [](RowGraph& g) {
       return g.Transpose(g.x, {1, 0, 2});
     },
     "does not hold one row after the other"},
    {"a number for each place in the batch",
     [](RowGraph& g) {
       const ValueId count = g.Op("Squeeze", {g.NumRows(), g.Ints({0})});
       const ValueId zero = g.Op("Squeeze", {g.Ints({0}), g.Ints({0})});
       const ValueId one = g.Op("Squeeze", {g.Ints({1}), g.Ints({0})});
       const ValueId places =
           g.Op("Cast", {g.Op("Range", {zero, count, one})}, {{"to", int64_t{1}}});
       return g.Op("Add", {g.x, g.Reshape(places, {-1, 1, 1})});
     },
     "Add"},
    {"divided by the number of rows",
     [](RowGraph& g) {
       return g.Op("Div", {g.x, g.Op("Cast", {g.NumRows()}, {{"to", int64_t{1}}})});
     },
     "Div"},
};

INSTANTIATE_TEST_SUITE_P(Apart, RowsApartTest, ::testing::ValuesIn(kApart));
INSTANTIATE_TEST_SUITE_P(Mixed, RowsApartTest, ::testing::ValuesIn(kMixed));

}  // namespace
}  // namespace dnnd::engine
