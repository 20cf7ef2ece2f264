// How protobuf writes numbers.
#ifndef DNND_ENGINE_ONNX_WIRE_FORMAT_H_
#define DNND_ENGINE_ONNX_WIRE_FORMAT_H_

#include <cstdint>
#include <string>

namespace dnnd::engine {

// Seven bits a byte, the lowest first, the top bit set on all but the last.
inline std::string EncodeVarint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>(value | 0x80));
  }
  out.push_back(static_cast<char>(value));
  return out;
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_WIRE_FORMAT_H_
