// DepthToSpace and SpaceToDepth: channels become blocks of pixels, and back.
#include "absl/strings/str_cat.h"
#include "engine/base/checked.h"
#include "engine/base/status.h"
#include "engine/ops/mover.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// The square of this many pixels is still a number of bytes.
constexpr int64_t kMaxBlock = int64_t{1} << 19;
static_assert(kMaxBlock * kMaxBlock <= kMaxTensorBytes);

// The edge of a block of pixels. INVALID_ARGUMENT unless it is 1 to kMaxBlock.
absl::StatusOr<int64_t> BlockSize(const OpArguments& arguments) {
  const int64_t block = arguments.attributes().Int("blocksize", 0);
  if (block < 1 || block > kMaxBlock) {
    return absl::InvalidArgumentError(
        absl::StrCat("blocksize is ", block, ", want 1 to ", kMaxBlock));
  }
  if (arguments.input_shape(0).rank() != 4) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", arguments.input(0).ToString(), ", wanted rank 4"));
  }
  return block;
}

absl::Status InferDepthToSpace(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const int64_t block, BlockSize(OpArguments(context)));
  const Shape& input = context.input_shape(0);
  const std::string mode = context.attributes().String("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") {
    return absl::InvalidArgumentError(absl::StrCat("mode is \"", mode, "\", wanted DCR or CRD"));
  }
  if (input[1] % (block * block) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("channels of ", input.ToString(), " are no multiple of ", block, "²"));
  }
  const Dims dims = {input[0], input[1] / (block * block), input[2] * block, input[3] * block};
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

// Six axes: n, c, h, row of the block, w, column of the block. `deep` are the strides of the tensor
// with the many channels, `wide` of the other; `by_row` is the distance in channels between two
// rows of a block, and so on.
struct BlockStrides {
  Dims deep;
  Dims wide;
};

BlockStrides StridesByBlock(const Dims& deep, const Dims& wide, int64_t block, int64_t channels,
                            bool channel_first) {
  const int64_t by_channel = channel_first ? block * block : 1;
  const int64_t by_column = channel_first ? 1 : channels;
  const int64_t by_row = by_column * block;
  return {{deep[0], by_channel * deep[1], deep[2], by_row * deep[1], deep[3], by_column * deep[1]},
          {wide[0], wide[1], block * wide[2], wide[2], block * wide[3], wide[3]}};
}

absl::StatusOr<std::vector<Move>> PlanDepthToSpace(const OpArguments& arguments,
                                                   const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const int64_t block, BlockSize(arguments));
  const Shape& input = arguments.input_shape(0);
  const int64_t channels = input[1] / (block * block);
  BlockStrides strides = StridesByBlock(placement.inputs[0], placement.outputs[0], block, channels,
                                        arguments.attributes().String("mode", "DCR") == "CRD");
  Move move;
  move.extents = {input[0], channels, input[2], block, input[3], block};
  move.source_strides = std::move(strides.deep);
  move.target_strides = std::move(strides.wide);
  return std::vector<Move>{std::move(move)};
}

absl::Status RunDepthToSpace(const ReferenceContext& context) {
  return ReferenceMoves(context, PlanDepthToSpace);
}

std::vector<Candidate> BlockCandidates(const CompileContext& context) {
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileDepthToSpace(const CompileContext& context,
                                                            const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanDepthToSpace);
}

absl::Status InferSpaceToDepth(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const int64_t block, BlockSize(OpArguments(context)));
  const Shape& input = context.input_shape(0);
  const std::optional<int64_t> channels = CheckedMul(input[1], block * block);
  if (!channels.has_value() || input[2] % block != 0 || input[3] % block != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("height and width of ", input.ToString(), " are no multiples of ", block));
  }
  const Dims dims = {input[0], *channels, input[2] / block, input[3] / block};
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Move>> PlanSpaceToDepth(const OpArguments& arguments,
                                                   const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const int64_t block, BlockSize(arguments));
  const Shape& input = arguments.input_shape(0);
  BlockStrides strides = StridesByBlock(placement.outputs[0], placement.inputs[0], block, input[1],
                                        /*channel_first=*/false);
  Move move;
  move.extents = {input[0], input[1], input[2] / block, block, input[3] / block, block};
  move.source_strides = std::move(strides.wide);
  move.target_strides = std::move(strides.deep);
  return std::vector<Move>{std::move(move)};
}

absl::Status RunSpaceToDepth(const ReferenceContext& context) {
  return ReferenceMoves(context, PlanSpaceToDepth);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileSpaceToDepth(const CompileContext& context,
                                                            const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanSpaceToDepth);
}

}  // namespace

extern const OpDef kDepthToSpace = {.type = "DepthToSpace",
                                    .min_inputs = 1,
                                    .max_inputs = 1,
                                    .infer = InferDepthToSpace,
                                    .reference = RunDepthToSpace,
                                    .candidates = BlockCandidates,
                                    .compile = CompileDepthToSpace,
                                    .rows = RowsOfPictures};

extern const OpDef kSpaceToDepth = {.type = "SpaceToDepth",
                                    .min_inputs = 1,
                                    .max_inputs = 1,
                                    .infer = InferSpaceToDepth,
                                    .reference = RunSpaceToDepth,
                                    .candidates = BlockCandidates,
                                    .compile = CompileSpaceToDepth,
                                    .rows = RowsOfPictures};

}  // namespace dnnd::engine
