// How many CPUs the process may use, and which.
#ifndef DNND_ENGINE_EXEC_CPU_BUDGET_H_
#define DNND_ENGINE_EXEC_CPU_BUDGET_H_

#include <string>
#include <vector>

namespace dnnd::engine {

struct CpuBudget {
  // Ids of the CPUs that computing threads are pinned to, ascending; at least one.
  std::vector<int> cpus;
};

// From the affinity mask of the process and the CPU quota of its cgroup (version 2 or 1), whichever
// is smaller; a fraction of a CPU counts as one when it is the only one, else it is dropped, since
// a thread that is throttled holds up its team.
CpuBudget DetectCpuBudget();

// The CPUs that a quota of `quota_us` every `period_us` allows; 0 when the text ("max 100000",
// "150000 100000") sets none.
int CpusOfQuota(const std::string& cpu_max);

// Binds the calling thread, and the teams that it will open, to `cpus`. False when the system
// refuses (it then runs unpinned).
bool PinCurrentThread(const std::vector<int>& cpus);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_CPU_BUDGET_H_
