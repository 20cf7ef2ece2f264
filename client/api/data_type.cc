#include "client/api/data_type.h"

#include <array>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace dnnd::client {
namespace {

using dnnd::v1::DataType;

struct Row {
  DataType type;
  int64_t bytes;
  absl::string_view npy;
  // The first is the one that is printed.
  absl::string_view words;
};

constexpr std::array<Row, 14> kRows = {{
    {dnnd::v1::DATA_TYPE_BOOL, 1, "|b1", "bool"},
    {dnnd::v1::DATA_TYPE_UINT8, 1, "|u1", "uint8 u8"},
    {dnnd::v1::DATA_TYPE_UINT16, 2, "<u2", "uint16 u16"},
    {dnnd::v1::DATA_TYPE_UINT32, 4, "<u4", "uint32 u32"},
    {dnnd::v1::DATA_TYPE_UINT64, 8, "<u8", "uint64 u64"},
    {dnnd::v1::DATA_TYPE_INT8, 1, "|i1", "int8 i8 s8"},
    {dnnd::v1::DATA_TYPE_INT16, 2, "<i2", "int16 i16"},
    {dnnd::v1::DATA_TYPE_INT32, 4, "<i4", "int32 i32 int"},
    {dnnd::v1::DATA_TYPE_INT64, 8, "<i8", "int64 i64 long"},
    {dnnd::v1::DATA_TYPE_FP16, 2, "<f2", "fp16 f16 float16 half"},
    {dnnd::v1::DATA_TYPE_FP32, 4, "<f4", "fp32 f32 float32 float"},
    {dnnd::v1::DATA_TYPE_FP64, 8, "<f8", "fp64 f64 float64 double"},
    {dnnd::v1::DATA_TYPE_BF16, 2, "", "bf16 bfloat16"},
    {dnnd::v1::DATA_TYPE_BYTES, 0, "", "bytes string"},
}};

const Row* Find(DataType type) {
  for (const Row& row : kRows) {
    if (row.type == type) return &row;
  }
  return nullptr;
}

std::vector<absl::string_view> Words(const Row& row) { return absl::StrSplit(row.words, ' '); }

}  // namespace

std::string DataTypeWord(DataType type) {
  const Row* row = Find(type);
  return row == nullptr ? "?" : std::string(Words(*row).front());
}

absl::StatusOr<DataType> ParseDataType(absl::string_view word) {
  const std::string wanted = absl::AsciiStrToLower(word);
  std::string known;
  for (const Row& row : kRows) {
    for (const absl::string_view candidate : Words(row)) {
      if (candidate == wanted) return row.type;
    }
    absl::StrAppend(&known, known.empty() ? "" : ", ", Words(row).front());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", word, "\" is no data type; there are ", known));
}

int64_t ElementBytes(DataType type) {
  const Row* row = Find(type);
  return row == nullptr ? 0 : row->bytes;
}

absl::string_view NpyDescription(DataType type) {
  const Row* row = Find(type);
  return row == nullptr ? "" : row->npy;
}

std::optional<DataType> DataTypeFromNpy(absl::string_view description) {
  if (description.size() < 3) return std::nullopt;
  for (const Row& row : kRows) {
    if (row.npy.empty() || row.npy.substr(1) != description.substr(1)) continue;
    // '=' is native, which is little-endian here; for one byte any order is right.
    const char order = description[0];
    if (order == '<' || order == '=' || order == '|' || row.bytes == 1) return row.type;
  }
  return std::nullopt;
}

absl::StatusOr<int64_t> ElementCount(absl::Span<const int64_t> shape) {
  constexpr int64_t kMaxElements = int64_t{1} << 62;
  int64_t count = 1;
  for (const int64_t extent : shape) {
    if (extent < 0) return absl::InvalidArgumentError(absl::StrCat("negative extent ", extent));
    if (extent > 0 && count > kMaxElements / extent) {
      return absl::InvalidArgumentError("the shape has more than 2^62 elements");
    }
    count *= extent;
  }
  return count;
}

}  // namespace dnnd::client
