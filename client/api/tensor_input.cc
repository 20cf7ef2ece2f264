#include "client/api/tensor_input.h"

#include <random>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/api/data_type.h"
#include "client/api/elements.h"
#include "client/api/files.h"
#include "client/api/npy.h"

namespace dnnd::client {
namespace {

using dnnd::v1::DataType;
using dnnd::v1::Tensor;
using dnnd::v1::TensorSpec;

// Random integers are small, so that they are valid classes, tokens and pixels alike.
constexpr int kRandomIntegers = 10;

bool IsFloating(DataType type) {
  return type == dnnd::v1::DATA_TYPE_FP16 || type == dnnd::v1::DATA_TYPE_FP32 ||
         type == dnnd::v1::DATA_TYPE_FP64 || type == dnnd::v1::DATA_TYPE_BF16;
}

absl::Status ParseSource(absl::string_view source, TensorInput& input) {
  if (absl::ConsumePrefix(&source, "@")) {
    input.source = TensorInput::Source::kFile;
    input.path = std::string(source);
    return source.empty() ? absl::InvalidArgumentError("no file follows the @") : absl::OkStatus();
  }
  if (source == "zeros" || source == "ones") {
    input.source = source == "ones" ? TensorInput::Source::kOnes : TensorInput::Source::kZeros;
    return absl::OkStatus();
  }
  if (absl::ConsumePrefix(&source, "rand")) {
    input.source = TensorInput::Source::kRandom;
    if (source.empty()) return absl::OkStatus();
    if (absl::ConsumePrefix(&source, ":") && absl::SimpleAtoi(source, &input.seed))
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError("want @FILE, zeros, ones, rand or rand:SEED");
}

Tensor Fill(TensorInput::Source source, uint64_t seed, DataType type,
            const std::vector<int64_t>& shape, int64_t count) {
  Tensor tensor;
  tensor.set_data_type(type);
  tensor.mutable_shape()->Add(shape.begin(), shape.end());
  std::string& contents = *tensor.mutable_contents();
  if (source == TensorInput::Source::kZeros) {
    contents.assign(count * ElementBytes(type), '\0');
    return tensor;
  }
  contents.reserve(count * ElementBytes(type));
  std::minstd_rand generator(seed);
  std::uniform_real_distribution<float> uniform(0.0f, 1.0f);
  for (int64_t i = 0; i < count; ++i) {
    double value = 1;
    if (source == TensorInput::Source::kRandom) {
      value = IsFloating(type) ? uniform(generator) : generator() % kRandomIntegers;
    }
    AppendElement(value, type, contents);
  }
  return tensor;
}

absl::StatusOr<Tensor> Generate(const TensorInput& input, const TensorSpec* spec,
                                int64_t max_bytes) {
  DataType type = dnnd::v1::DATA_TYPE_FP32;
  if (spec != nullptr) type = spec->data_type();
  if (input.type.has_value()) type = *input.type;
  if (ElementBytes(type) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("elements of type ", DataTypeWord(type), " cannot be made up"));
  }
  std::vector<int64_t> shape;
  if (input.shape.has_value()) {
    shape = *input.shape;
  } else if (spec != nullptr) {
    absl::StatusOr<std::vector<int64_t>> from_spec = ShapeForItems(*spec, 1);
    if (!from_spec.ok()) return from_spec.status();
    shape = *std::move(from_spec);
  }
  const absl::StatusOr<int64_t> count = ElementCount(shape);
  if (!count.ok()) return count.status();
  if (*count > max_bytes / ElementBytes(type)) {
    return absl::InvalidArgumentError(absl::StrCat("a tensor of shape ", absl::StrJoin(shape, "x"),
                                                   " exceeds the ", max_bytes,
                                                   " bytes of a message"));
  }
  return Fill(input.source, input.seed, type, shape, *count);
}

absl::StatusOr<Tensor> ReadTensor(const TensorInput& input, std::istream& standard_input,
                                  int64_t max_bytes) {
  absl::StatusOr<std::string> bytes = ReadFile(input.path, standard_input, max_bytes);
  if (!bytes.ok()) return bytes.status();
  if (!input.type.has_value() && !input.shape.has_value()) {
    absl::StatusOr<Tensor> tensor = ParseNpy(*bytes);
    if (tensor.ok() || absl::StartsWith(*bytes, "\x93NUMPY")) return tensor;
    return absl::InvalidArgumentError(absl::StrCat(
        input.path, " is no .npy file; a file of raw elements needs its type and shape: @",
        input.path, ",fp32,1x3x224x224"));
  }
  if (!input.type.has_value() || !input.shape.has_value()) {
    return absl::InvalidArgumentError("a file of raw elements needs both a type and a shape");
  }
  const absl::StatusOr<int64_t> count = ElementCount(*input.shape);
  if (!count.ok()) return count.status();
  const size_t element_bytes = ElementBytes(*input.type);
  // The elements of BYTES vary in size: the server checks them.
  if (element_bytes > 0 && (bytes->size() % element_bytes != 0 ||
                            bytes->size() / element_bytes != static_cast<size_t>(*count))) {
    return absl::InvalidArgumentError(absl::StrCat(
        input.path, " has ", bytes->size(), " bytes, ", DataTypeWord(*input.type), " of shape ",
        absl::StrJoin(*input.shape, "x"), " wants ", *count, " elements of ", element_bytes));
  }
  Tensor tensor;
  tensor.set_data_type(*input.type);
  tensor.mutable_shape()->Add(input.shape->begin(), input.shape->end());
  tensor.set_contents(*std::move(bytes));
  return tensor;
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ParseShape(absl::string_view text) {
  std::vector<int64_t> shape;
  if (text == "scalar") return shape;
  for (const absl::string_view part : absl::StrSplit(text, 'x')) {
    int64_t extent = 0;
    if (!absl::SimpleAtoi(part, &extent) || extent < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is no shape; want 1x3x224x224, or scalar"));
    }
    shape.push_back(extent);
  }
  return shape;
}

absl::StatusOr<TensorInput> ParseTensorInput(absl::string_view text) {
  TensorInput input;
  absl::string_view source = text;
  if (const size_t equals = text.find('='); equals != absl::string_view::npos && text[0] != '@') {
    input.name = std::string(text.substr(0, equals));
    source = text.substr(equals + 1);
  }
  // From the end, because a file's name may have commas of its own.
  while (true) {
    const size_t comma = source.rfind(',');
    if (comma == absl::string_view::npos) break;
    const absl::string_view last = source.substr(comma + 1);
    if (const auto shape = ParseShape(last); shape.ok() && !input.shape.has_value()) {
      input.shape = *shape;
    } else if (const auto type = ParseDataType(last); type.ok() && !input.type.has_value()) {
      input.type = *type;
    } else {
      break;
    }
    source = source.substr(0, comma);
  }
  if (const absl::Status status = ParseSource(source, input); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--input ", text, ": ", status.message()));
  }
  return input;
}

absl::StatusOr<std::vector<int64_t>> ShapeForItems(const TensorSpec& spec, int64_t items) {
  std::vector<int64_t> shape;
  for (int axis = 0; axis < spec.shape_size(); ++axis) {
    const TensorSpec::Dimension& dimension = spec.shape(axis);
    if (spec.has_batch_axis() && spec.batch_axis() == axis) {
      // A model of a fixed batch takes requests of any number of items: the server splits and joins
      // them.
      shape.push_back(items);
    } else if (dimension.has_size()) {
      shape.push_back(dimension.size());
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("axis ", axis, " (", dimension.symbol(), ") of input ", spec.name(),
                       " is open: give a shape such as ", spec.name(), "=rand,1x3x224x224"));
    }
  }
  return shape;
}

absl::StatusOr<Tensor> MakeTensor(const TensorInput& input, const TensorSpec* spec,
                                  std::istream& standard_input, int64_t max_bytes) {
  if (input.source == TensorInput::Source::kFile)
    return ReadTensor(input, standard_input, max_bytes);
  return Generate(input, spec, max_bytes);
}

}  // namespace dnnd::client
