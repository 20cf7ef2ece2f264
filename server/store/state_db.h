// STATE_DIR/dnnd.db: what must survive a restart, a crash and a loss of power.
#ifndef DNND_SERVER_STORE_STATE_DB_H_
#define DNND_SERVER_STORE_STATE_DB_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

struct sqlite3;

namespace dnnd::server {

// Thread-safe. The folder is this process's alone while it is open: whoever opens it holds its
// StateLock.
class StateDb {
 public:
  using Value = std::variant<int64_t, std::string>;
  using Row = std::vector<Value>;

  // Opens it, makes it where it is missing. FAILED_PRECONDITION when a newer daemon made it,
  // INTERNAL with SQLite's words when it is damaged or cannot be written.
  static absl::StatusOr<std::unique_ptr<StateDb>> Open(const std::string& state_dir);
  ~StateDb();
  StateDb(const StateDb&) = delete;
  StateDb& operator=(const StateDb&) = delete;

  // Runs one statement with `values` in place of its question marks, and gives each row of its
  // result (integers and text) to `take`, which may be empty. What it wrote is on the disk on
  // return. Blocks for as long as the disk takes.
  absl::Status Run(const std::string& sql, std::initializer_list<Value> values = {},
                   const std::function<void(const Row&)>& take = nullptr);

 private:
  explicit StateDb(sqlite3* db) : db_(db) {}
  absl::Status Prepare();
  absl::Status Fault(const std::string& what) const;

  std::mutex mutex_;
  sqlite3* const db_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_STORE_STATE_DB_H_
