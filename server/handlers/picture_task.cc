#include "server/handlers/picture_task.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"
#include "server/handlers/preprocess_config.h"
#include "server/repository/picture_signature.h"
#include "server/vision/run_size.h"

namespace dnnd::server {

namespace {

using engine::TensorView;

// Which pictures run together, and at which size.
using Groups = std::vector<std::pair<PictureSize, std::vector<size_t>>>;

Groups GroupPictures(const v1::Preprocess& config, bool batchable,
                     const std::vector<PictureSize>& sizes) {
  const bool open = config.width() == 0;
  std::map<PictureSize, std::vector<size_t>> by_size;
  Groups groups;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const PictureSize size = open ? RunSize(sizes[i], {config.max_side(), config.size_multiple()})
                                  : PictureSize{config.width(), config.height()};
    if (batchable) {
      by_size[size].push_back(i);
    } else {
      groups.push_back({size, {i}});
    }
  }
  groups.insert(groups.end(), by_size.begin(), by_size.end());
  return groups;
}

absl::StatusOr<Preprocessor> MakePreprocessor(const ServedModel& model, PictureSize size) {
  const v1::Preprocess& config = model.config.preprocess();
  PreprocessOptions options = ToOptions(config, model.model->signature().inputs[0].type);
  options.enlarges = config.width() != 0;
  options.width = size.width;
  options.height = size.height;
  return Preprocessor::Create(std::move(options));
}

// What the model is told of each picture: that it has the size of the input and was not resized.
// Boxes are then in pixels of the input, as those of all models.
absl::StatusOr<std::optional<engine::Tensor>> MakeSizes(const engine::Signature& signature,
                                                        size_t pictures, PictureSize size) {
  const std::optional<SizeInput> kind = FindSizeInput(signature);
  if (!kind.has_value()) {
    return std::nullopt;
  }
  DNND_ASSIGN_OR_RETURN(engine::Tensor sizes,
                        engine::Tensor::Create(engine::DataType::kFloat32,
                                               engine::Shape({static_cast<int64_t>(pictures), 2})));
  const bool factor = *kind == SizeInput::kScaleFactor;
  for (size_t i = 0; i < pictures; ++i) {
    float* row = sizes.mutable_data<float>() + 2 * i;
    row[0] = factor ? 1.0f : static_cast<float>(size.height);
    row[1] = factor ? 1.0f : static_cast<float>(size.width);
  }
  return sizes;
}

std::vector<TensorView> WithSizes(const TensorView& pictures,
                                  const std::optional<engine::Tensor>& sizes) {
  std::vector<TensorView> inputs = {pictures};
  if (sizes.has_value()) {
    inputs.push_back(sizes->view());
  }
  return inputs;
}

}  // namespace

absl::Status CheckTask(const ServedModel& model, v1::ModelConfig::Task task) {
  if (model.config.task() == task) {
    return absl::OkStatus();
  }
  const std::string got = v1::ModelConfig::Task_Name(model.config.task());
  const std::string want = v1::ModelConfig::Task_Name(task);
  return WithReason(absl::FailedPreconditionError(absl::StrCat("model ", model.name, " is for ",
                                                               got, ", want one for ", want)),
                    kReasonTaskMismatch,
                    {{"model", model.name},
                     {"got", got},
                     {"want", want},
                     {"hint", "call the method of its task, or PredictService.Predict"}});
}

void PictureTask::Start() {
  const absl::Status admitted = Admit();
  if (!admitted.ok()) {
    return End(admitted);
  }
  Begin();
}

absl::Status PictureTask::Admit() {
  DNND_RETURN_IF_ERROR(Prepare());
  DNND_RETURN_IF_ERROR(run_.Enter(bytes_));
  return Reserve();
}

absl::Status PictureTask::Reserve() { return run_.Reserve(Shapes()); }

void PictureTask::Begin() {
  // Parts may end, and with them this, before all are started.
  const std::shared_ptr<PictureTask> self = shared_from_this();
  for (size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].images->Start(
        services_.workers,
        [self, i](const absl::StatusOr<TensorView>& pictures) { self->Compute(i, pictures); });
  }
}

absl::Status PictureTask::PrepareFor(const ModelReference& model, std::vector<ImageInput> images) {
  DNND_RETURN_IF_ERROR(run_.Find(model));
  DNND_RETURN_IF_ERROR(Check(*run_.model(), images.size()));
  const LimitOptions& limits = services_.limits;
  DNND_ASSIGN_OR_RETURN(const ImageFacts facts, CheckImages(images, limits.max_image_pixels,
                                                            limits.max_images_per_request));
  for (const PictureSize& size : facts.sizes) {
    pixels_ += size.pixels();
  }
  DNND_RETURN_IF_ERROR(MakeParts(facts, images));
  bytes_ = BytesOf(facts);
  return absl::OkStatus();
}

