// The nodes on which implementations are compared: odd channels, single pixels, batches, one to
// three spatial axes.
#ifndef DNND_TESTS_ENGINE_OPS_CANDIDATE_CASES_H_
#define DNND_TESTS_ENGINE_OPS_CANDIDATE_CASES_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/testing/candidate_runner.h"

namespace dnnd::engine {

inline std::vector<CandidateCase> ElementwiseCases() {
  std::vector<CandidateCase> cases;
  const std::vector<std::string> any = {"channels_last", "row_major"};
  const std::vector<std::string> blocked = {"channels_last", "channels_blocked16", "row_major"};
  for (const char* op :
       {"Abs",         "Ceil",      "Elu",       "Erf",      "Exp",      "Floor",      "Gelu",
        "HardSigmoid", "HardSwish", "LeakyRelu", "Mish",     "Neg",      "Reciprocal", "Relu",
        "Round",       "Sigmoid",   "Sign",      "Softplus", "Softsign", "Tanh"}) {
    cases.push_back({op, {}, {{{2, 3, 5, 7}}}, any});
    cases.push_back({op, {}, {{{1, 32, 3, 3}}}, blocked});
    cases.push_back({op, {}, {{{3, 11}}}, {"row_major"}});
  }
  for (const char* op : {"Log", "Sqrt"}) {
    cases.push_back({.op = op, .inputs = {{{2, 3, 5}}}, .served = any, .lowest = 0.01f});
  }
  cases.push_back({"Gelu", {{"approximate", "tanh"}}, {{{2, 3, 4}}}, any});
  cases.push_back({"Clip", {}, {{{1, 16, 2, 5}}, {{}, true}, {{}, true}}, blocked});
  cases.push_back({"Pow", {}, {{{2, 3, 5}}, {{}, true}}, {}});
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Max", "Min", "Sum"}) {
    cases.push_back({op, {}, {{{2, 3, 5, 7}}, {{2, 3, 5, 7}}}, any});
    cases.push_back({op, {}, {{{2, 32, 5, 7}}, {{2, 32, 5, 7}}}, blocked});
    cases.push_back({op, {}, {{{2, 32, 5, 7}}, {{1, 32, 1, 1}, true}}, blocked});
    cases.push_back({op, {}, {{{2, 32, 5, 7}}, {{2, 32, 1, 1}}}, blocked});
    cases.push_back({op, {}, {{{2, 5, 3, 3}}, {{5, 1, 1}, true}}, any});
    cases.push_back({op, {}, {{{2, 16, 3, 3}}, {{}, true}}, blocked});
    cases.push_back({op, {}, {{{1}, true}, {{2, 16, 3, 3}}}, blocked});
    cases.push_back({op, {}, {{{2, 1, 3, 4}}, {{1, 6, 3, 1}}}, any});
    cases.push_back({op, {}, {{{2, 3, 3, 4}}, {{3, 3, 4}, true}}, {"row_major"}});
    cases.push_back({op, {}, {{{4, 1}}, {{1, 5}}}, {"row_major"}});
    cases.push_back({op, {}, {{{1, 40000}}, {{1, 40000}}}, {"row_major"}});
    cases.push_back({op, {}, {{{300, 200}}, {{200}}}, {"row_major"}});
    cases.push_back({op, {}, {{{1, 3, 71, 67}}, {{1, 3, 1, 1}, true}}, any});
    cases.push_back({op, {}, {{{3}, true}, {{1, 70, 67, 3}}}, any});
    cases.push_back({op, {}, {{{2, 3, 71, 67}}, {{2, 3, 1, 1}}}, any});
  }
  for (const char* op : {"Max", "Min", "Sum"}) {
    cases.push_back({op, {}, {{{2, 3, 4}}, {{1, 3, 1}}, {{2, 3, 4}}}, any});
  }
  cases.push_back({"PRelu", {}, {{{2, 5, 4, 3}}, {{5, 1, 1}, true}}, any});
  cases.push_back({"PRelu", {}, {{{2, 32, 4, 3}}, {{1, 32, 1, 1}, true}}, blocked});
  return cases;
}

