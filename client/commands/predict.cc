// dnnctl predict: tensors to tensors.
#include <dnnd/v1/models.grpc.pb.h>
#include <dnnd/v1/predict.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/api/channel.h"
#include "client/api/data_type.h"
#include "client/api/elements.h"
#include "client/api/files.h"
#include "client/api/model_spec.h"
#include "client/api/model_version.h"
#include "client/api/npy.h"
#include "client/api/tensor_input.h"
#include "client/commands/commands.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::PredictRequest;
using dnnd::v1::PredictResponse;
using dnnd::v1::PredictService;
using dnnd::v1::Tensor;

constexpr int kShownElements = 4;

struct PredictFlags {
  std::string model;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::string save_dir;
};

// Only what the command line leaves open makes a second call worth while.
bool NeedsSignature(const std::vector<TensorInput>& inputs) {
  return std::any_of(inputs.begin(), inputs.end(), [](const TensorInput& input) {
    return input.name.empty() ||
           (input.source != TensorInput::Source::kFile && !(input.type && input.shape));
  });
}

absl::StatusOr<const dnnd::v1::TensorSpec*> SpecFor(const TensorInput& input,
                                                    const dnnd::v1::ModelSignature& signature) {
  if (input.name.empty()) {
    if (signature.inputs_size() == 1) return &signature.inputs(0);
    return absl::InvalidArgumentError(absl::StrCat(
        "the model has ", signature.inputs_size(), " inputs: say which, as in --input ",
        signature.inputs_size() > 0 ? signature.inputs(0).name() : "NAME", "=@FILE"));
  }
  std::vector<std::string> names;
  for (const auto& spec : signature.inputs()) {
    if (spec.name() == input.name) return &spec;
    names.push_back(spec.name());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the model has no input ", input.name, "; it has ", absl::StrJoin(names, ", ")));
}

absl::Status FillInputs(const std::vector<TensorInput>& inputs,
                        const dnnd::v1::ModelSignature* signature, std::istream& standard_input,
                        PredictRequest& request) {
  for (const TensorInput& input : inputs) {
    const dnnd::v1::TensorSpec* spec = nullptr;
    if (signature != nullptr) {
      const absl::StatusOr<const dnnd::v1::TensorSpec*> found = SpecFor(input, *signature);
      if (!found.ok()) return found.status();
      spec = *found;
    }
    absl::StatusOr<Tensor> tensor = MakeTensor(input, spec, standard_input, kMaxMessageBytes);
    if (!tensor.ok()) return tensor.status();
    const std::string& name = input.name.empty() ? spec->name() : input.name;
    if (!request.mutable_inputs()->insert({name, *std::move(tensor)}).second) {
      return absl::InvalidArgumentError(absl::StrCat("input ", name, " is given twice"));
    }
  }
  return absl::OkStatus();
}

// Least, greatest and mean element, and the first few. A tensor that does not hold what its shape
// says has no figures.
std::vector<std::string> FiguresOf(const Tensor& tensor) {
  const auto shape_count = ElementCount(tensor.shape());
  const int64_t element_bytes = ElementBytes(tensor.data_type());
  if (!shape_count.ok() || element_bytes == 0 || *shape_count == 0 ||
      static_cast<int64_t>(tensor.contents().size()) / element_bytes != *shape_count) {
    return {"-", "-", "-", ""};
  }
  double least = ElementAt(tensor, 0);
  double greatest = least;
  double sum = 0;
  std::string first;
  for (int64_t i = 0; i < *shape_count; ++i) {
    const double value = ElementAt(tensor, i);
    least = std::min(least, value);
    greatest = std::max(greatest, value);
    sum += value;
    if (i < kShownElements)
      absl::StrAppend(&first, i > 0 ? " " : "", absl::StrFormat("%.4g", value));
  }
  if (*shape_count > kShownElements) absl::StrAppend(&first, " ...");
  return {absl::StrFormat("%.4g", least), absl::StrFormat("%.4g", greatest),
          absl::StrFormat("%.4g", sum / *shape_count), first};
}

std::map<std::string, const Tensor*> Sorted(const PredictResponse& reply) {
  std::map<std::string, const Tensor*> sorted;
  for (const auto& [name, tensor] : reply.outputs()) sorted[name] = &tensor;
  return sorted;
}

void Print(Console& console, const PredictResponse& reply) {
  Table table({{"OUTPUT"},
               {"TYPE"},
               {"SHAPE"},
               {"MIN", Table::Align::kRight},
               {"MAX", Table::Align::kRight},
               {"MEAN", Table::Align::kRight},
               {"ELEMENTS"}});
  for (const auto& [name, tensor] : Sorted(reply)) {
    std::vector<std::string> row = {Printable(name), DataTypeWord(tensor->data_type()),
                                    absl::StrCat("[", absl::StrJoin(tensor->shape(), ", "), "]")};
    for (std::string& figure : FiguresOf(*tensor)) row.push_back(std::move(figure));
    table.AddRow(std::move(row));
  }
  table.Print(console.out);
  if (!reply.has_timings()) return;
  const auto& timings = reply.timings();
  console.out << Styled(console, Style::kDim,
                        absl::StrCat("queue ", HumanMilliseconds(timings.queue_ms()), " · compute ",
                                     HumanMilliseconds(timings.compute_ms()), " · total ",
                                     HumanMilliseconds(timings.total_ms()), " · batch ",
                                     timings.batch_size(), " · ", ModelSpecText(reply.model())))
              << '\n';
}

// A server's output name must not choose where a file goes.
std::string FileNameFor(const std::string& output) {
  std::string name = absl::StrReplaceAll(Printable(output), {{"/", "_"}});
  return name.empty() || name[0] == '.' ? absl::StrCat("_", name) : name;
}

absl::Status Save(const PredictResponse& reply, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make ", folder, ": ", error.message()));
  for (const auto& [name, tensor] : Sorted(reply)) {
    const bool raw = tensor->data_type() == dnnd::v1::DATA_TYPE_BYTES;
    const absl::StatusOr<std::string> bytes = raw ? tensor->contents() : FormatNpy(*tensor);
    if (!bytes.ok()) return bytes.status();
    absl::Status written =
        WriteFile(absl::StrCat(folder, "/", FileNameFor(name), raw ? ".bin" : ".npy"), *bytes);
    if (!written.ok()) return written;
  }
  return absl::OkStatus();
}

ExitCode Predict(Session& session, const PredictFlags& flags) {
  PredictRequest request;
  const absl::StatusOr<dnnd::v1::ModelSpec> spec = ParseModelSpec(flags.model);
  if (!spec.ok()) return session.FailLocally(spec.status());
  *request.mutable_model() = *spec;
  request.mutable_outputs()->Add(flags.outputs.begin(), flags.outputs.end());

  std::vector<TensorInput> inputs;
  for (const std::string& text : flags.inputs) {
    const absl::StatusOr<TensorInput> input = ParseTensorInput(text);
    if (!input.ok()) return session.FailLocally(input.status());
    inputs.push_back(*input);
  }
  dnnd::v1::ModelVersion version;
  const bool needs_signature = NeedsSignature(inputs);
  if (needs_signature) {
    const grpc::Status status =
        FetchModelVersion(session.channel(), session.call_options(), *spec, version);
    if (!status.ok()) return session.Fail(status);
  }
  const absl::Status filled = FillInputs(inputs, needs_signature ? &version.signature() : nullptr,
                                         session.console().in, request);
  if (!filled.ok()) return session.FailLocally(filled);

  grpc::ClientContext context;
  ApplyOptions(session.call_options(), context);
  PredictResponse reply;
  const grpc::Status status =
      PredictService::NewStub(session.channel())->Predict(&context, request, &reply);
  if (!status.ok()) return session.Fail(status);
  if (!flags.save_dir.empty()) {
    if (const absl::Status saved = Save(reply, flags.save_dir); !saved.ok())
      return session.FailLocally(saved);
  }
  if (session.json()) return session.PrintJson(reply);
  Print(session.console(), reply);
  return ExitCode::kDone;
}

}  // namespace

