#include "engine/onnx/wire_scanner.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/onnx/wire_format.h"

namespace dnnd::engine {
namespace {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

// The messages on the way from the model to a payload.
enum class Message : uint8_t { kModel, kGraph, kNode, kAttribute, kTensor };

// Field numbers of onnx.proto.
constexpr uint32_t kModelGraph = 7;
constexpr uint32_t kGraphNode = 1;
constexpr uint32_t kGraphInitializer = 5;
constexpr uint32_t kNodeAttribute = 5;
constexpr uint32_t kAttributeTensor = 5;
constexpr uint32_t kTensorRawData = 9;

std::optional<Message> Child(Message message, uint32_t field) {
  switch (message) {
    case Message::kModel:
      return field == kModelGraph ? std::optional(Message::kGraph) : std::nullopt;
    case Message::kGraph:
      if (field == kGraphNode) {
        return Message::kNode;
      }
      return field == kGraphInitializer ? std::optional(Message::kTensor) : std::nullopt;
    case Message::kNode:
      return field == kNodeAttribute ? std::optional(Message::kAttribute) : std::nullopt;
    case Message::kAttribute:
      return field == kAttributeTensor ? std::optional(Message::kTensor) : std::nullopt;
    case Message::kTensor:
      return std::nullopt;
  }
  return std::nullopt;
}

// Sequential reads through a small window.
class WireReader {
 public:
  explicit WireReader(const ByteSource& source) : source_(source), window_(kWindowBytes) {}

  int64_t position() const { return position_; }
  int64_t size() const { return source_.size(); }
  void Skip(int64_t bytes) { position_ += bytes; }

  // REQUIRES of both: what is read ends at or before size().
  absl::StatusOr<uint8_t> Byte() {
    if (position_ < begin_ || position_ >= end_) {
      begin_ = position_;
      end_ = begin_ + std::min<int64_t>(kWindowBytes, source_.size() - begin_);
      DNND_RETURN_IF_ERROR(source_.Read(begin_, end_ - begin_, window_.data()));
    }
    return window_[position_++ - begin_];
  }
  absl::Status Append(int64_t bytes, std::string& out) {
    const size_t before = out.size();
    out.resize(before + bytes);
    DNND_RETURN_IF_ERROR(source_.Read(position_, bytes, out.data() + before));
    position_ += bytes;
    return absl::OkStatus();
  }

 private:
  static constexpr int64_t kWindowBytes = 16 << 10;

  const ByteSource& source_;
  std::vector<uint8_t> window_;
  int64_t begin_ = 0;  // the window holds [begin_, end_)
  int64_t end_ = 0;
  int64_t position_ = 0;
};

class Scanner {
 public:
  explicit Scanner(const ByteSource& source) : reader_(source) {}

  absl::StatusOr<ModelSkeleton> Run() {
    DNND_RETURN_IF_ERROR(Scan(Message::kModel, reader_.size(), skeleton_.bytes));
    return std::move(skeleton_);
  }

 private:
  absl::Status Malformed(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("not an ONNX model: ", what, " at byte ", reader_.position()));
  }

  absl::StatusOr<uint64_t> Varint(int64_t end) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (reader_.position() >= end) {
        return Malformed("a number is cut off");
      }
      DNND_ASSIGN_OR_RETURN(const uint8_t byte, reader_.Byte());
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    return Malformed("a number is longer than ten bytes");
  }

  // Copies the fields of one message, which ends at `end`, to `out`. The depth is that of the enum
  // above.
  absl::Status Scan(Message message, int64_t end, std::string& out) {
    while (reader_.position() < end) {
      DNND_ASSIGN_OR_RETURN(const uint64_t tag, Varint(end));
      switch (tag & 7) {
        case kVarint: {
          DNND_ASSIGN_OR_RETURN(const uint64_t value, Varint(end));
          out += EncodeVarint(tag);
          out += EncodeVarint(value);
          break;
        }
        case kFixed64:
        case kFixed32: {
          const int64_t bytes = (tag & 7) == kFixed64 ? 8 : 4;
          if (bytes > end - reader_.position()) {
            return Malformed("a number is cut off");
          }
          out += EncodeVarint(tag);
          DNND_RETURN_IF_ERROR(reader_.Append(bytes, out));
          break;
        }
        case kLengthDelimited:
          DNND_RETURN_IF_ERROR(ScanField(message, tag, end, out));
          break;
        default:
          return Malformed(absl::StrCat("wire type ", tag & 7));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ScanField(Message message, uint64_t tag, int64_t end, std::string& out) {
    DNND_ASSIGN_OR_RETURN(const uint64_t length, Varint(end));
    if (length > static_cast<uint64_t>(end - reader_.position())) {
      return Malformed(absl::StrCat("a field of ", length, " bytes leaves its message"));
    }
    const int64_t bytes = static_cast<int64_t>(length);
    const auto field = static_cast<uint32_t>(tag >> 3);
    if (message == Message::kTensor && field == kTensorRawData) {
      // The last one counts, as in protobuf's parser.
      payload_.reset();
      if (bytes > kSmallPayloadBytes) {
        payload_ = Payload{reader_.position(), bytes};
        reader_.Skip(bytes);
        return absl::OkStatus();
      }
    }
    out += EncodeVarint(tag);
    const std::optional<Message> child = Child(message, field);
    if (!child.has_value()) {
      out += EncodeVarint(length);
      return reader_.Append(bytes, out);
    }
    std::string nested;
    DNND_RETURN_IF_ERROR(ScanChild(message, *child, reader_.position() + bytes, nested));
    out += EncodeVarint(nested.size());
    out += nested;
    return absl::OkStatus();
  }

  absl::Status ScanChild(Message parent, Message child, int64_t end, std::string& out) {
    if (child == Message::kNode) {
      ++node_;
      attribute_ = -1;
    } else if (child == Message::kAttribute) {
      ++attribute_;
    } else if (child == Message::kTensor && parent == Message::kGraph) {
      ++initializer_;
      return ScanTensor(end, initializer_, skeleton_.initializers, out);
    } else if (child == Message::kTensor) {
      return ScanTensor(end, std::pair(node_, attribute_), skeleton_.attributes, out);
    }
    return Scan(child, end, out);
  }

  // A tensor that stands twice in its parent is merged by protobuf, so the payload of the first
  // stays until the second has one.
  template <typename Key>
  absl::Status ScanTensor(int64_t end, const Key& key, absl::flat_hash_map<Key, Payload>& payloads,
                          std::string& out) {
    const auto earlier = payloads.find(key);
    payload_ = earlier == payloads.end() ? std::nullopt : std::optional(earlier->second);
    DNND_RETURN_IF_ERROR(Scan(Message::kTensor, end, out));
    if (payload_.has_value()) {
      payloads.insert_or_assign(key, *payload_);
    } else {
      payloads.erase(key);
    }
    return absl::OkStatus();
  }

  WireReader reader_;
  ModelSkeleton skeleton_;
  std::optional<Payload> payload_;  // of the tensor being scanned
  int node_ = -1;
  int attribute_ = -1;
  int initializer_ = -1;
};

}  // namespace

absl::StatusOr<ModelSkeleton> ScanModel(const ByteSource& source) { return Scanner(source).Run(); }

}  // namespace dnnd::engine