inline std::vector<CandidateCase> ConvolutionCases() {
  using Ints = std::vector<int64_t>;
  const std::vector<std::string> last = {"channels_last"};
  const std::vector<std::string> blocked = {"channels_last", "channels_blocked16"};
  return {
      {"Conv", {}, {{{2, 5, 7, 6}}, {{7, 5, 3, 3}, true}, {{7}, true}}, last},
      {"Conv",
       {{"pads", Ints{1, 0, 2, 1}}, {"strides", Ints{2, 2}}},
       {{{1, 32, 9, 9}}, {{16, 32, 3, 3}, true}},
       last},
      {"Conv",
       {{"group", int64_t{32}}, {"pads", Ints{1, 1, 1, 1}}},
       {{{2, 32, 5, 5}}, {{32, 1, 3, 3}, true}, {{32}, true}},
       last},
      {"Conv", {{"group", int64_t{4}}}, {{{1, 64, 6, 6}}, {{64, 16, 3, 3}, true}}, blocked},
      {"Conv", {{"dilations", Ints{2, 2}}}, {{{1, 3, 9, 9}}, {{4, 3, 3, 3}, true}}, last},
      {"Conv", {}, {{{2, 5, 12}}, {{4, 5, 3}, true}}, last},
      {"Conv", {}, {{{1, 2, 5, 5, 5}}, {{4, 2, 3, 3, 3}, true}, {{4}, true}}, last},
      {"Conv", {{"pads", Ints{3, 3, 3, 3}}}, {{{1, 2, 4, 4}}, {{2, 2, 1, 1}, true}}, {}},
      {"Conv",
       {},
       {{{1, 16, 4, 4}}, {{16, 16, 1, 1}, true}, {{16}, true}, {{1, 16, 4, 4}}},
       last,
       {{.kind = PostOp::Kind::kSum, .operand = 3}, {.kind = PostOp::Kind::kRelu}}},
      {"ConvTranspose",
       {{"strides", Ints{2, 2}}},
       {{{1, 16, 4, 4}}, {{16, 16, 2, 2}, true}, {{16}, true}},
       {}},
      {"ConvTranspose",
       {{"strides", Ints{2, 2}}, {"output_padding", Ints{1, 1}}, {"pads", Ints{1, 1, 1, 1}}},
       {{{2, 5, 4, 4}}, {{5, 3, 3, 3}, true}},
       {}},
      {"Gemm", {{"transB", int64_t{1}}}, {{{3, 17}}, {{5, 17}, true}, {{5}, true}}, {"dense"}},
      {"Gemm", {}, {{{1, 64}}, {{64, 10}, true}, {{10}, true}}, {"dense"}},
      {"Gemm", {{"transA", int64_t{1}}}, {{{17, 3}}, {{17, 5}}}, {"matmul"}},
      {"Gemm", {{"alpha", 0.5f}}, {{{3, 17}}, {{17, 5}, true}}, {}},
      {"MatMul", {}, {{{2, 3, 7}}, {{7, 5}, true}}, {"dense"}},
      {"MatMul", {}, {{{2, 4, 3, 7}}, {{4, 7, 5}}}, {"matmul"}},
      {"MatMul", {}, {{{7}}, {{7, 5}}}, {}},
  };
}

inline std::vector<CandidateCase> PoolingCases() {
  using Ints = std::vector<int64_t>;
  std::vector<CandidateCase> cases;
  const std::vector<std::string> any = {"channels_last", "row_major"};
  const std::vector<std::string> last = {"channels_last"};
  const std::pair<std::string, Attribute> k3 = {"kernel_shape", Ints{3, 3}};
  const std::pair<std::string, Attribute> s2 = {"strides", Ints{2, 2}};
  const std::pair<std::string, Attribute> p1 = {"pads", Ints{1, 1, 1, 1}};
  const std::pair<std::string, Attribute> ceil = {"ceil_mode", int64_t{1}};
  const std::pair<std::string, Attribute> with_pad = {"count_include_pad", int64_t{1}};
  for (const char* op : {"MaxPool", "AveragePool"}) {
    for (const int64_t channels : {3, 16, 40}) {
      const Shape x({2, channels, 9, 8});
      cases.push_back({op, {k3}, {{x}}, last});
      cases.push_back({op, {k3, s2, p1}, {{x}}, last});
      cases.push_back({op, {k3, s2, ceil}, {{x}}, last});
      cases.push_back({op, {k3, s2, p1, with_pad}, {{x}}, last});
      cases.push_back({op, {k3, s2, p1, ceil, with_pad}, {{x}}, {}});
      cases.push_back({op, {k3, {"auto_pad", "SAME_LOWER"}}, {{x}}, last});
      cases.push_back({op, {k3, {"pads", Ints{0, 1, 2, 0}}}, {{x}}, last});
      cases.push_back({op, {k3, {"dilations", Ints{2, 1}}}, {{x}}, {}});
      cases.push_back({op, {{"kernel_shape", Ints{1, 1}}, s2}, {{x}}, last});
    }
    cases.push_back({op, {{"kernel_shape", Ints{3}}}, {{{2, 5, 9}}}, {}});
    cases.push_back({op, {{"kernel_shape", Ints{2, 3, 2}}}, {{{1, 5, 4, 5, 6}}}, {}});
  }
  return cases;
}

