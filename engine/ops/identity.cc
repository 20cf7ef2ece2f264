// Identity, and Dropout as inference has it: the importer has seen to it that nothing is dropped,
// and made its mask a constant.
#include "engine/ops/op_def.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"
#include "engine/ops/view.h"

namespace dnnd::engine {

extern const OpDef kIdentity = {.type = "Identity",
                                .min_inputs = 1,
                                .max_inputs = 1,
                                .view = true,
                                .infer = InferSameAsInput,
                                .reference = CopyInput,
                                .rows = RowsOfView};

extern const OpDef kDropout = {.type = "Dropout",
                               .min_inputs = 1,
                               .max_inputs = 1,
                               .view = true,
                               .infer = InferSameAsInput,
                               .reference = CopyInput,
                               .rows = RowsOfView};

}  // namespace dnnd::engine
