// A detection head on tensors made by hand.
#ifndef DNND_TESTS_SERVER_VISION_HEAD_TESTER_H_
#define DNND_TESTS_SERVER_VISION_HEAD_TESTER_H_

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "server/vision/detection_head.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {

// Rounding of float32 formulas on values up to a thousand.
inline constexpr float kPixelTolerance = 2e-3f;
inline constexpr float kHeadScoreTolerance = 1e-5f;

// A model's outputs: shapes, who made them, and values.
class HeadTester {
 public:
  HeadTester(int width, int height) {
    info_.input = {3, height, width};
    width_ = width;
    height_ = height;
  }

  // Adds an output of zeros; < 0: an open extent, which is `open` here.
  HeadTester& Output(const std::string& name, std::vector<int64_t> row,
                     std::set<std::string> made_by = {"Conv"}, int64_t open = 0) {
    DetectorOutput output;
    output.name = name;
    output.type = engine::DataType::kFloat32;
    output.made_by = std::move(made_by);
    for (int64_t& extent : row) {
      output.row.push_back({extent, extent < 0 ? "dim" : ""});
      extent = extent < 0 ? open : extent;
    }
    info_.outputs.push_back(output);
    shapes_.emplace_back(row);
    values_.emplace_back(shapes_.back().num_elements(), 0.0f);
    return *this;
  }

  void OpenInput() { info_.input.width = info_.input.height = -1; }
  void ResizeOutput(size_t output, std::vector<int64_t> row) {
    shapes_[output] = engine::Shape(row);
    values_[output].assign(shapes_[output].num_elements(), 0.0f);
  }

  DetectorInfo& info() { return info_; }
  std::vector<float>& values(size_t output) { return values_[output]; }
  void Set(size_t output, size_t first, const std::vector<float>& values) {
    std::copy(values.begin(), values.end(), values_[output].begin() + first);
  }

  // The name of the kind that is recognised; empty when none is.
  std::string Recognised() const {
    const HeadGuess guess = RecogniseHead(info_);
    return guess.row == nullptr ? "" : std::string(guess.row->name);
  }

  absl::StatusOr<Candidates> Decode(absl::string_view kind, float threshold = 0.5f,
                                    const HeadSpec& spec = {}) {
    const HeadRow* row = FindHead(kind);
    EXPECT_NE(row, nullptr) << kind;
    auto head = CreateHead(*row, info_, spec);
    if (!head.ok()) {
      return head.status();
    }
    const std::vector<OutputRow> outputs = Rows();
    Candidates candidates;
    const absl::Status status = (*head)->Decode({outputs, width_, height_, threshold}, &candidates);
    return status.ok() ? absl::StatusOr<Candidates>(std::move(candidates)) : status;
  }

  // FAILED_PRECONDITION from a head without masks, too.
  absl::StatusOr<InstanceScores> MaskOf(absl::string_view kind, int32_t source, const Box& box) {
    auto head = CreateHead(*FindHead(kind), info_, {});
    if (!head.ok() || !(*head)->has_masks()) {
      return head.ok() ? absl::FailedPreconditionError("no masks") : head.status();
    }
    const std::vector<OutputRow> outputs = Rows();
    return (*head)->MaskOf({outputs, width_, height_, 0.5f}, source, box);
  }

 private:
  std::vector<OutputRow> Rows() const {
    std::vector<OutputRow> outputs;
    for (size_t i = 0; i < values_.size(); ++i) {
      outputs.push_back({shapes_[i], values_[i]});
    }
    return outputs;
  }

  DetectorInfo info_;
  int width_;
  int height_;
  std::vector<engine::Shape> shapes_;
  std::vector<std::vector<float>> values_;
};

inline void ExpectBox(const Box& got, const Box& want) {
  EXPECT_NEAR(got.x_min, want.x_min, kPixelTolerance);
  EXPECT_NEAR(got.y_min, want.y_min, kPixelTolerance);
  EXPECT_NEAR(got.x_max, want.x_max, kPixelTolerance);
  EXPECT_NEAR(got.y_max, want.y_max, kPixelTolerance);
}

}  // namespace dnnd::server

#endif  // DNND_TESTS_SERVER_VISION_HEAD_TESTER_H_
