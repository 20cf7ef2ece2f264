// What a model's signature says of pictures: pure functions.
#ifndef DNND_SERVER_REPOSITORY_PICTURE_SIGNATURE_H_
#define DNND_SERVER_REPOSITORY_PICTURE_SIGNATURE_H_

#include <cstdint>
#include <optional>

#include "dnnd/v1/config.pb.h"
#include "engine/exec/signature.h"

namespace dnnd::server {

// The model's input of a picture.
struct PictureInput {
  v1::Preprocess::TensorLayout layout = v1::Preprocess::NCHW;
  int64_t channels = 0;
  int64_t height = -1;  // < 0: open
  int64_t width = -1;
};

// The only input, where a picture fits into it: [N, C, H, W] or [N, H, W, C] with 1 or 3 channels.
// `wanted` is the configured layout, or unspecified.
std::optional<PictureInput> FindPictureInput(const engine::Signature& signature,
                                             v1::Preprocess::TensorLayout wanted);

// Whether a row of the only output is a list of scores, of however many classes.
bool GivesScores(const engine::Signature& signature);

// The number of classes when the model gives one score a class for each row: [N, C], [N, C, 1, 1].
std::optional<int64_t> CountClasses(const engine::Signature& signature);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_PICTURE_SIGNATURE_H_
