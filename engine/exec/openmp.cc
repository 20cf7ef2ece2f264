#include "engine/exec/openmp.h"

#include <omp.h>
#include <pmmintrin.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <cstdlib>
#include <cstring>

namespace dnnd::engine {
namespace {

// Not a setting: those begin with DNND_.
constexpr char kMarker[] = "_DNND_OPENMP_PREPARED";

struct Setting {
  const char* name;
  const char* value;
};

// Spinning between two primitives costs less than waking a sleeping team, but a team that spins
// while the lane is idle takes a CPU from gRPC: 20 000 turns are some 50 to 100 microseconds,
// longer than the gap between two layers and far shorter than that between two batches.
constexpr Setting kSettings[] = {
    {"GOMP_SPINCOUNT", "20000"},
    {"OMP_DYNAMIC", "false"},
    {"OMP_MAX_ACTIVE_LEVELS", "1"},
};

}  // namespace

void PrepareOpenMp(int argc, char** argv) {
  (void)argc;
  if (std::getenv(kMarker) != nullptr) {
    return;
  }
  for (const Setting& setting : kSettings) {
    setenv(setting.name, setting.value, /*overwrite=*/0);
  }
  unsetenv("OMP_PROC_BIND");
  unsetenv("OMP_PLACES");
  setenv(kMarker, "1", 1);
  execv("/proc/self/exe", argv);
  // Without /proc the program runs on with libgomp's defaults: slower when idle, not wrong.
}

void PrepareComputeThread(int threads) {
  omp_set_num_threads(threads);
#pragma omp parallel num_threads(threads)
  {
    _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
    _MM_SET_DENORMALS_ZERO_MODE(_MM_DENORMALS_ZERO_ON);
  }
}

}  // namespace dnnd::engine
