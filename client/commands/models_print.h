#ifndef DNND_CLIENT_COMMANDS_MODELS_PRINT_H_
#define DNND_CLIENT_COMMANDS_MODELS_PRINT_H_

#include <string>

#include "client/output/console.h"
#include "dnnd/v1/models.pb.h"

// Models as people read them, on standard output.
namespace dnnd::client {

void PrintModelNames(Console& console, const dnnd::v1::ListModelsResponse& reply);
void PrintModelList(Console& console, const dnnd::v1::ListModelsResponse& reply);
void PrintModel(Console& console, const dnnd::v1::Model& model);
// One line for each label; nothing for a model without.
void PrintLabels(Console& console, const dnnd::v1::Model& model);

// "[N, 3, 224, 224]".
std::string ShapeText(const dnnd::v1::TensorSpec& spec);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_MODELS_PRINT_H_
