#include "client/api/npy.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/api/data_type.h"

namespace dnnd::client {
namespace {

constexpr absl::string_view kMagic("\x93NUMPY", 6);
// NumPy itself refuses headers above 10000 bytes unless told otherwise.
constexpr size_t kMaxHeaderBytes = 10000;
constexpr size_t kMaxRank = 32;
// NumPy aligns the data of files that it writes.
constexpr size_t kDataAlignment = 64;

absl::Status Bad(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a usable .npy file: ", what));
}

struct Header {
  std::string description;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

// Reads the one Python dictionary that NumPy writes, and nothing more general: three keys, each
// once, in any order.
class HeaderParser {
 public:
  explicit HeaderParser(absl::string_view text) : rest_(text) {}

  absl::StatusOr<Header> Parse() {
    if (!Take("{")) return Bad("its header is no dictionary");
    while (!Take("}")) {
      if (absl::Status status = ParseItem(); !status.ok()) return status;
      if (!Take(",") && !StartsWith("}")) return Bad("its header lacks a comma");
    }
    SkipSpace();
    if (!rest_.empty()) return Bad("bytes follow its header's dictionary");
    if (!seen_description_ || !seen_order_ || !seen_shape_) {
      return Bad("its header lacks descr, fortran_order or shape");
    }
    return header_;
  }

 private:
  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  bool StartsWith(absl::string_view token) {
    SkipSpace();
    return absl::StartsWith(rest_, token);
  }

