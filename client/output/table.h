#ifndef DNND_CLIENT_OUTPUT_TABLE_H_
#define DNND_CLIENT_OUTPUT_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

namespace dnnd::client {

// Rows of text in columns that line up. Cells are UTF-8 without control characters (see Printable).
// Not thread-safe.
class Table {
 public:
  enum class Align { kLeft, kRight };

  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  // No titles at all: no title line is printed.
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Missing cells are empty, those beyond the columns are dropped.
  void AddRow(std::vector<std::string> cells);

  // Every line starts with `indent` and ends without spaces.
  void Print(std::ostream& out, const std::string& indent = "") const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace dnnd::client

#endif  // DNND_CLIENT_OUTPUT_TABLE_H_
