#include "server/telemetry/process_collector.h"

#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace dnnd::server {
namespace {

// The fields of /proc/self/stat from the third on, as proc(5) counts them: names of programs may
// hold blanks and brackets, so counting begins after the last bracket.
std::vector<std::string> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  std::vector<std::string> fields;
  const size_t bracket = line.rfind(')');
  if (bracket != std::string::npos) {
    std::istringstream rest(line.substr(bracket + 1));
    for (std::string field; rest >> field;) {
      fields.push_back(field);
    }
  }
  return fields;
}

double StatField(const std::vector<std::string>& fields, int number) {
  const size_t index = number - 3;
  return index < fields.size() ? std::strtod(fields[index].c_str(), nullptr) : 0;
}

double BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, 6, "btime ") == 0) {
      return std::strtod(line.c_str() + 6, nullptr);
    }
  }
  return 0;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double OpenFiles() {
  std::error_code ignored;
  double count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", ignored), end; it != end;
       it.increment(ignored)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // one of them is the folder that was read
}

double MaxOpenFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

prometheus::MetricFamily Family(const char* name, const char* help, double value,
                                prometheus::MetricType type = prometheus::MetricType::Gauge) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {name, help, type, {metric}};
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessCollector::Collect() const {
  // Numbers of the fields: proc(5), /proc/[pid]/stat.
  const std::vector<std::string> stat = StatFields();
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {
      Family("process_cpu_seconds_total", "User and system CPU time.", CpuSeconds(),
             prometheus::MetricType::Counter),
      Family("process_resident_memory_bytes", "Resident memory.", StatField(stat, 24) * page),
      Family("process_virtual_memory_bytes", "Virtual memory.", StatField(stat, 23)),
      Family("process_threads", "Threads.", StatField(stat, 20)),
      Family("process_open_fds", "Open file descriptors.", OpenFiles()),
      Family("process_max_fds", "File descriptors that may be open.", MaxOpenFiles()),
      Family("process_start_time_seconds", "Start, in seconds since the epoch.",
             BootTimeSeconds() + StatField(stat, 22) / ticks),
  };
}

}  // namespace dnnd::server