  bool Take(absl::string_view token) {
    if (!StartsWith(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  absl::Status ParseItem() {
    std::string key;
    if (!TakeString(key) || !Take(":")) return Bad("its header has no \"key\": value");
    if (key == "descr" && !seen_description_) {
      seen_description_ = true;
      return TakeString(header_.description) ? absl::OkStatus()
                                             : Bad("structured types are not numbers");
    }
    if (key == "fortran_order" && !seen_order_) {
      seen_order_ = true;
      header_.fortran_order = Take("True");
      return header_.fortran_order || Take("False") ? absl::OkStatus()
                                                    : Bad("fortran_order is no truth value");
    }
    if (key == "shape" && !seen_shape_) {
      seen_shape_ = true;
      return ParseShape();
    }
    return Bad(
        absl::StrCat("its header has the key \"", key, "\" which is unknown or stands twice"));
  }

  bool TakeString(std::string& value) {
    SkipSpace();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return false;
    const size_t end = rest_.find(rest_[0], 1);
    if (end == absl::string_view::npos) return false;
    value = std::string(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return !absl::StrContains(value, '\\');
  }

  absl::Status ParseShape() {
    if (!Take("(")) return Bad("its shape is no tuple");
    while (!Take(")")) {
      SkipSpace();
      size_t digits = 0;
      while (digits < rest_.size() && absl::ascii_isdigit(rest_[digits])) ++digits;
      int64_t extent = 0;
      if (digits == 0 || !absl::SimpleAtoi(rest_.substr(0, digits), &extent)) {
        return Bad("its shape has an extent that is no number of 64 bits");
      }
      rest_.remove_prefix(digits);
      header_.shape.push_back(extent);
      if (header_.shape.size() > kMaxRank)
        return Bad(absl::StrCat("its shape has more than ", kMaxRank, " axes"));
      if (!Take(",") && !StartsWith(")")) return Bad("its shape lacks a comma");
    }
    return absl::OkStatus();
  }

  absl::string_view rest_;
  Header header_;
  bool seen_description_ = false;
  bool seen_order_ = false;
  bool seen_shape_ = false;
};

// Cuts magic, version, length and header off the front of `bytes`, which then is the data.
absl::StatusOr<absl::string_view> TakeHeaderText(absl::string_view& bytes) {
  if (!absl::StartsWith(bytes, kMagic)) return Bad("it does not start with \\x93NUMPY");
  const int version = bytes.size() > 6 ? bytes[6] : 0;
  if (version < 1 || version > 3)
    return Bad(absl::StrCat("its format version is ", version, ", want 1 to 3"));
  const size_t length_bytes = version == 1 ? 2 : 4;
  const size_t start = 8 + length_bytes;
  if (bytes.size() < start) return Bad("it ends before its header");
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) {
    length |= static_cast<size_t>(static_cast<unsigned char>(bytes[8 + i])) << (8 * i);
  }
  if (length > kMaxHeaderBytes) {
    return Bad(
        absl::StrCat("its header has ", length, " bytes, at most ", kMaxHeaderBytes, " are read"));
  }
  if (bytes.size() - start < length) return Bad("it ends within its header");
  const absl::string_view text = bytes.substr(start, length);
  bytes.remove_prefix(start + length);
  return text;
}

// bfloat16 is the upper half of a float.
std::string WidenBf16(absl::string_view contents) {
  std::string wide;
  wide.reserve(contents.size() * 2);
  for (size_t i = 0; i + 1 < contents.size(); i += 2) {
    wide.append(2, '\0');
    wide.append(contents.data() + i, 2);
  }
  return wide;
}

}  // namespace

absl::StatusOr<dnnd::v1::Tensor> ParseNpy(absl::string_view bytes) {
  const absl::StatusOr<absl::string_view> text = TakeHeaderText(bytes);
  if (!text.ok()) return text.status();
  const absl::StatusOr<Header> header = HeaderParser(*text).Parse();
  if (!header.ok()) return header.status();
  const std::optional<dnnd::v1::DataType> type = DataTypeFromNpy(header->description);
  if (!type.has_value()) {
    return Bad(absl::StrCat(
        "its elements are \"", header->description,
        "\"; convert them with array.astype('<f4') or another little-endian type of numbers"));
  }
  if (header->fortran_order && header->shape.size() > 1) {
    return Bad("it is in Fortran order; convert it with numpy.ascontiguousarray");
  }
  const absl::StatusOr<int64_t> count = ElementCount(header->shape);
  if (!count.ok()) return Bad(count.status().message());
  // Division, because the product may overflow.
  const size_t element_bytes = ElementBytes(*type);
  if (bytes.size() % element_bytes != 0 ||
      bytes.size() / element_bytes != static_cast<size_t>(*count)) {
    return Bad(absl::StrCat("it holds ", bytes.size(), " bytes of data, want ", *count,
                            " elements of ", element_bytes));
  }
  dnnd::v1::Tensor tensor;
  tensor.set_data_type(*type);
  tensor.mutable_shape()->Add(header->shape.begin(), header->shape.end());
  tensor.set_contents(bytes.data(), bytes.size());
  return tensor;
}

absl::StatusOr<std::string> FormatNpy(const dnnd::v1::Tensor& tensor) {
  const bool widen = tensor.data_type() == dnnd::v1::DATA_TYPE_BF16;
  const dnnd::v1::DataType type = widen ? dnnd::v1::DATA_TYPE_FP32 : tensor.data_type();
  const absl::string_view description = NpyDescription(type);
  if (description.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(".npy has no elements of type ", DataTypeWord(type)));
  }
  const absl::StatusOr<int64_t> count = ElementCount(tensor.shape());
  if (!count.ok()) return count.status();
  const size_t element_bytes = ElementBytes(tensor.data_type());
  if (tensor.contents().size() / element_bytes != static_cast<size_t>(*count) ||
      tensor.contents().size() % element_bytes != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the tensor has ", tensor.contents().size(), " bytes, its shape [",
        absl::StrJoin(tensor.shape(), ","), "] wants ", *count, " elements of ", element_bytes));
  }
  // A tuple of one is written (3,).
  std::string header = absl::StrCat(
      "{'descr': '", description, "', 'fortran_order': False, 'shape': (",
      absl::StrJoin(tensor.shape(), ", "), tensor.shape_size() == 1 ? ",), }" : "), }");
  const size_t prefix = kMagic.size() + 4;
  const size_t total =
      (prefix + header.size() + 1 + kDataAlignment - 1) / kDataAlignment * kDataAlignment;
  header.append(total - prefix - header.size() - 1, ' ');
  header += '\n';
  std::string file(kMagic);
  file += '\x01';
  file += '\x00';
  file += static_cast<char>(header.size() & 0xFF);
  file += static_cast<char>(header.size() >> 8);
  return absl::StrCat(file, header, widen ? WidenBf16(tensor.contents()) : tensor.contents());
}

}  // namespace dnnd::client
