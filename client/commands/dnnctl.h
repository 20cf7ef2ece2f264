#ifndef DNND_CLIENT_COMMANDS_DNNCTL_H_
#define DNND_CLIENT_COMMANDS_DNNCTL_H_

#include <string>
#include <vector>

#include "client/output/console.h"

namespace dnnd::client {

// Runs dnnctl with these arguments (without the program's name) and returns its exit code. No
// exception leaves it.
int RunDnnctl(const std::vector<std::string>& arguments, Console& console);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_DNNCTL_H_
