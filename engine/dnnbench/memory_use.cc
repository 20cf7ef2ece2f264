#include "engine/dnnbench/memory_use.h"

#include <cstdlib>
#include <fstream>
#include <string>

namespace dnnd::engine {

int64_t PeakResidentBytes() {
  // Not getrusage: its figure is that of the largest program that this process has ever been.
  constexpr char kKey[] = "VmHWM:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(kKey, 0) == 0) {
      return std::strtoll(line.c_str() + sizeof(kKey) - 1, nullptr, 10) * 1024;
    }
  }
  return 0;
}

}  // namespace dnnd::engine
