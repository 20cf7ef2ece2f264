// The life of a version of a model.
#ifndef DNND_SERVER_REPOSITORY_MODEL_STATE_H_
#define DNND_SERVER_REPOSITORY_MODEL_STATE_H_

#include "absl/strings/string_view.h"

namespace dnnd::server {

enum class ModelState {
  kLoading,      // being read, planned and warmed; nothing serves it yet
  kReady,        // warm: a request that names it is served
  kUnloading,    // finds no new requests; those that hold it finish
  kUnavailable,  // not in memory; the reason says why
};

constexpr absl::string_view ModelStateName(ModelState state) {
  switch (state) {
    case ModelState::kLoading:
      return "LOADING";
    case ModelState::kReady:
      return "READY";
    case ModelState::kUnloading:
      return "UNLOADING";
    case ModelState::kUnavailable:
      return "UNAVAILABLE";
  }
  return "";
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_MODEL_STATE_H_
