#include "server/grpc/unary_call.h"

#include <grpcpp/server_context.h>

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "server/grpc/status.h"

namespace dnnd::server {

namespace {

constexpr char kRequestIdKey[] = "x-request-id";
constexpr size_t kMaxRequestIdLength = 128;

bool IsRequestId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxRequestIdLength &&
         std::all_of(id.begin(), id.end(), absl::ascii_isgraph);
}

std::string MakeRequestId() {
  thread_local absl::BitGen generator;
  return absl::StrFormat("%016x", absl::Uniform<uint64_t>(generator));
}

}  // namespace

std::string RequestIdOf(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  if (const auto found = metadata.find(kRequestIdKey); found != metadata.end()) {
    const absl::string_view id(found->second.data(), found->second.size());
    if (IsRequestId(id)) {
      return std::string(id);
    }
  }
  return MakeRequestId();
}

Call MakeCall(grpc::CallbackServerContext* context) {
  Call call;
  call.request_id = RequestIdOf(*context);
  call.deadline = absl::FromChrono(context->deadline());
  call.cancellation = std::make_shared<Cancellation>();
  context->AddInitialMetadata(kRequestIdKey, call.request_id);
  return call;
}

void UnaryCall::Answer(const absl::Status& status) {
  Finish(ToGrpcStatus(status, call_.request_id));
}

}  // namespace dnnd::server
