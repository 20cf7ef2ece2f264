#include "engine/exec/plan.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/exec/plan_builder.h"

namespace dnnd::engine {
namespace {

void AppendBuffer(std::string* out, const BufferRef& ref) {
  switch (ref.kind) {
    case BufferRef::Kind::kNone:
      absl::StrAppend(out, "-");
      return;
    case BufferRef::Kind::kArena:
      absl::StrAppend(out, "@", ref.offset);
      return;
    case BufferRef::Kind::kWeight:
      absl::StrAppend(out, "w", ref.offset);
      return;
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Plan>> CompilePlan(Graph graph, int threads) {
  return PlanBuilder(std::move(graph), threads).Build();
}

std::string Dump(const Plan& plan) {
  std::string text = absl::StrCat("arena ", plan.arena_bytes, " bytes, scratchpad ",
                                  plan.scratchpad_bytes, " bytes, threads ", plan.threads, "\n");
  const auto layout = [](std::string* out, Layout value) {
    absl::StrAppend(out, LayoutName(value));
  };
  for (const PlanStep& step : plan.steps) {
    absl::StrAppend(&text, absl::StrJoin(step.outputs, " ", AppendBuffer), " = ", step.op, "(",
                    absl::StrJoin(step.inputs, " ", AppendBuffer), ") ",
                    step.kernel->implementation(), " ",
                    absl::StrJoin(step.input_layouts, ",", layout), " -> ",
                    absl::StrJoin(step.output_layouts, ",", layout), " \"", step.name, "\"\n");
  }
  return text;
}

}  // namespace dnnd::engine
