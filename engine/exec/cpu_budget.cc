#include "engine/exec/cpu_budget.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dnnd::engine {
namespace {

std::string ReadLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The path of this process's cgroup below `controller` ("" for version 2), "/" when it is not
// listed.
std::string CgroupPath(const std::string& controller) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string id, controllers, path;
    std::getline(fields, id, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    const bool match = controller.empty() ? controllers.empty()
                                          : absl::StrContains(absl::StrCat(",", controllers, ","),
                                                              absl::StrCat(",", controller, ","));
    if (match) {
      return path;
    }
  }
  return "/";
}

// The tightest quota from the process's cgroup up to the root: each level limits those below it.
int TightestQuota(const std::string& root, std::string path, bool version2) {
  int tightest = 0;
  while (true) {
    const std::string folder = absl::StrCat(root, path == "/" ? "" : path);
    const std::string text =
        version2 ? ReadLine(absl::StrCat(folder, "/cpu.max"))
                 : absl::StrCat(ReadLine(absl::StrCat(folder, "/cpu.cfs_quota_us")), " ",
                                ReadLine(absl::StrCat(folder, "/cpu.cfs_period_us")));
    const int cpus = CpusOfQuota(text);
    if (cpus > 0 && (tightest == 0 || cpus < tightest)) {
      tightest = cpus;
    }
    if (path.size() <= 1) {
      return tightest;
    }
    path = path.substr(0, std::max<size_t>(1, path.rfind('/')));
  }
}

int QuotaOfProcess() {
  const int version2 = TightestQuota("/sys/fs/cgroup", CgroupPath(""), true);
  const int version1 = TightestQuota("/sys/fs/cgroup/cpu", CgroupPath("cpu"), false);
  return version2 > 0 && version1 > 0 ? std::min(version2, version1) : std::max(version2, version1);
}

}  // namespace

int CpusOfQuota(const std::string& cpu_max) {
  std::istringstream fields(cpu_max);
  int64_t quota = 0;
  int64_t period = 0;
  if (!(fields >> quota >> period) || quota <= 0 || period <= 0) {
    return 0;  // "max", "-1", or nothing
  }
  return static_cast<int>(std::max<int64_t>(1, quota / period));
}

CpuBudget DetectCpuBudget() {
  CpuBudget budget;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof(mask), &mask) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &mask)) {
        budget.cpus.push_back(cpu);
      }
    }
  }
  if (budget.cpus.empty()) {
    budget.cpus.push_back(0);
  }
  const int quota = QuotaOfProcess();
  if (quota > 0 && quota < static_cast<int>(budget.cpus.size())) {
    budget.cpus.resize(quota);
  }
  return budget;
}

bool PinCurrentThread(const std::vector<int>& cpus) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  for (int cpu : cpus) {
    CPU_SET(cpu, &mask);
  }
  return sched_setaffinity(0, sizeof(mask), &mask) == 0;
}

}  // namespace dnnd::engine
