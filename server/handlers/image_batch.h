// The pictures of one request on their way into a model's input.
#ifndef DNND_SERVER_HANDLERS_IMAGE_BATCH_H_
#define DNND_SERVER_HANDLERS_IMAGE_BATCH_H_

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/aligned_buffer.h"
#include "engine/tensor/tensor_view.h"
#include "server/handlers/call.h"
#include "server/handlers/image_input.h"
#include "server/handlers/worker_pool.h"
#include "server/vision/preprocess.h"

namespace dnnd::server {

// Decodes and preprocesses every picture on a worker of its own, each into its row of one tensor.
// Held by a shared pointer.
class ImageBatch : public std::enable_shared_from_this<ImageBatch> {
 public:
  struct Options {
    int64_t max_pixels = 0;
    Call call;  // pictures that nobody waits for any more are not decoded
    // The place in the request of each picture, for errors. Empty: their own order.
    std::vector<size_t> positions;
    bool has_batch_axis = true;  // false: the tensor is the one picture itself
  };
  // Of the slowest picture; a shared one is decoded by who shares it.
  struct Times {
    absl::Duration decode;
    absl::Duration preprocess;
  };

  ImageBatch(std::vector<ImageInput> images, Preprocessor preprocessor, Options options);

  // The type and shape of the tensor: one row for each picture, or the row of the only one.
  engine::TensorType type() const;

  // Starts all of it. `ready` is called once, on a worker, with the tensor, which lives as long as
  // this; or with the error of the first picture that has one.
  void Start(WorkerPool& workers, std::function<void(absl::StatusOr<engine::TensorView>)> ready);

  const PreprocessOptions& options() const { return preprocessor_.options(); }

  // Valid in and after `ready`.
  const std::vector<Geometry>& geometries() const { return geometries_; }
  Times times() const;

 private:
  void Prepare(size_t index);
  absl::Status PrepareRow(size_t index, Times* times);

  const std::vector<ImageInput> images_;
  const Preprocessor preprocessor_;
  const Options options_;
  engine::AlignedBuffer rows_;  // each written by one worker
  std::vector<Geometry> geometries_;
  std::function<void(absl::StatusOr<engine::TensorView>)> ready_;

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  size_t left_;
  size_t failed_index_;
  absl::Status failed_;
  Times times_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_IMAGE_BATCH_H_
