#include "server/store/state_db.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {
namespace {

// Counted up with each change of the tables; a daemon brings older ones up to its own.
constexpr int64_t kSchema = 1;

constexpr const char* kTables[] = {
    "CREATE TABLE version_labels (model TEXT NOT NULL, label TEXT NOT NULL, version INTEGER NOT "
    "NULL, PRIMARY KEY (model, label)) STRICT, WITHOUT ROWID",
};

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

// `value` outlives the statement's run.
int Bind(sqlite3_stmt* statement, int index, const StateDb::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  const std::string& text = std::get<std::string>(value);
  return sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), nullptr);
}

StateDb::Row ReadRow(sqlite3_stmt* statement) {
  StateDb::Row row;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    if (sqlite3_column_type(statement, i) == SQLITE_INTEGER) {
      row.emplace_back(int64_t{sqlite3_column_int64(statement, i)});
    } else {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      row.emplace_back(
          std::string(text == nullptr ? "" : text, sqlite3_column_bytes(statement, i)));
    }
  }
  return row;
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateDb>> StateDb::Open(const std::string& state_dir) {
  const std::string path = absl::StrCat(state_dir, "/dnnd.db");
  sqlite3* db = nullptr;
  const int opened =
      sqlite3_open_v2(path.c_str(), &db,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, nullptr);
  if (db == nullptr) {
    return absl::ResourceExhaustedError("no memory for the state's database");
  }
  std::unique_ptr<StateDb> state(new StateDb(db));
  absl::Status ready = opened == SQLITE_OK ? state->Prepare() : state->Fault("opening it");
  if (!ready.ok()) {
    return engine::Annotate(ready, path);
  }
  return state;
}

StateDb::~StateDb() { sqlite3_close(db_); }

absl::Status StateDb::Prepare() {
  sqlite3_extended_result_codes(db_, 1);
  int64_t schema = 0;
  DNND_RETURN_IF_ERROR(Run("PRAGMA journal_mode = WAL"));
  DNND_RETURN_IF_ERROR(Run("PRAGMA synchronous = FULL"));
  DNND_RETURN_IF_ERROR(Run("PRAGMA user_version", {},
                           [&](const Row& row) { schema = std::get<int64_t>(row.at(0)); }));
  if (schema == kSchema) {
    return absl::OkStatus();
  }
  if (schema != 0) {
    return absl::FailedPreconditionError(absl::StrCat("got a database of schema ", schema,
                                                      ", want at most ", kSchema,
                                                      ": a newer daemon made it"));
  }
  DNND_RETURN_IF_ERROR(Run("BEGIN IMMEDIATE"));
  for (const char* table : kTables) {
    DNND_RETURN_IF_ERROR(Run(table));
  }
  DNND_RETURN_IF_ERROR(Run(absl::StrCat("PRAGMA user_version = ", kSchema)));
  return Run("COMMIT");
}

absl::Status StateDb::Fault(const std::string& what) const {
  return absl::InternalError(absl::StrCat(what, ": ", sqlite3_errmsg(db_)));
}

absl::Status StateDb::Run(const std::string& sql, std::initializer_list<Value> values,
                          const std::function<void(const Row&)>& take) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite3_stmt* raw = nullptr;
  const int prepared =
      sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  const Statement statement(raw);
  if (prepared != SQLITE_OK) {
    return Fault(sql);
  }
  int index = 0;
  for (const Value& value : values) {
    if (Bind(statement.get(), ++index, value) != SQLITE_OK) {
      return Fault(sql);
    }
  }
  int step = sqlite3_step(statement.get());
  for (; step == SQLITE_ROW; step = sqlite3_step(statement.get())) {
    if (take) {
      take(ReadRow(statement.get()));
    }
  }
  return step == SQLITE_DONE ? absl::OkStatus() : Fault(sql);
}

}  // namespace dnnd::server
