// Pictures that a command draws: into files, and into the terminal.
#ifndef DNND_CLIENT_COMMANDS_PICTURE_OUTPUT_H_
#define DNND_CLIENT_COMMANDS_PICTURE_OUTPUT_H_

#include <dnnd/v1/common.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/commands/session.h"
#include "client/draw/picture.h"

namespace CLI {
class App;
}  // namespace CLI

namespace dnnd::client {

struct PictureOutputFlags {
  std::string save;          // empty: into no file
  std::optional<bool> show;  // unset: where the terminal can
};

// --save, --show and --no-show. The flags must outlive the app.
void AddPictureOutputFlags(CLI::App& command, PictureOutputFlags& flags);

// Where the overlays of one run go. Not thread-safe.
class PictureOutput {
 public:
  // Plans the files of `pictures`. INVALID_ARGUMENT for --show with --output json, else as
  // PlanFiles. The console must outlive it.
  static absl::StatusOr<PictureOutput> Create(Session& session, const PictureOutputFlags& flags,
                                              const std::vector<std::string>& pictures);

  // Whether anybody wants to see overlays.
  bool wanted() const { return show_ || !files_.empty(); }

  // Writes and shows the overlay of the picture at `index` among all; each line in the terminal
  // begins with `indent`. FAILED_PRECONDITION when it cannot be written.
  absl::Status Put(size_t index, const Picture& overlay, const std::string& indent);

 private:
  explicit PictureOutput(Console& console) : console_(&console) {}

  Console* console_;
  bool show_ = false;
  std::vector<std::string> files_;
};

// The upright picture that the daemon answered about. FAILED_PRECONDITION when it is of another
// size than `width` x `height`, which the daemon saw; else as DecodePicture.
absl::StatusOr<Picture> DecodeAnswered(const dnnd::v1::Image& image, int width, int height);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_PICTURE_OUTPUT_H_
