// Which colour an overlay gives to a class.
#ifndef DNND_CLIENT_COMMANDS_CLASS_COLOR_H_
#define DNND_CLIENT_COMMANDS_CLASS_COLOR_H_

#include <dnnd/v1/common.pb.h>

#include "absl/functional/function_ref.h"
#include "client/draw/palette.h"

namespace dnnd::client {

using ColorOf = absl::FunctionRef<Rgb(const dnnd::v1::Category&)>;

// The same for every picture of a model.
inline Rgb ColorOfIndex(const dnnd::v1::Category& category) { return ClassColor(category.index()); }

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_CLASS_COLOR_H_