void AddPredictCommand(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<PredictFlags>();
  CLI::App* command = app.add_subcommand("predict", "Run a model on tensors");
  command->add_option("MODEL", flags->model, "NAME, NAME@VERSION or NAME@LABEL")->required();
  command
      ->add_option("-i,--input", flags->inputs,
                   "NAME=@FILE.npy, NAME=@FILE,TYPE,SHAPE, or "
                   "NAME=zeros|ones|rand[:SEED][,TYPE][,SHAPE]; once for each input")
      ->type_name("INPUT")
      ->allow_extra_args(false)
      ->required();
  command->add_option("--fetch", flags->outputs, "outputs to return (default: all)")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->delimiter(',');
  command
      ->add_option("--save-dir", flags->save_dir,
                   "write each output to DIR/NAME.npy (.bin for strings)")
      ->type_name("DIR");
  command->footer(
      "NAME= may be left out for a model of one input; @- is standard input.\nRandom floats are "
      "uniform in [0, 1), random integers 0 to 9.\n\nExamples:\n  dnnctl predict lenet --input "
      "rand\n  dnnctl predict lenet --input Input3=@digit.npy --save-dir out\n  dnnctl predict "
      "lenet --input Input3=@digit.raw,fp32,1x1x28x28 --output json\n");
  command->callback([&session, flags] {
    session.action = [&session, flags] { return Predict(session, *flags); };
  });
}

}  // namespace dnnd::client
