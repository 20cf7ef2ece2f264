#ifndef DNND_CLIENT_API_ELEMENTS_H_
#define DNND_CLIENT_API_ELEMENTS_H_

#include <cstdint>
#include <string>

#include "dnnd/v1/common.pb.h"

// Single elements of tensors, as doubles. Pure functions.
namespace dnnd::client {

// Appends `value`, little-endian, in a numeric type: rounded towards zero for integers and 16-bit
// floats. REQUIRES: ElementBytes(type) > 0, and `value` is within the type's range.
void AppendElement(double value, dnnd::v1::DataType type, std::string& contents);

// Element `index` of a tensor of a numeric type. REQUIRES: the element lies within `contents`.
double ElementAt(const dnnd::v1::Tensor& tensor, int64_t index);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_ELEMENTS_H_
