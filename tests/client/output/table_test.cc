#include "client/output/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace dnnd::client {
namespace {

std::string Printed(const Table& table, const std::string& indent = "") {
  std::ostringstream out;
  table.Print(out, indent);
  return out.str();
}

TEST(TableTest, LinesUpItsColumnsAndEndsLinesWithoutSpaces) {
  Table table({{"NAME"}, {"SIZE", Table::Align::kRight}, {"STATE"}});
  table.AddRow({"lenet", "31 kB", "READY"});
  table.AddRow({"a-longer-name", "1 MB", ""});
  EXPECT_EQ(Printed(table),
            "NAME            SIZE  STATE\n"
            "lenet          31 kB  READY\n"
            "a-longer-name   1 MB\n");
}

TEST(TableTest, PrintsNoTitleLineWithoutTitles) {
  Table table({{""}, {"", Table::Align::kRight}});
  table.AddRow({"tabby", "62.3%"});
  table.AddRow({"Egyptian cat", "9.2%"});
  EXPECT_EQ(Printed(table, "  "),
            "  tabby         62.3%\n"
            "  Egyptian cat   9.2%\n");
}

TEST(TableTest, CountsColumnsOfWideTextByCharacters) {
  Table table({{"A"}, {"B"}});
  table.AddRow({"██▌", "x"});
  table.AddRow({"abcd", "y"});
  EXPECT_EQ(Printed(table), "A     B\n██▌   x\nabcd  y\n");
}

TEST(TableTest, FillsMissingCellsAndDropsThoseTooMany) {
  Table table({{"A"}, {"B"}});
  table.AddRow({"1"});
  table.AddRow({"1", "2", "3"});
  EXPECT_EQ(Printed(table), "A  B\n1\n1  2\n");
}

TEST(TableTest, PrintsItsTitlesWithoutRows) { EXPECT_EQ(Printed(Table({{"A"}, {"B"}})), "A  B\n"); }

}  // namespace
}  // namespace dnnd::client
