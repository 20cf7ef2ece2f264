// dnnctl completion bash: a script made from the command line's own table, so that it cannot fall
// behind.
#include <CLI/CLI.hpp>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/commands/commands.h"

namespace dnnd::client {
namespace {

// Commands whose first argument is a model; bash asks the daemon for their names.
const std::set<std::string> kModelCommands = {
    "health",   "models describe", "models load", "models unload", "models label", "models reload",
    "classify", "detect",          "segment",     "perceive",      "predict",      "bench"};

std::vector<const CLI::App*> CommandsOf(const CLI::App& level) {
  return level.get_subcommands(std::function<bool(const CLI::App*)>());
}

std::vector<std::string> WordsOf(const CLI::App& level) {
  std::vector<std::string> words;
  for (const CLI::App* command : CommandsOf(level)) words.push_back(command->get_name());
  for (const CLI::Option* option : level.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back(absl::StrCat("--", name));
  }
  return words;
}

// One case for each command: the words that may follow it.
void AppendCases(const CLI::App& level, const std::string& path, std::string& script) {
  for (const CLI::App* command : CommandsOf(level)) {
    const std::string full =
        path.empty() ? command->get_name() : absl::StrCat(path, " ", command->get_name());
    absl::StrAppend(&script, "    \"", full, "\") words=\"", absl::StrJoin(WordsOf(*command), " "),
                    "\"");
    if (kModelCommands.count(full) > 0) absl::StrAppend(&script, "; models=1");
    absl::StrAppend(&script, " ;;\n");
    AppendCases(*command, full, script);
  }
}

constexpr char kBashTemplate[] =
    R"BASH(# bash completion of dnnctl. Load it with: source <(dnnctl completion bash)
_dnnctl() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
  local path="" words="" models="" i
  local shared="@SHARED@"
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${path:+$path }${COMP_WORDS[i]}" in
      @PATHS@) path="${path:+$path }${COMP_WORDS[i]}" ;;
    esac
  done
  words="$shared"
  case "$path" in
@CASES@  esac
  if [[ $previous == -o || $previous == --output ]]; then
    words="table json"
  elif [[ $current == -* ]]; then
    words="$words $(tr ' ' '\n' <<<"$shared" | grep '^--')"
  elif [[ -n $models ]]; then
    words="$(dnnctl models list --quiet --timeout 500ms 2>/dev/null)"
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ $current != -* && $path =~ ^(classify|detect|segment|perceive|predict|bench)$ ]]; then
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _dnnctl dnnctl
)BASH";

// Every command and subcommand as alternatives of a bash pattern.
std::string PathPattern(const CLI::App& app) {
  std::vector<std::string> paths;
  for (const CLI::App* command : CommandsOf(app)) {
    paths.push_back(absl::StrCat("\"", command->get_name(), "\""));
    for (const CLI::App* below : CommandsOf(*command)) {
      paths.push_back(absl::StrCat("\"", command->get_name(), " ", below->get_name(), "\""));
    }
  }
  return absl::StrJoin(paths, "|");
}

std::string BashScript(const CLI::App& app) {
  std::string cases;
  AppendCases(app, "", cases);
  return absl::StrReplaceAll(kBashTemplate, {{"@SHARED@", absl::StrJoin(WordsOf(app), " ")},
                                             {"@PATHS@", PathPattern(app)},
                                             {"@CASES@", cases}});
}

}  // namespace

void AddCompletionCommand(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("completion", "Print a completion script for a shell");
  const auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash")->required()->check(CLI::IsMember({"bash"}));
  command->footer(
      "Examples:\n  source <(dnnctl completion bash)\n  dnnctl completion bash > "
      "/etc/bash_completion.d/dnnctl\n");
  command->callback([&app, &session, shell] {
    session.action = [&app, &session] {
      session.console().out << BashScript(app);
      return ExitCode::kDone;
    };
  });
}

}  // namespace dnnd::client
