#include "client/output/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

constexpr absl::string_view kGap = "  ";

void PrintRow(std::ostream& out, const std::string& indent,
              const std::vector<Table::Column>& columns, const std::vector<std::string>& cells,
              const std::vector<int>& widths) {
  std::string line = indent;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) absl::StrAppend(&line, kGap);
    const std::string padding(widths[i] - DisplayWidth(cells[i]), ' ');
    if (columns[i].align == Table::Align::kRight) {
      absl::StrAppend(&line, padding, cells[i]);
    } else {
      absl::StrAppend(&line, cells[i], padding);
    }
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

}  // namespace

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out, const std::string& indent) const {
  std::vector<std::string> titles;
  std::vector<int> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    titles.push_back(columns_[i].title);
    widths.push_back(DisplayWidth(columns_[i].title));
    for (const auto& row : rows_) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  const bool titled = std::any_of(titles.begin(), titles.end(),
                                  [](const std::string& title) { return !title.empty(); });
  if (titled) PrintRow(out, indent, columns_, titles, widths);
  for (const auto& row : rows_) PrintRow(out, indent, columns_, row, widths);
}

}  // namespace dnnd::client
