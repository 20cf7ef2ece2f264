// Feeds hostile bytes to a reader for a while.
//
//   DNND_FUZZ_SEED=N       another stream of inputs (the default is fixed)
//   DNND_FUZZ_SECONDS=S    for so long (2)
//
// The input that is being tried lies in a file, whose name a crash leaves on standard error.
#ifndef DNND_TESTS_FUZZ_FUZZ_LOOP_H_
#define DNND_TESTS_FUZZ_FUZZ_LOOP_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/fuzz/mutator.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::testing {

struct FuzzCounts {
  int tried = 0;
  int accepted = 0;
};

// Calls `read` with mutants of `seeds` until the time is over; it says whether it accepted them.
inline FuzzCounts Fuzz(const std::vector<std::string>& seeds,
                       const std::function<bool(const std::string& bytes)>& read) {
  const auto number = [](const char* variable, double absent) {
    const char* text = std::getenv(variable);
    return text == nullptr ? absent : std::strtod(text, nullptr);
  };
  const auto seed = static_cast<uint64_t>(number("DNND_FUZZ_SEED", 1));
  const std::chrono::duration<double> limit(number("DNND_FUZZ_SECONDS", 2));
  const TempDir folder;
  const std::string current = folder.path() + "/current";
  std::fprintf(stderr, "seed %llu, the input is %s\n", static_cast<unsigned long long>(seed),
               current.c_str());
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(current.c_str(), "wb"),
                                                             &std::fclose);
  Mutator mutator(seed);
  FuzzCounts counts;
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < limit) {
    const std::string bytes = mutator.Next(seeds);
    if (std::fseek(file.get(), 0, SEEK_SET) != 0 || ftruncate(fileno(file.get()), 0) != 0 ||
        std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() ||
        std::fflush(file.get()) != 0) {
      ADD_FAILURE() << "cannot write " << current;
      break;
    }
    counts.accepted += read(bytes) ? 1 : 0;
    ++counts.tried;
  }
  std::fprintf(stderr, "%d inputs, of which %d were accepted\n", counts.tried, counts.accepted);
  return counts;
}

}  // namespace dnnd::testing

#endif  // DNND_TESTS_FUZZ_FUZZ_LOOP_H_
