#ifndef DNND_CLIENT_COMMANDS_BENCH_PRINT_H_
#define DNND_CLIENT_COMMANDS_BENCH_PRINT_H_

#include <string>
#include <vector>

#include "client/api/load.h"
#include "client/output/console.h"

namespace dnnd::client {

// One load and what came of it.
struct BenchRow {
  LoadOptions options;
  LoadResult result;
};

// Mean size of the batches in which the server computed the answers; 0 when it did not say.
double MeanBatch(const LoadResult& result);

// One line of JSON: figures in milliseconds and per second, failures by code and reason, answers by
// batch size.
std::string BenchJson(const std::string& model, const BenchRow& row);

// A table of all rows, and below it what failed.
void PrintBench(Console& console, const std::vector<BenchRow>& rows);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_BENCH_PRINT_H_
