#include "client/commands/bench_print.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

std::string LoadText(const LoadOptions& options) {
  if (options.concurrency > 0)
    return absl::StrCat(options.concurrency, options.concurrency == 1 ? " client" : " clients");
  return absl::StrFormat("%g/s%s", options.rate, options.poisson ? " poisson" : "");
}

double PerSecond(int64_t count, const LoadResult& result) {
  return count / absl::ToDoubleSeconds(result.measured);
}

double PerAnswer(double sum, const LoadResult& result) {
  return result.done.count() == 0 ? 0 : sum / result.done.count();
}

}  // namespace

double MeanBatch(const LoadResult& result) {
  if (result.batches == 0) return 0;
  double items = 0;
  // Every answer has the same number of items, so what each adds to `batches` is that number over
  // its batch.
  double inverse = 0;
  for (const auto& [size, answers] : result.batch_sizes) {
    items += answers;
    inverse += static_cast<double>(answers) / size;
  }
  return items / inverse;
}

std::string BenchJson(const std::string& model, const BenchRow& row) {
  const LoadResult& result = row.result;
  nlohmann::ordered_json json;
  json["model"] = model;
  json["concurrency"] = row.options.concurrency;
  json["rate"] = row.options.rate;
  json["poisson"] = row.options.poisson;
  json["duration_seconds"] = absl::ToDoubleSeconds(result.measured);
  json["requests_per_second"] = PerSecond(result.answers, result);
  json["items_per_second"] = PerSecond(result.items, result);
  json["requests"] = result.done.count() + result.failed.count();
  json["errors"] = result.failed.count();
  json["not_sent"] = result.not_sent;
  json["mean_ms"] = result.done.Mean();
  json["p50_ms"] = result.done.Percentile(50);
  json["p95_ms"] = result.done.Percentile(95);
  json["p99_ms"] = result.done.Percentile(99);
  json["max_ms"] = result.done.Max();
  json["error_p99_ms"] = result.failed.Percentile(99);
  json["queue_ms"] = PerAnswer(result.queue_ms, result);
  json["compute_ms"] = PerAnswer(result.compute_ms, result);
  json["mean_batch_size"] = MeanBatch(result);
  json["batch_sizes"] = nlohmann::ordered_json::object();
  for (const auto& [size, answers] : result.batch_sizes)
    json["batch_sizes"][absl::StrCat(size)] = answers;
  json["errors_by_code"] = nlohmann::ordered_json::object();
  for (const auto& [code, count] : result.failures) json["errors_by_code"][code] = count;
  // Replaces bytes that are no UTF-8, where the default would throw.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void PrintBench(Console& console, const std::vector<BenchRow>& rows) {
  using Align = Table::Align;
  Table table({{"LOAD"},
               {"REQ/S", Align::kRight},
               {"ITEMS/S", Align::kRight},
               {"P50", Align::kRight},
               {"P95", Align::kRight},
               {"P99", Align::kRight},
               {"QUEUE", Align::kRight},
               {"COMPUTE", Align::kRight},
               {"BATCH", Align::kRight},
               {"ERRORS", Align::kRight}});
  for (const BenchRow& row : rows) {
    const LoadResult& result = row.result;
    table.AddRow({LoadText(row.options), absl::StrFormat("%.1f", PerSecond(result.answers, result)),
                  absl::StrFormat("%.1f", PerSecond(result.items, result)),
                  HumanMilliseconds(result.done.Percentile(50)),
                  HumanMilliseconds(result.done.Percentile(95)),
                  HumanMilliseconds(result.done.Percentile(99)),
                  HumanMilliseconds(PerAnswer(result.queue_ms, result)),
                  HumanMilliseconds(PerAnswer(result.compute_ms, result)),
                  absl::StrFormat("%.1f", MeanBatch(result)), absl::StrCat(result.failed.count())});
  }
  table.Print(console.out);
  for (const BenchRow& row : rows) {
    for (const auto& [code, count] : row.result.failures) {
      console.out << LoadText(row.options) << ": " << count << " x "
                  << Styled(console, Style::kBad, Printable(code)) << '\n';
    }
    if (row.result.not_sent > 0) {
      console.out << LoadText(row.options) << ": " << row.result.not_sent
                  << " requests were not sent, " << row.options.max_in_flight
                  << " were in flight\n";
    }
  }
}

}  // namespace dnnd::client
