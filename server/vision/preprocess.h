// From a picture to one row of a model's input tensor.
#ifndef DNND_SERVER_VISION_PREPROCESS_H_
#define DNND_SERVER_VISION_PREPROCESS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/tensor/data_type.h"
#include "server/vision/image.h"
#include "server/vision/resample.h"

namespace dnnd::server {

enum class ResizeMode {
  kShorterSideCrop,  // shorter side to shorter_side (torchvision's rule), then the middle is cut
                     // out
  kStretch,          // straight to width x height
  kLetterbox,        // fits inside width x height, the rest is pad_value
};
enum class ColorOrder { kRgb, kBgr, kGray };
enum class TensorLayout { kNchw, kNhwc };
enum class LetterboxAnchor { kCenter, kTopLeft };

// value = (pixel * scale - mean) / std, pixel in 0 to 255, mean and std in the model's channel
// order.
struct PreprocessOptions {
  int width = 0;
  int height = 0;
  ResizeMode resize = ResizeMode::kShorterSideCrop;
  int shorter_side = 0;  // for kShorterSideCrop: at least the larger of width and height
  ColorOrder color = ColorOrder::kRgb;
  TensorLayout layout = TensorLayout::kNchw;
  double scale = 1.0;
  std::vector<float> mean;  // one for each channel, one for all, or none: 0
  std::vector<float> std;   // one for each channel, one for all, or none: 1
  double pad_value = 0.0;   // for kLetterbox
  LetterboxAnchor anchor = LetterboxAnchor::kCenter;
  bool enlarges = true;  // for kLetterbox: whether smaller pictures are scaled up
  engine::DataType type = engine::DataType::kFloat32;
};

// How the model's input lies in the upright picture: source = (input - offset) / scale, for each
// axis, in pixels. What a model says of its input maps back to the picture by it.
struct Geometry {
  int source_width = 0;
  int source_height = 0;
  double scale_x = 1.0;
  double scale_y = 1.0;
  double offset_x = 0.0;
  double offset_y = 0.0;

  double ToSourceX(double x) const { return (x - offset_x) / scale_x; }
  double ToSourceY(double y) const { return (y - offset_y) / scale_y; }
  double ToInputX(double x) const { return x * scale_x + offset_x; }
  double ToInputY(double y) const { return y * scale_y + offset_y; }
};

// Immutable and thread-safe; one for each model version.
class Preprocessor {
 public:
  // INVALID_ARGUMENT naming the option that cannot be; UNIMPLEMENTED for an element type other than
  // float32, float16, bfloat16, uint8 and int8.
  static absl::StatusOr<Preprocessor> Create(PreprocessOptions options);

  int channels() const { return options_.color == ColorOrder::kGray ? 1 : 3; }
  int64_t row_bytes() const {
    return int64_t{options_.width} * options_.height * channels() *
           engine::ElementSize(options_.type);
  }
  const PreprocessOptions& options() const { return options_; }

  // Writes all row_bytes() of `row`. Runs on the calling thread. RESOURCE_EXHAUSTED without memory.
  absl::StatusOr<Geometry> Run(const Image& image, void* row) const;

 private:
  // Where the resized picture goes.
  struct Placement {
    AxisResize x;
    AxisResize y;
    int left = 0;  // of the wanted part in the model's input
    int top = 0;
  };

  explicit Preprocessor(PreprocessOptions options);

  absl::Status BuildTables();
  Placement Place(const Image& image) const;
  template <typename T>
  void Pad(T* row) const;
  template <typename T>
  void WriteRow(const uint8_t* pixels, int y, const Placement& placement, T* row) const;
  template <typename T>
  absl::Status Fill(const Image& image, const Placement& placement, T* row) const;

  PreprocessOptions options_;
  // For each of the model's channels the bits of the value of each byte, and of the padding behind
  // them.
  std::vector<uint32_t> table_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_PREPROCESS_H_