inline std::vector<CandidateCase> ReduceCases() {
  std::vector<CandidateCase> cases;
  const std::vector<std::string> any = {"channels_last", "row_major"};
  const std::pair<std::string, Attribute> drop = {"keepdims", int64_t{0}};
  const auto axes = [](const std::vector<int64_t>& values) {
    return CandidateCase::Argument{Shape({static_cast<int64_t>(values.size())}), true, values};
  };
  const Shape x({2, 5, 7, 6});
  for (const char* op : {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2"}) {
    cases.push_back({op, {}, {{x}, axes({2, 3})}, any});
    cases.push_back({op, {drop}, {{x}, axes({2, 3})}, any});
    cases.push_back({op, {drop}, {{{2, 130, 20, 21}}, axes({2, 3})}, any});
    cases.push_back({op, {}, {{x}, axes({1})}, any});
    cases.push_back({op, {drop}, {{x}, axes({1})}, any});
    cases.push_back({op, {drop}, {{x}, axes({2})}, {"row_major"}});
    cases.push_back({op, {}, {{x}, axes({2})}, any});
    cases.push_back({op, {drop}, {{x}, axes({0, 1, 2, 3})}, any});
    cases.push_back({op, {}, {{x}, axes({0, 2})}, {}});
    cases.push_back({op, {}, {{{3, 200}}, axes({-1})}, {"row_major"}});
    cases.push_back({op, {}, {{{300, 3}}, axes({0})}, {"row_major"}});
  }
  for (const char* op : {"GlobalAveragePool", "GlobalMaxPool"}) {
    cases.push_back({op, {}, {{x}}, any});
    cases.push_back({op, {}, {{{1, 130, 7, 7}}}, any});
    cases.push_back({op, {}, {{{3, 16, 1, 1}}}, any});
    cases.push_back({op, {}, {{{2, 3, 150}}}, any});
    cases.push_back({op, {}, {{{1, 3, 4, 5, 6}}}, any});
  }
  return cases;
}

inline std::vector<CandidateCase> NormalizationCases() {
  std::vector<CandidateCase> cases;
  const std::vector<std::string> any = {"channels_last", "row_major"};
  const std::vector<PostOp> relu = {{.kind = PostOp::Kind::kRelu, .alpha = 0.1f}};
  for (const Shape& x :
       {Shape({2, 5, 7, 6}), Shape({1, 67, 9, 33}), Shape({3, 32, 1, 2}), Shape({2, 3, 500}),
        Shape({1, 4, 3, 4, 5}), Shape({2, 16, 61, 83}), Shape({1, 70, 50, 41})}) {
    const CandidateCase::Argument parameter{Shape({x[1]}), true};
    for (const std::vector<PostOp>& post_ops : {std::vector<PostOp>(), relu}) {
      cases.push_back({"InstanceNormalization", {}, {{x}, parameter, parameter}, any, post_ops});
      cases.push_back({.op = "BatchNormalization",
                       .attributes = {{"epsilon", 0.01f}},
                       .inputs = {{x}, parameter, parameter, parameter, parameter},
                       .served = any,
                       .post_ops = post_ops,
                       .lowest = 0.1f});
    }
  }
  const CandidateCase::Argument twenty{{20}, true};
  cases.push_back({.op = "BatchNormalization",
                   .inputs = {{{7, 20}}, twenty, twenty, twenty, twenty},
                   .served = {"row_major"},
                   .lowest = 0.1f});
  for (const int64_t axis : {1, 2}) {
    const Shape x({3, 4, 50});
    const CandidateCase::Argument parameter{Shape(x.dims().subspan(axis)), true};
    cases.push_back(
        {"LayerNormalization", {{"axis", axis}}, {{x}, parameter, parameter}, {"row_major"}});
    cases.push_back({"LayerNormalization", {{"axis", axis}}, {{x}, parameter}, {"row_major"}});
  }
  for (const int64_t size : {2, 3, 5, 7}) {
    for (const int64_t channels : {5, 32}) {
      cases.push_back({"LRN", {{"size", size}, {"alpha", 0.3f}}, {{{2, channels, 5, 6}}}, {}});
    }
  }
  for (const char* op : {"Softmax", "LogSoftmax"}) {
    cases.push_back({op, {}, {{{3, 1000}}}, {"row_major"}});
    cases.push_back({op, {}, {{{1, 10}}}, {"row_major"}});
    cases.push_back({op, {}, {{{5000, 2}}}, {"row_major"}});
    cases.push_back({op, {}, {{{2, 3, 4, 5}}}, {"row_major"}});
    cases.push_back({op, {{"coerce_2d", int64_t{1}}}, {{{2, 3, 4, 5}}}, {"row_major"}});
    cases.push_back({op, {{"axis", int64_t{1}}}, {{{2, 21, 14, 15}}}, any});
    cases.push_back({op, {{"axis", int64_t{1}}}, {{{1, 40, 4, 5}}}, any});
    cases.push_back({op, {{"axis", int64_t{2}}}, {{{2, 3, 4, 5}}}, {"row_major"}});
  }
  return cases;
}

inline std::vector<CandidateCase> MoverCases() {
  using Ints = std::vector<int64_t>;
  const std::vector<std::string> any = {"channels_last", "row_major"};
  const Shape x({2, 6, 4, 5});
  const auto parameter = [](const Ints& values) {
    return CandidateCase::Argument{Shape({static_cast<int64_t>(values.size())}), true, values};
  };
  return {
      {"Concat", {{"axis", int64_t{1}}}, {{x}, {{2, 3, 4, 5}}}, any},
      {"Concat", {{"axis", int64_t{-1}}}, {{x}, {x}}, any},
      {"DepthToSpace", {{"blocksize", int64_t{2}}}, {{{1, 8, 3, 2}}}, any},
      {"SpaceToDepth", {{"blocksize", int64_t{2}}}, {{{1, 3, 4, 2}}}, any},
      {"Expand", {}, {{{2, 1, 4, 1}}, parameter({2, 6, 4, 5})}, any},
      {"Tile", {}, {{x}, parameter({1, 2, 1, 3})}, any},
      {"Pad", {}, {{x}, parameter({0, 0, 1, 2, 0, 0, 2, 1})}, any},
      {"Slice",
       {},
       {{x}, parameter({1, 0}), parameter({3, 4}), parameter({1, 3}), parameter({1, 2})},
       any},
      {"Split", {{"axis", int64_t{1}}}, {{x}, parameter({6})}, any},
      {"Pad", {{"mode", "reflect"}}, {{x}, parameter({0, 0, 2, 2, 0, 0, 3, 1})}, any},
      {"Transpose", {{"perm", Ints{0, 2, 3, 1}}}, {{x}}, {}},
      {"Transpose", {{"perm", Ints{0, 3, 1, 2}}}, {{{2, 17, 33, 20}}}, {}},
      {"ArgMax", {{"axis", int64_t{1}}}, {{x}}, any},
      {"Cast", {{"to", static_cast<int64_t>(DataType::kInt64)}}, {{x}}, {}},
      {"Cast", {{"to", static_cast<int64_t>(DataType::kInt64)}}, {{{40000}}}, {"row_major"}},
      {"Gather", {{"axis", int64_t{1}}}, {{x}, parameter({-1, 0, 3})}, any},
      {"Gather", {{"axis", int64_t{2}}}, {{x}, {{}, true, {2}}}, {}},
      {"ArgMax", {{"axis", int64_t{1}}, {"keepdims", int64_t{0}}}, {{{1, 21, 20, 33}}}, any},
      {"ArgMin", {{"axis", int64_t{-1}}, {"select_last_index", int64_t{1}}}, {{x}}, {"row_major"}},
      {"Resize", {{"mode", "nearest"}}, {{x}, {{0}}, {{0}}, parameter({2, 6, 8, 10})}, any},
      {"Resize", {{"mode", "linear"}}, {{x}, {{0}}, {{0}}, parameter({2, 6, 7, 13})}, any},
      {"Resize", {{"mode", "linear"}}, {{x}, {{0}}, {{0}}, parameter({2, 6, 3, 5})}, any},
      {"Resize", {{"mode", "linear"}}, {{{1, 3, 9}}, {{0}}, {{0}}, parameter({1, 3, 20})}, any},
      {"Resize", {{"mode", "cubic"}}, {{x}, {{0}}, {{0}}, parameter({2, 6, 9, 4})}, any},
      {"Resize", {{"mode", "linear"}}, {{x}, {{0}}, {{0}}, parameter({2, 9, 4, 5})}, {}},
  };
}

inline std::vector<CandidateCase> CandidateCases() {
  std::vector<CandidateCase> all;
  for (const std::vector<CandidateCase>& some :
       {ElementwiseCases(), ConvolutionCases(), PoolingCases(), ReduceCases(), NormalizationCases(),
        MoverCases()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_ENGINE_OPS_CANDIDATE_CASES_H_
