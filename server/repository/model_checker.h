// Whether a model file can be loaded at all, found out where it can do no harm.
#ifndef DNND_SERVER_REPOSITORY_MODEL_CHECKER_H_
#define DNND_SERVER_REPOSITORY_MODEL_CHECKER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dnnd/v1/config.pb.h"

namespace dnnd::server {

class ModelChecker {
 public:
  virtual ~ModelChecker() = default;
  // OK when the file was loaded, planned and run once. Else the load's own error; INTERNAL when it
  // crashed; DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED at the limits. Blocks.
  virtual absl::Status Check(const std::string& file, v1::ModelConfig::Precision precision) = 0;
};

// Loads in a child process of the same program, under limits: a model that makes the loader crash
// or run wild costs a child, not the daemon.
class ChildModelChecker : public ModelChecker {
 public:
  struct Options {
    std::string program = "/proc/self/exe";  // answers --check-model by calling CheckModelAsChild
    int64_t memory_bytes = 0;                // of private memory; 0: no limit
    absl::Duration time_limit = absl::Seconds(120);  // of wall clock, and of CPU time each CPU
  };
  explicit ChildModelChecker(Options options) : options_(std::move(options)) {}

  absl::Status Check(const std::string& file, v1::ModelConfig::Precision precision) override;

 private:
  const Options options_;
};

// The child's side: takes limits upon itself, loads, plans and runs `file` once, writes the outcome
// to standard output and returns the exit code of the process.
struct ModelCheckLimits {
  int64_t memory_bytes = 0;
  int cpu_seconds = 0;
};
int CheckModelAsChild(const std::string& file, v1::ModelConfig::Precision precision,
                      const ModelCheckLimits& limits);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_MODEL_CHECKER_H_
