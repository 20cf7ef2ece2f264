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

// What a second input says of the picture, for models that would map their boxes back themselves:
// [N, 2] of floats, known by its name.
enum class SizeInput {
  kHeightAndWidth,  // image_shape: of the picture (keras-yolo3, the ONNX model zoo)
  kScaleFactor,     // scale_factor: by how much it was resized, down and across (PaddleDetection)
};

// What the second of two inputs says; nothing where there is none, or it is something else.
std::optional<SizeInput> FindSizeInput(const engine::Signature& signature);

// The first input, where a picture fits into it: [N, C, H, W] or [N, H, W, C] with 1 or 3 channels,
// or without N and with 3 channels, as torchvision exports its detectors. It is the only one, or a
// SizeInput is the second. `wanted` is the configured layout, or unspecified.
std::optional<PictureInput> FindPictureInput(const engine::Signature& signature,
                                             v1::Preprocess::TensorLayout wanted);

// Whether a row of the only output is a list of scores, of however many classes.
bool GivesScores(const engine::Signature& signature);

// The number of classes when the model gives one score a class for each row: [N, C], [N, C, 1, 1].
std::optional<int64_t> CountClasses(const engine::Signature& signature);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_PICTURE_SIGNATURE_H_
