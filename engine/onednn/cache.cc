#include "engine/onednn/cache.h"

#include "engine/onednn/internal.h"

namespace dnnd::engine::onednn {
namespace {

// A plan of ResNet-50 has some 60 distinct problems; several models with some ten batch sizes each
// at two widths. oneDNN's default of 1024 is soon full.
constexpr int kCapacity = 8192;

}  // namespace

void SizePrimitiveCache() { dnnl::set_primitive_cache_capacity(kCapacity); }

void FlushPrimitiveCache() {
  dnnl::set_primitive_cache_capacity(0);
  dnnl::set_primitive_cache_capacity(kCapacity);
}

}  // namespace dnnd::engine::onednn