absl::Status PictureTask::MakeParts(const ImageFacts& facts,
                                    const std::vector<ImageInput>& images) {
  const ServedModel& served = *run_.model();
  const engine::Model& model = *served.model;
  for (auto& [size, positions] :
       GroupPictures(served.config.preprocess(), model.signature().batchable, facts.sizes)) {
    Part part;
    DNND_ASSIGN_OR_RETURN(Preprocessor preprocessor, MakePreprocessor(served, size));
    std::vector<ImageInput> chosen;
    for (const size_t position : positions) {
      chosen.push_back(images[position]);
    }
    part.images = std::make_shared<ImageBatch>(
        std::move(chosen), std::move(preprocessor),
        ImageBatch::Options{services_.limits.max_image_pixels, run_.call(), positions,
                            model.signature().inputs[0].shape.size() == 4});
    DNND_ASSIGN_OR_RETURN(part.sizes, MakeSizes(model.signature(), positions.size(), size));
    absl::StatusOr<RunShape> shape =
        BindInputs(model, WithSizes(TensorView(part.images->type(), nullptr), part.sizes));
    if (!shape.ok()) {
      return WithReason(shape.status(), kReasonTensorShapeMismatch);
    }
    part.shape = *std::move(shape);
    part.positions = std::move(positions);
    parts_.push_back(std::move(part));
  }
  left_ = parts_.size();
  return absl::OkStatus();
}

std::vector<RunShape> PictureTask::Shapes() const {
  std::vector<RunShape> shapes;
  for (const Part& part : parts_) {
    shapes.push_back(part.shape);
  }
  return shapes;
}

int64_t PictureTask::BytesOf(const ImageFacts& facts) const {
  int64_t bytes = facts.received + run_.OutputBytes(Shapes());
  for (const Part& part : parts_) {
    bytes += part.images->type().num_bytes();
  }
  for (const PictureSize& size : facts.sizes) {
    bytes += 2 * ResultBytes(size);  // and the reply that is made of it
  }
  // No more pictures are decoded at once than there are workers.
  return bytes +
         facts.largest_decoded * std::min<int64_t>(facts.sizes.size(), services_.workers.threads());
}

void PictureTask::Compute(size_t part, const absl::StatusOr<TensorView>& pictures) {
  if (!pictures.ok()) {
    return EndPart(part, pictures.status());
  }
  run_.Submit(part, parts_[part].shape, WithSizes(*pictures, parts_[part].sizes),
              [self = shared_from_this(), part](const absl::StatusOr<BatchResult>& result) {
                self->EndPart(part, self->Answer(self->parts_[part], result));
              });
}

absl::Status PictureTask::Answer(const Part& part, const absl::StatusOr<BatchResult>& result) {
  DNND_RETURN_IF_ERROR(result.status());
  const absl::Time start = absl::Now();
  Computed computed;
  computed.positions = part.positions;
  computed.geometries = part.images->geometries();
  computed.width = part.images->options().width;
  computed.height = part.images->options().height;
  computed.outputs = result->outputs;
  DNND_RETURN_IF_ERROR(Interpret(computed));
  const std::lock_guard<std::mutex> lock(mutex_);
  postprocess_ = std::max(postprocess_, absl::Now() - start);
  return absl::OkStatus();
}

void PictureTask::EndPart(size_t part, const absl::Status& status) {
  const ImageBatch::Times times = parts_[part].images->times();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    parts_[part].status = status;
    decode_ = std::max(decode_, times.decode);
    preprocess_ = std::max(preprocess_, times.preprocess);
    if (--left_ > 0) {
      return;
    }
  }
  run_.timings.decode = decode_;
  run_.timings.preprocess = preprocess_;
  run_.timings.postprocess = postprocess_;
  const auto failed = std::find_if(parts_.begin(), parts_.end(),
                                   [](const Part& ended) { return !ended.status.ok(); });
  End(failed == parts_.end() ? absl::OkStatus() : failed->status);
}

void PictureTask::End(const absl::Status& status) {
  if (status.ok()) {
    ModelMetrics& metrics = *run_.model()->metrics;
    if (run_.timings.decode > absl::ZeroDuration()) {  // else who shared the picture tells
      metrics.ObserveStage(Stage::kDecode, run_.timings.decode);
    }
    metrics.ObserveStage(Stage::kPreprocess, run_.timings.preprocess);
    metrics.ObserveStage(Stage::kPostprocess, run_.timings.postprocess);
  }
  run_.End(status);
  Finish(status);
}

}  // namespace dnnd::server
