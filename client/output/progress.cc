#include "client/output/progress.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(200);
constexpr absl::string_view kEraseLine = "\r\x1b[K";

}  // namespace

Progress::Progress(Console& console, std::string what) : console_(console), what_(std::move(what)) {
  if (console_.err_is_terminal) thread_ = std::thread([this] { Run(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }
  thread_.join();
}

void Progress::Run() {
  const absl::Time start = absl::Now();
  bool shown = false;
  absl::MutexLock lock(&mutex_);
  // Work that ends within the first tick never flickers.
  while (!mutex_.AwaitWithTimeout(absl::Condition(&done_), kTick)) {
    const double elapsed_ms = absl::ToDoubleMilliseconds(absl::Now() - start);
    console_.err << absl::StrCat(kEraseLine, what_, "  ", HumanMilliseconds(elapsed_ms))
                 << std::flush;
    shown = true;
  }
  if (shown) console_.err << std::string(kEraseLine) << std::flush;
}

}  // namespace dnnd::client
