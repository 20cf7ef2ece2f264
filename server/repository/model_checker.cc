#include "server/repository/model_checker.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "engine/base/status.h"

namespace dnnd::server {
namespace {

// What a child may say; more is cut.
constexpr size_t kMaxOutcomeBytes = 16 << 10;

struct Child {
  pid_t pid = -1;
  int output = -1;  // the end of its standard output that we read
};

// Starts the program with standard output into a pipe and no other descriptor of ours.
absl::StatusOr<Child> Spawn(const std::string& program, const std::vector<std::string>& arguments) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "pipe to the child that checks a model");
  }
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  Child child;
  const int error =
      posix_spawn(&child.pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  if (error != 0) {
    close(pipe_ends[0]);
    return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", program));
  }
  child.output = pipe_ends[0];
  return child;
}

// Reads until the child closes its output; false when that is later than `end`.
bool ReadUntilEnd(int output, absl::Time end, std::string* text) {
  char buffer[4096];
  while (true) {
    const int64_t left_ms = absl::ToInt64Milliseconds(end - absl::Now());
    pollfd waiting{output, POLLIN, 0};
    const int ready = left_ms <= 0 ? 0 : poll(&waiting, 1, static_cast<int>(left_ms));
    if (ready == 0) {
      return false;
    }
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    const ssize_t bytes = read(output, buffer, sizeof(buffer));
    if (bytes < 0 && errno == EINTR) {
      continue;
    }
    if (bytes <= 0) {
      return true;
    }
    text->append(buffer, std::min<size_t>(bytes, kMaxOutcomeBytes - text->size()));
  }
}

int WaitFor(pid_t pid) {
  int state = 0;
  while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
  }
  return state;
}

// "3\nmessage": an outcome as CheckModelAsChild writes it.
std::optional<absl::Status> ParseOutcome(absl::string_view text) {
  const size_t line = text.find('\n');
  int code = 0;
  if (line == absl::string_view::npos || !absl::SimpleAtoi(text.substr(0, line), &code)) {
    return std::nullopt;
  }
  return absl::Status(static_cast<absl::StatusCode>(code), text.substr(line + 1));
}

}  // namespace

absl::Status ChildModelChecker::Check(const std::string& file,
                                      v1::ModelConfig::Precision precision) {
  const int64_t seconds = std::max<int64_t>(1, absl::ToInt64Seconds(options_.time_limit));
  DNND_ASSIGN_OR_RETURN(
      const Child child,
      Spawn(
          options_.program,
          {"dnnd", "--check-model", file, "--precision", v1::ModelConfig::Precision_Name(precision),
           "--check-model-memory-bytes", absl::StrCat(options_.memory_bytes),
           "--check-model-cpu-seconds", absl::StrCat(seconds * sysconf(_SC_NPROCESSORS_ONLN))}));
  std::string text;
  const bool ended = ReadUntilEnd(child.output, absl::Now() + options_.time_limit, &text);
  if (!ended) {
    kill(child.pid, SIGKILL);
  }
  close(child.output);
  const int state = WaitFor(child.pid);
  if (!ended) {
    return absl::DeadlineExceededError(absl::StrCat(
        "loading it in a child process took longer than ", seconds, " s, and was stopped"));
  }
  if (WIFSIGNALED(state)) {
    const int number = WTERMSIG(state);
    if (number == SIGXCPU || number == SIGKILL) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "loading it in a child process was stopped by a limit (", strsignal(number), ")"));
    }
    return absl::InternalError(absl::StrCat("loading it crashed the child process that tried it (",
                                            strsignal(number), "); the daemon did not try"));
  }
  return ParseOutcome(text).value_or(
      absl::InternalError(absl::StrCat("the child process that tried to load it ended with code ",
                                       WEXITSTATUS(state), " and no outcome")));
}

}  // namespace dnnd::server
