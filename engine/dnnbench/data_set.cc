#include "engine/dnnbench/data_set.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/tensor_file.h"

namespace dnnd::engine {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::vector<Tensor>> ReadNumbered(const std::string& directory,
                                                 absl::string_view kind) {
  std::vector<Tensor> tensors;
  std::error_code ignored;
  for (int i = 0;; ++i) {
    const std::string path = absl::StrCat(directory, "/", kind, "_", i, ".pb");
    if (!fs::exists(path, ignored)) {
      return tensors;
    }
    DNND_ASSIGN_OR_RETURN(NamedTensor named, ReadTensorFile(path));
    tensors.push_back(std::move(named.tensor));
  }
}

}  // namespace

std::vector<std::string> FindDataSets(const std::string& directory) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (absl::StartsWith(entry->path().filename().string(), "test_data_set_")) {
      found.push_back(entry->path().string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

absl::StatusOr<DataSet> ReadDataSet(const std::string& directory) {
  DataSet data;
  DNND_ASSIGN_OR_RETURN(data.inputs, ReadNumbered(directory, "input"));
  DNND_ASSIGN_OR_RETURN(data.outputs, ReadNumbered(directory, "output"));
  return data;
}

absl::StatusOr<Comparison> CompareOutputs(const std::vector<Tensor>& got,
                                          const std::vector<Tensor>& want,
                                          const Tolerance& tolerance) {
  if (got.size() != want.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", got.size(), " outputs, wanted ", want.size()));
  }
  Comparison worst;
  for (size_t i = 0; i < want.size(); ++i) {
    absl::StatusOr<Comparison> one = Compare(got[i].view(), want[i].view(), tolerance);
    if (!one.ok()) {
      return Annotate(one.status(), absl::StrCat("output ", i));
    }
    worst += *one;
  }
  return worst;
}

}  // namespace dnnd::engine
