#include "server/handlers/image_batch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

ImageBatch::ImageBatch(std::vector<ImageInput> images, Preprocessor preprocessor, Options options)
    : images_(std::move(images)),
      preprocessor_(std::move(preprocessor)),
      options_(std::move(options)),
      geometries_(images_.size()),
      left_(images_.size()),
      failed_index_(images_.size()) {}

engine::TensorType ImageBatch::type() const {
  const PreprocessOptions& options = preprocessor_.options();
  const int64_t channels = preprocessor_.channels();
  std::vector<int64_t> extents;
  if (options_.has_batch_axis) {
    extents.push_back(static_cast<int64_t>(images_.size()));
  }
  if (options.layout == TensorLayout::kNhwc) {
    extents.insert(extents.end(), {options.height, options.width, channels});
  } else {
    extents.insert(extents.end(), {channels, options.height, options.width});
  }
  return {options.type, engine::Shape(extents)};
}

void ImageBatch::Start(WorkerPool& workers,
                       std::function<void(absl::StatusOr<engine::TensorView>)> ready) {
  ready_ = std::move(ready);
  absl::StatusOr<engine::AlignedBuffer> rows = engine::AlignedBuffer::Create(type().num_bytes());
  if (!rows.ok()) {
    workers.End(
        [ready = std::exchange(ready_, nullptr), status = rows.status()] { ready(status); });
    return;
  }
  rows_ = *std::move(rows);
  for (size_t i = 0; i < images_.size(); ++i) {
    // What has been decoded holds its memory, and does not wait behind others that are yet to be.
    const bool decoded = std::holds_alternative<SharedInput>(images_[i]);
    const auto prepare = [self = shared_from_this(), i] { self->Prepare(i); };
    decoded ? workers.End(prepare) : workers.Begin(prepare);
  }
}

ImageBatch::Times ImageBatch::times() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return times_;
}

absl::Status ImageBatch::PrepareRow(size_t index, Times* times) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failed_index_ < index) {
      return absl::OkStatus();  // an earlier picture's error is the answer whatever this one is
    }
  }
  DNND_RETURN_IF_ERROR(options_.call.StillWanted());
  const absl::Time start = absl::Now();
  const auto image = DecodeInput(images_[index], options_.max_pixels);
  if (!image.ok()) {
    const size_t position = options_.positions.empty() ? index : options_.positions[index];
    return WithField(image.status(), absl::StrCat("images[", position, "]"));
  }
  const absl::Time decoded = absl::Now();
  DNND_ASSIGN_OR_RETURN(
      geometries_[index],
      preprocessor_.Run(**image, rows_.data() + index * preprocessor_.row_bytes()));
  if (!std::holds_alternative<SharedInput>(images_[index])) {
    times->decode = decoded - start;
  }
  times->preprocess = absl::Now() - decoded;
  return absl::OkStatus();
}

void ImageBatch::Prepare(size_t index) {
  Times times;
  const absl::Status status = PrepareRow(index, &times);
  absl::Status failed;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!status.ok() && index < failed_index_) {
      failed_index_ = index;
      failed_ = status;
    }
    times_.decode = std::max(times_.decode, times.decode);
    times_.preprocess = std::max(times_.preprocess, times.preprocess);
    if (--left_ > 0) {
      return;
    }
    failed = failed_;
  }
  // Let go of before it is called: who is called holds this batch, and would hold itself through
  // it.
  const auto ready = std::exchange(ready_, nullptr);
  if (failed.ok()) {
    ready(engine::TensorView(type(), rows_.data()));
  } else {
    ready(failed);
  }
}

}  // namespace dnnd::server
