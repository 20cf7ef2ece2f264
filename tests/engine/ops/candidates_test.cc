// Every implementation of every operator against its reference kernel.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/ops/candidate_cases.h"
#include "tests/testing/candidate_runner.h"

namespace dnnd::engine {
namespace {

// f32 kernels that sum in another order, or approximate exp and erf by polynomials, of numbers of
// magnitude two.
constexpr double kTolerance = 5e-5;

std::string NameOf(const CandidateCase& c) {
  std::string name = c.op;
  for (const CandidateCase::Argument& input : c.inputs) {
    absl::StrAppend(&name, input.constant ? " const" : " ", input.shape.ToString());
  }
  return name;
}

double At(const Tensor& tensor, int64_t i) {
  return tensor.type() == DataType::kInt64 ? static_cast<double>(tensor.data<int64_t>()[i])
                                           : tensor.data<float>()[i];
}

void ExpectClose(const Tensor& got, const Tensor& want, const std::string& what) {
  ASSERT_EQ(got.tensor_type().ToString(), want.tensor_type().ToString()) << what;
  for (int64_t i = 0; i < want.num_elements(); ++i) {
    const double value = At(got, i);
    const double expected = At(want, i);
    if (std::isnan(expected) && std::isnan(value)) {
      continue;
    }
    ASSERT_LE(std::abs(value - expected), kTolerance * (1 + std::abs(expected)))
        << what << ", element " << i << " is " << value << ", want " << expected;
  }
}

class CandidatesTest : public testing::TestWithParam<CandidateCase> {};

TEST_P(CandidatesTest, AgreeWithTheReference) {
  const CandidateCase& c = GetParam();
  SCOPED_TRACE(NameOf(c));
  const auto runner = CandidateRunner::Create(c);
  ASSERT_TRUE(runner.ok()) << runner.status();
  std::vector<std::string> served;
  for (const Candidate& candidate : (*runner)->Candidates()) {
    const absl::StatusOr<Tensor> got = (*runner)->RunCandidate(candidate, /*in_place=*/false);
    if (absl::IsUnimplemented(got.status())) {
      continue;
    }
    ASSERT_TRUE(got.ok()) << candidate.name << ": " << got.status();
    ExpectClose(*got, (*runner)->expected(0), candidate.name);
    served.push_back(candidate.name);
    const absl::StatusOr<Tensor> over = (*runner)->RunCandidate(candidate, /*in_place=*/true);
    if (over.ok()) {
      ExpectClose(*over, (*runner)->expected(0), candidate.name + " in place");
    }
  }
  for (const std::string& name : c.served) {
    EXPECT_NE(std::find(served.begin(), served.end(), name), served.end())
        << name << " did not compile";
  }
}

INSTANTIATE_TEST_SUITE_P(Operators, CandidatesTest, testing::ValuesIn(CandidateCases()),
                         [](const auto& info) {
                           return info.param.op + std::to_string(info.index);
                         });

// A row that has candidates is exercised above.
TEST(CandidatesTest, EveryRowWithCandidatesHasACase) {
  const std::vector<CandidateCase> cases = CandidateCases();
  for (const OpDef* row : AllOps()) {
    if (row->candidates != nullptr) {
      EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [&](const CandidateCase& c) {
        return row->type == c.op;
      })) << row->type;
    }
  }
}

}  // namespace
}  // namespace dnnd::engine
