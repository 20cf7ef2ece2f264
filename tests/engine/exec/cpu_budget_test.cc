// How many CPUs a quota allows.
#include "engine/exec/cpu_budget.h"

#include <gtest/gtest.h>

#include <string>

namespace dnnd::engine {
namespace {

TEST(CpuBudget, AQuotaCountsWholeCpusAndAtLeastOne) {
  const struct {
    const char* text;
    int cpus;
  } cases[] = {{"200000 100000", 2}, {"150000 100000", 1}, {"50000 100000", 1},
               {"max 100000", 0},    {"-1 100000", 0},     {"", 0},
               {"100000", 0},        {"100000 0", 0},      {"nonsense 100000", 0}};
  for (const auto& [text, cpus] : cases) {
    EXPECT_EQ(CpusOfQuota(text), cpus) << text;
  }
}

TEST(CpuBudget, ThereIsAlwaysACpuAndTheyAscend) {
  const CpuBudget budget = DetectCpuBudget();
  ASSERT_FALSE(budget.cpus.empty());
  for (size_t i = 1; i < budget.cpus.size(); ++i) {
    EXPECT_LT(budget.cpus[i - 1], budget.cpus[i]);
  }
}

}  // namespace
}  // namespace dnnd::engine
