#include "client/api/model_spec.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/output/text.h"

namespace dnnd::client {

absl::StatusOr<dnnd::v1::ModelSpec> ParseModelSpec(absl::string_view text) {
  const size_t at = text.find('@');
  const absl::string_view name = text.substr(0, at);
  if (name.empty())
    return absl::InvalidArgumentError("the model has no name; want NAME or NAME@VERSION");
  dnnd::v1::ModelSpec spec;
  spec.set_name(std::string(name));
  if (at == absl::string_view::npos) return spec;

  const absl::string_view choice = text.substr(at + 1);
  const bool is_number = std::all_of(choice.begin(), choice.end(), absl::ascii_isdigit);
  if (choice.empty()) return absl::InvalidArgumentError("nothing follows the @; want NAME@VERSION");
  if (!is_number) {
    spec.set_version_label(std::string(choice));
    return spec;
  }
  int64_t version = 0;
  if (!absl::SimpleAtoi(choice, &version) || version < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("version ", choice, " is not within 1 to 2^63-1"));
  }
  spec.set_version(version);
  return spec;
}

std::string ModelSpecText(const dnnd::v1::ModelSpec& spec) {
  std::string text = Printable(spec.name());
  if (spec.has_version()) absl::StrAppend(&text, "@", spec.version());
  if (spec.has_version_label()) absl::StrAppend(&text, "@", Printable(spec.version_label()));
  return text;
}

}  // namespace dnnd::client
