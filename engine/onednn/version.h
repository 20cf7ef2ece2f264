// Which oneDNN runs, and on what.
#ifndef DNND_ENGINE_ONEDNN_VERSION_H_
#define DNND_ENGINE_ONEDNN_VERSION_H_

#include <string>

namespace dnnd::engine::onednn {

std::string Version();         // "2.6.3"
std::string InstructionSet();  // "avx512_core_bf16"

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_VERSION_H_
