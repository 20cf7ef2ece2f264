// Pictures that a command draws: into files, and into the terminal.
#ifndef DNND_CLIENT_COMMANDS_PICTURE_OUTPUT_H_
#define DNND_CLIENT_COMMANDS_PICTURE_OUTPUT_H_

#include <dnnd/v1/common.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
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

  // Has `draw` make the overlay of the picture at `index` among all, which the daemon answered
  // about as `width` x `height` upright pixels, and writes and shows it; each line in the terminal
  // begins with `indent`. Does nothing unless wanted(). FAILED_PRECONDITION when the picture has
  // another size or the overlay cannot be written; else as DecodePicture and `draw`.
  absl::Status Draw(size_t index, const dnnd::v1::Image& image, int width, int height,
                    const std::string& indent,
                    absl::FunctionRef<absl::StatusOr<Picture>(Picture)> draw);

 private:
  absl::Status Put(size_t index, const Picture& overlay, const std::string& indent);

  explicit PictureOutput(Console& console) : console_(&console) {}

  Console* console_;
  bool show_ = false;
  std::vector<std::string> files_;
};

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_PICTURE_OUTPUT_H_
