#ifndef DNND_CLIENT_COMMANDS_COMMANDS_H_
#define DNND_CLIENT_COMMANDS_COMMANDS_H_

#include "client/commands/session.h"

namespace CLI {
class App;
}  // namespace CLI

// Each adds one command to the command line, in its own file. The session must outlive the app.
namespace dnnd::client {

void AddHealthCommand(CLI::App& app, Session& session);
void AddStatusCommand(CLI::App& app, Session& session);
void AddConfigCommand(CLI::App& app, Session& session);
void AddModelsCommand(CLI::App& app, Session& session);
void AddClassifyCommand(CLI::App& app, Session& session);
void AddDetectCommand(CLI::App& app, Session& session);
void AddSegmentCommand(CLI::App& app, Session& session);
void AddPerceiveCommand(CLI::App& app, Session& session);
void AddPredictCommand(CLI::App& app, Session& session);
void AddBenchCommand(CLI::App& app, Session& session);
void AddVersionCommand(CLI::App& app, Session& session);
void AddCompletionCommand(CLI::App& app, Session& session);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_COMMANDS_H_
