#include "client/commands/duration_flag.h"

#include <CLI/CLI.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace dnnd::client {

CLI::Option* AddDurationFlag(CLI::App& command, const std::string& names,
                             const std::function<void(absl::Duration)>& set, absl::Duration least,
                             absl::Duration most, const std::string& description) {
  const auto read = [=](const std::string& text) {
    absl::Duration duration;
    double seconds = 0;
    if (absl::SimpleAtod(text, &seconds)) {
      duration = absl::Seconds(seconds);
    } else if (!absl::ParseDuration(text, &duration)) {
      throw CLI::ValidationError(
          names, absl::StrCat("\"", text, "\" is no duration; want 30s, 500ms or 2m"));
    }
    if (duration < least || duration > most) {
      throw CLI::ValidationError(names, absl::StrCat("want ", absl::FormatDuration(least), " to ",
                                                     absl::FormatDuration(most), ", got ", text));
    }
    set(duration);
  };
  return command.add_option_function<std::string>(names, read, description)->type_name("DURATION");
}

}  // namespace dnnd::client
