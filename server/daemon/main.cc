// dnnd: the daemon.
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/exec/openmp.h"
#include "google/protobuf/text_format.h"
#include "server/config/command_line.h"
#include "server/daemon/server.h"
#include "server/repository/check_store.h"
#include "server/repository/model_checker.h"

namespace dnnd::server {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
// Freeing memory and ending a load that is under way is the kernel's work if it takes longer.
constexpr std::chrono::seconds kTakedownBound(5);
// Blocks of this size and more, most weights among them, go back to the system when they are freed
// and leave no hole in a heap. Said, for glibc would raise its own bound to 32 MiB by and by. Above
// the input row of a usual picture (3 x 224 x 224 floats), which is allocated for each request.
constexpr int kMappedBlockBytes = 1 << 20;

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

int Serve(const ServerOptions& options) {
  // Blocked before any thread is made, so that the first one is this thread's to take.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Create(options);
  if (!server.ok()) {
    std::cerr << "dnnd: " << server.status().message() << "\n";
    return kExitFailed;
  }
  for (const std::string& name : UnknownVariables(environ)) {
    (*server)->log().Warning("no setting has this variable", {{"variable", name}});
  }
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  (*server)->log().Info("got a signal",
                        {{"signal", absl::StrCat("SIG", sigabbrev_np(signal_number))}});
  // A second one ends the process at once.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*server)->Drain();
  std::thread([] {
    std::this_thread::sleep_for(kTakedownBound);
    _exit(0);
  }).detach();
  server->reset();
  return 0;
}

int CheckConfig(const ServerOptions& options) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(EffectiveConfig(options), &text);
  std::cout << text;
  StoreCheck check = CheckStore(options.store.model_store);
  if (const absl::Status lanes = CheckLanes(options.lanes, engine::DetectCpuBudget());
      !lanes.ok()) {
    check.faults.emplace(check.faults.begin(), lanes.message());
  }
  for (const std::string& fault : check.faults) {
    std::cerr << fault << "\n";
  }
  for (const std::string& name : UnknownVariables(environ)) {
    std::cerr << "warning: " << name << ": no setting has this variable\n";
  }
  for (const std::string& warning : check.warnings) {
    std::cerr << "warning: " << warning << "\n";
  }
  // A comment: what is printed can be the file of --config.
  std::cout << "# " << check.models << (check.models == 1 ? " model, " : " models, ")
            << check.faults.size() << (check.faults.size() == 1 ? " fault\n" : " faults\n");
  return check.faults.empty() ? 0 : kExitFailed;
}

int CheckModel(const ModelCheckRequest& request) {
  // The daemon, whose child this is, blocks them.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return CheckModelAsChild(request.file, request.precision,
                           {request.memory_bytes, request.cpu_seconds});
}

int Main(int argc, char** argv) {
  const absl::StatusOr<Invocation> invocation =
      ParseCommandLine(argc, argv, ProcessEnvironment(), kDaemonVersion);
  if (!invocation.ok()) {
    std::cerr << "dnnd: " << invocation.status().message() << "\n";
    return kExitUsage;
  }
  switch (invocation->action) {
    case Invocation::Action::kServe:
      return Serve(invocation->options);
    case Invocation::Action::kCheckConfig:
      return CheckConfig(invocation->options);
    case Invocation::Action::kCheckModel:
      return CheckModel(invocation->check);
    case Invocation::Action::kPrint:
      std::cout << invocation->text;
      return 0;
  }
  return kExitUsage;
}

}  // namespace
}  // namespace dnnd::server

int main(int argc, char** argv) {
  mallopt(M_MMAP_THRESHOLD, dnnd::server::kMappedBlockBytes);
  dnnd::engine::PrepareOpenMp(argc, argv);
  return dnnd::server::Main(argc, argv);
}
