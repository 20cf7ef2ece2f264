// Runs models on lanes.
#ifndef DNND_TESTS_TESTING_RUN_MODEL_H_
#define DNND_TESTS_TESTING_RUN_MODEL_H_

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "engine/exec/lane_group.h"
#include "engine/exec/model.h"
#include "tests/testing/run_on_lane.h"
#include "tests/testing/team_width.h"

namespace dnnd::engine {

inline std::unique_ptr<LaneGroup> Lanes(int narrow = 0, int wide = kWidestTeam) {
  LaneGroup::Options options;
  options.budget = DetectCpuBudget();
  options.narrow_lanes = narrow;
  options.wide_width = wide;
  return LaneGroup::Create(options).value();
}

// The first output for `inputs`, through the model's plan for their shapes on a lane.
inline Tensor RunModel(LaneGroup& lanes, Model& model, const std::vector<Tensor>& inputs,
                       bool wide) {
  const int threads = wide ? lanes.wide_width() : 1;
  PlanKey key;
  key.threads = threads;
  for (const Tensor& input : inputs) {
    key.inputs.push_back(input.shape());
  }
  const auto executable = model.Prepare(key);
  EXPECT_TRUE(executable.ok()) << executable.status();
  Tensor output;
  RunOnLane(lanes, wide, [&](Lane& lane) {
    const auto instance = lane.Instance(*executable);
    ASSERT_TRUE(instance.ok()) << instance.status();
    const auto outputs = (*instance)->RunOn(inputs);
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    output = outputs->front();
  });
  return output;
}

inline Tensor RunModel(LaneGroup& lanes, Model& model, const Tensor& input, bool wide) {
  return RunModel(lanes, model, std::vector<Tensor>{input}, wide);
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_TESTING_RUN_MODEL_H_
