// The OpenMP rules of the process (one team a lane, no nesting, bounded spinning), which libgomp
// reads once, before main.
#ifndef DNND_ENGINE_EXEC_OPENMP_H_
#define DNND_ENGINE_EXEC_OPENMP_H_

#include "absl/status/status.h"

namespace dnnd::engine {

// The first call of a program's main. libgomp reads its environment when it is loaded, so where a
// variable is not set as wanted this sets it and starts the program anew in its place, once.
// Variables that the user has set win, except OMP_PROC_BIND and OMP_PLACES, which would put every
// lane on the same CPU: lanes pin themselves.
void PrepareOpenMp(int argc, char** argv);

// Makes the calling thread compute with a team of `threads` and flush denormal numbers to zero
// (they cost 10 to 100 times a normal operation).
void PrepareComputeThread(int threads);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_OPENMP_H_
