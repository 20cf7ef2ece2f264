// oneDNN's own cache of primitives, which the whole process shares.
#ifndef DNND_ENGINE_ONEDNN_CACHE_H_
#define DNND_ENGINE_ONEDNN_CACHE_H_

namespace dnnd::engine::onednn {

// Plans hold their primitives themselves; the cache only saves compiling the same problem twice
// (another batch size shares none, a second lane or model may). Called whenever a model is loaded.
void SizePrimitiveCache();

// Lets every primitive go that no plan holds. Called when a model goes, so that its memory does.
void FlushPrimitiveCache();

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_CACHE_H_
