// Test data in ONNX's layout: a folder with model.onnx and test_data_set_N/{input,output}_M.pb.
#ifndef DNND_ENGINE_DNNBENCH_DATA_SET_H_
#define DNND_ENGINE_DNNBENCH_DATA_SET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/dnnbench/compare.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// By input and output of the graph.
struct DataSet {
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

// The folders test_data_set_* of `directory`, in order. Empty when there is none.
std::vector<std::string> FindDataSets(const std::string& directory);

// Reads input_0.pb, input_1.pb, … and output_0.pb, …  Errors: those of ReadTensorFile.
absl::StatusOr<DataSet> ReadDataSet(const std::string& directory);

// The worst of all outputs. INVALID_ARGUMENT naming the output that has another type or shape, or
// when there are fewer or more than wanted.
absl::StatusOr<Comparison> CompareOutputs(const std::vector<Tensor>& got,
                                          const std::vector<Tensor>& want,
                                          const Tolerance& tolerance);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_DNNBENCH_DATA_SET_H_
