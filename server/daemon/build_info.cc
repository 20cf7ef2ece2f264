#include "server/daemon/build_info.h"

#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/engine.h"

namespace dnnd::server {

v1::BuildInfo BuildInformation() {
  v1::BuildInfo build;
  build.set_onednn_version(engine::OneDnnVersion());
  build.set_isa(engine::InstructionSet());
  build.set_grpc_version(grpc::Version());
#ifdef __clang__
  build.set_compiler("clang " __clang_version__);
#else
  build.set_compiler("gcc " __VERSION__);
#endif
  const absl::string_view sanitizers = DNND_SANITIZERS;
  build.set_build_type(sanitizers.empty() ? DNND_BUILD_TYPE
                                          : absl::StrCat(DNND_BUILD_TYPE, " ", sanitizers));
  return build;
}

}  // namespace dnnd::server
