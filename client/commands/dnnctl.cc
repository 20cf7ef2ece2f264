#include "client/commands/dnnctl.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/duration_flag.h"
#include "client/commands/suggestion.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

constexpr char kFooter[] =
    "Examples:\n"
    "  dnnctl models list\n"
    "  dnnctl classify squeezenet cat.jpg\n"
    "  dnnctl detect yolox street.jpg --save boxes.png\n"
    "  dnnctl --address 10.0.0.7:8001 --output json status\n"
    "  dnnctl bench squeezenet --concurrency 1,4,16 --duration 10s\n"
    "\n"
    "Exit codes: 0 done, 1 the server said no, 2 usage, 3 not reachable, 4 deadline.\n"
    "Environment: DNNCTL_ADDRESS is the default of --address; NO_COLOR turns colours off.\n";

void CheckRequestId(const std::string& id) {
  // What HTTP/2 cannot carry would end the connection.
  const bool printable =
      std::all_of(id.begin(), id.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  if (id.empty() || id.size() > 128 || !printable) {
    throw CLI::ValidationError("--request-id", "want 1 to 128 printable characters without spaces");
  }
}

void AddSharedFlags(CLI::App& app, Session& session) {
  app.add_option("-a,--address", session.address, "HOST:PORT of the daemon")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "-o,--output",
         [&session](const std::string& text) {
           if (text != "table" && text != "json") {
             throw CLI::ValidationError("--output", absl::StrCat("want table or json, got ", text));
           }
           session.output = text == "json" ? OutputFormat::kJson : OutputFormat::kTable;
         },
         "table for people (default), json for programs: one line a reply")
      ->type_name("FORMAT");
  AddDurationFlag(
      app, "--timeout", [&session](absl::Duration timeout) { session.timeout = timeout; },
      absl::Milliseconds(1), absl::Hours(24 * 365),
      "how long one call may take (default 30s; 10m for loads)");
  app.add_option_function<std::string>(
         "--request-id",
         [&session](const std::string& id) {
           CheckRequestId(id);
           session.request_id = id;
         },
         "id of the request in the server's log (default: the server makes one)")
      ->type_name("ID");
}

// The first word that is no command, on the level where one is wanted; empty when there is none.
std::string UnknownCommand(const CLI::App& app, const std::vector<std::string>& arguments,
                           std::vector<std::string>& known) {
  const CLI::App* level = &app;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.empty()) continue;
    if (argument[0] == '-') {
      // Every shared flag but help has a value; "--timeout 3" is no command 3.
      const bool is_alone =
          argument.find('=') != std::string::npos || argument == "-h" || argument == "--help";
      if (!is_alone) ++i;
      continue;
    }
    known.clear();
    for (const CLI::App* command : level->get_subcommands(std::function<bool(const CLI::App*)>())) {
      known.push_back(command->get_name());
    }
    if (known.empty()) return "";
    if (std::find(known.begin(), known.end(), argument) == known.end()) return argument;
    level = level->get_subcommand(argument);
  }
  return "";
}

// The command that was named, as far as it was understood: "dnnctl models load".
std::string PathOf(const CLI::App& app, const CLI::App** last) {
  std::string path = app.get_name();
  *last = &app;
  while (!(*last)->get_subcommands().empty()) {
    *last = (*last)->get_subcommands().front();
    absl::StrAppend(&path, " ", (*last)->get_name());
  }
  return path;
}

ExitCode ReportParseError(const CLI::App& app, const CLI::ParseError& error,
                          const std::vector<std::string>& arguments, Console& console) {
  const CLI::App* command = nullptr;
  const std::string path = PathOf(app, &command);
  // CLI11 throws for --help too.
  if (error.get_exit_code() == 0) {
    const size_t parent = path.rfind(' ');
    console.out << command->help(parent == std::string::npos ? "" : path.substr(0, parent));
    return ExitCode::kDone;
  }
  std::vector<std::string> known;
  const std::string unknown = UnknownCommand(app, arguments, known);
  if (unknown.empty()) {
    console.err << "error: " << error.what() << "\n  hint: " << path << " --help\n";
    return ExitCode::kUsage;
  }
  const std::string meant = NearestWord(unknown, known);
  console.err << "error: there is no command \"" << Printable(unknown) << "\"\n  hint: "
              << (meant.empty() ? absl::StrCat(path, " --help")
                                : absl::StrCat("did you mean ", path, " ", meant, "?"))
              << '\n';
  return ExitCode::kUsage;
}

ExitCode Run(const std::vector<std::string>& arguments, Console& console) {
  Session session(console);
  CLI::App app("dnnctl: talks to a dnnd daemon", "dnnctl");
  // Shared flags may stand before or after the command; CLI11 hands this on to commands added
  // later.
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(kFooter);
  AddSharedFlags(app, session);
  AddHealthCommand(app, session);
  AddStatusCommand(app, session);
  AddConfigCommand(app, session);
  AddModelsCommand(app, session);
  AddClassifyCommand(app, session);
  AddDetectCommand(app, session);
  AddSegmentCommand(app, session);
  AddPerceiveCommand(app, session);
  AddPredictCommand(app, session);
  AddBenchCommand(app, session);
  AddVersionCommand(app, session);
  AddCompletionCommand(app, session);
  // CLI11 takes the arguments from the back.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return ReportParseError(app, error, arguments, console);
  }
  return session.action();
}

}  // namespace

int RunDnnctl(const std::vector<std::string>& arguments, Console& console) {
  try {
    return static_cast<int>(Run(arguments, console));
  } catch (const std::exception& error) {
    console.err << "error: " << error.what() << '\n';
    return static_cast<int>(ExitCode::kUsage);
  }
}

}  // namespace dnnd::client
