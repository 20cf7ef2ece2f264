#include "client/commands/models_print.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/api/data_type.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Model;
using dnnd::v1::ModelConfig;
using dnnd::v1::ModelVersion;
using dnnd::v1::TensorSpec;

constexpr absl::string_view kNothing = "-";

bool HasFigures(const ModelVersion& version) { return version.has_signature(); }

std::string LabelsOf(const Model& model, int64_t version) {
  std::vector<std::string> labels;
  for (const auto& [label, named] : model.version_labels()) {
    if (named == version) labels.push_back(Printable(label));
  }
  std::sort(labels.begin(), labels.end());
  return labels.empty() ? std::string(kNothing) : absl::StrJoin(labels, ",");
}

std::string Lower(const std::string& name) { return absl::AsciiStrToLower(name); }

void AddVersionRow(const Model& model, const ModelVersion& version, Table& table) {
  const bool serving = model.has_serving_version() && model.serving_version() == version.version();
  const bool figures = HasFigures(version);
  const std::string nothing(kNothing);
  table.AddRow({Printable(model.name()), absl::StrCat(version.version(), serving ? "*" : " "),
                ModelVersion::State_Name(version.state()),
                figures ? Lower(ModelConfig::Task_Name(version.task())) : nothing,
                figures ? Lower(ModelConfig::Precision_Name(version.precision())) : nothing,
                figures ? HumanBytes(version.weights_bytes() + version.arena_bytes()) : nothing,
                figures ? HumanMilliseconds(version.load_duration_ms()) : nothing,
                LabelsOf(model, version.version())});
}

void PrintTensor(const std::string& role, const TensorSpec& spec, Table& table) {
  table.AddRow(
      {role, absl::StrCat(Printable(spec.name()), "  ", DataTypeWord(spec.data_type()), " ",
                          ShapeText(spec), "  ",
                          spec.has_batch_axis() ? absl::StrCat("batch axis ", spec.batch_axis())
                                                : std::string("not batchable"))});
}

// As it could stand in a configuration.
std::string OneLine(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseShortRepeatedPrimitives(true);
  std::string text;
  printer.PrintToString(message, &text);
  absl::StripTrailingAsciiWhitespace(&text);
  return Printable(text);
}

void PrintFigures(const ModelVersion& version, Table& table) {
  std::string task = Lower(ModelConfig::Task_Name(version.task()));
  if (version.label_count() > 0) absl::StrAppend(&task, ", ", version.label_count(), " labels");
  table.AddRow({"task", task});
  table.AddRow({"precision", Lower(ModelConfig::Precision_Name(version.precision()))});
  for (const TensorSpec& spec : version.signature().inputs()) PrintTensor("input", spec, table);
  for (const TensorSpec& spec : version.signature().outputs()) PrintTensor("output", spec, table);
  if (version.signature().has_max_batch_size()) {
    table.AddRow({"batch", absl::StrCat("at most ", version.signature().max_batch_size())});
  }
  table.AddRow({"memory", absl::StrCat(HumanBytes(version.weights_bytes()), " weights, ",
                                       HumanBytes(version.arena_bytes()), " arenas")});
  table.AddRow({"loaded in", HumanMilliseconds(version.load_duration_ms())});
  if (version.config().has_preprocess()) {
    table.AddRow({"preprocess", OneLine(version.config().preprocess())});
  }
  for (const std::string& assumed : version.assumed())
    table.AddRow({"assumed", Printable(assumed)});
}

}  // namespace

std::string ShapeText(const TensorSpec& spec) {
  std::string text = "[";
  for (const TensorSpec::Dimension& dimension : spec.shape()) {
    if (text.size() > 1) absl::StrAppend(&text, ", ");
    if (dimension.has_symbol()) {
      absl::StrAppend(&text, Printable(dimension.symbol()));
    } else {
      absl::StrAppend(&text, dimension.size());
    }
  }
  return absl::StrCat(text, "]");
}

void PrintModelNames(Console& console, const dnnd::v1::ListModelsResponse& reply) {
  for (const Model& model : reply.models()) console.out << Printable(model.name()) << '\n';
}

void PrintModelList(Console& console, const dnnd::v1::ListModelsResponse& reply) {
  std::vector<Table::Column> columns = {{"NAME"},
                                        {"VERSION", Table::Align::kRight},
                                        {"STATE"},
                                        {"TASK"},
                                        {"PRECISION"},
                                        {"MEMORY", Table::Align::kRight},
                                        {"LOAD", Table::Align::kRight}};
  const bool labelled =
      std::any_of(reply.models().begin(), reply.models().end(),
                  [](const Model& model) { return !model.version_labels().empty(); });
  if (labelled) columns.push_back({"LABELS"});
  Table table(std::move(columns));
  for (const Model& model : reply.models()) {
    for (const ModelVersion& version : model.versions()) AddVersionRow(model, version, table);
  }
  table.Print(console.out);
  for (const Model& model : reply.models()) {
    for (const ModelVersion& version : model.versions()) {
      if (version.reason().empty()) continue;
      console.out << Printable(model.name()) << '@' << version.version() << ": "
                  << Styled(console, Style::kBad, Printable(version.reason())) << '\n';
    }
  }
}

void PrintLabels(Console& console, const Model& model) {
  const std::map<std::string, int64_t> by_label(model.version_labels().begin(),
                                                model.version_labels().end());
  for (const auto& [label, version] : by_label) {
    console.out << Printable(model.name()) << '@' << Printable(label) << " is version " << version
                << '\n';
  }
}

void PrintModel(Console& console, const Model& model) {
  console.out << Styled(console, Style::kBold, Printable(model.name())) << "  "
              << (model.has_serving_version()
                      ? absl::StrCat("serving version ", model.serving_version())
                      : std::string("serving nothing"))
              << '\n';
  PrintLabels(console, model);
  for (const ModelVersion& version : model.versions()) {
    console.out << "version " << version.version() << "  "
                << ModelVersion::State_Name(version.state()) << '\n';
    Table table({{""}, {""}});
    if (!version.reason().empty()) table.AddRow({"reason", Printable(version.reason())});
    if (HasFigures(version)) PrintFigures(version, table);
    table.Print(console.out, "  ");
  }
}

}  // namespace dnnd::client
