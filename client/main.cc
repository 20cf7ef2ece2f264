// dnnctl, the command line of dnnd.
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "client/commands/dnnctl.h"

int main(int argc, char** argv) {
  // gRPC's own log lines are not for users; errors come as statuses. An operator who debugs may ask
  // for them.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  std::signal(SIGPIPE, SIG_IGN);
  dnnd::client::Console console = dnnd::client::ProcessConsole();
  return dnnd::client::RunDnnctl(std::vector<std::string>(argv + 1, argv + argc), console);
}
