// Loading a model must not hold its weights: memory while loading is a promise of the engine.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/onnx/import.h"
#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;

constexpr int64_t kWeightBytes = int64_t{512} << 20;
constexpr int64_t kAllowedBytes = int64_t{16} << 20;

// Begins to measure the peak anew. False where the kernel has no such switch.
bool ResetPeak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5";
  return static_cast<bool>(file.flush());
}

int64_t StatusBytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key, 0) == 0) {
      return std::strtoll(line.c_str() + key.size(), nullptr, 10) * 1024;
    }
  }
  return 0;
}

std::string Varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>(value | 0x80));
  }
  out.push_back(static_cast<char>(value));
  return out;
}

// y = x + w, where w has kWeightBytes that lie in a hole of the file.
void WriteLargeModel(const std::string& path) {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {1});
  NodeWriter(model, "Add", {"x", "w"}, {"y"});
  AddOutput(model, "y");
  onnx::TensorProto weight = FloatTensor("w", {kWeightBytes / 4}, {});
  weight.clear_raw_data();
  constexpr char kRawDataTag = (9 << 3) | 2;
  constexpr char kInitializerTag = (5 << 3) | 2;
  constexpr char kGraphTag = (7 << 3) | 2;
  const std::string tensor = weight.SerializeAsString() + kRawDataTag + Varint(kWeightBytes);
  const std::string initializer = kInitializerTag + Varint(tensor.size() + kWeightBytes) + tensor;
  const std::string head = model.SerializeAsString() + kGraphTag +
                           Varint(initializer.size() + kWeightBytes) + initializer;
  std::ofstream(path, std::ios::binary) << head;
  std::filesystem::resize_file(path, head.size() + kWeightBytes);
}

TEST(ImportMemory, OfHalfAGigabyteOfWeightsNoneIsHeld) {
  const testing::TempDir folder;
  const std::string path = folder.path() + "/model.onnx";
  WriteLargeModel(path);
  if (!ResetPeak()) {
    GTEST_SKIP() << "the kernel cannot reset the peak";
  }
  const int64_t before = StatusBytes("VmRSS:");
  const absl::StatusOr<Graph> graph = ImportModelFile(path);
  ASSERT_THAT(graph, IsOk());
  EXPECT_LT(StatusBytes("VmHWM:") - before, kAllowedBytes);
  ASSERT_EQ(graph->nodes.size(), 1);
  EXPECT_EQ(graph->value(graph->nodes[0].inputs[1]).tensor_type().num_bytes(), kWeightBytes);
}

}  // namespace
}  // namespace dnnd::engine
