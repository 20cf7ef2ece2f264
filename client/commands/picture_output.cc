#include "client/commands/picture_output.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/api/file_plan.h"
#include "client/api/files.h"
#include "client/draw/decode.h"
#include "client/draw/half_blocks.h"
#include "client/draw/png.h"

namespace dnnd::client {
namespace {

// What a picture takes of a terminal at most: results should stay in sight beside it.
constexpr int kMaxColumns = 80;
constexpr int kMaxRows = 24;
// Rows of the terminal that are left for words.
constexpr int kRowsForWords = 6;

void Show(Console& console, absl::string_view blocks, const std::string& indent) {
  for (const absl::string_view line : absl::StrSplit(blocks, '\n', absl::SkipEmpty())) {
    console.out << indent << line << '\n';
  }
}

// The upright picture that the daemon answered about.
absl::StatusOr<Picture> DecodeAnswered(const dnnd::v1::Image& image, int width, int height) {
  absl::StatusOr<Picture> picture = DecodePicture(image.encoded());
  if (!picture.ok()) return picture;
  if (picture->width() != width || picture->height() != height) {
    return absl::FailedPreconditionError(absl::StrCat("cannot draw: the answer is about ", width,
                                                      " x ", height, " pixels, the picture has ",
                                                      picture->width(), " x ", picture->height()));
  }
  return picture;
}

}  // namespace

void AddPictureOutputFlags(CLI::App& command, PictureOutputFlags& flags) {
  command
      .add_option("--save", flags.save,
                  "write overlays as PNG: a file for one picture, a folder for several")
      ->type_name("PATH");
  // CLI11 counts: --no-show is -1. (It takes an optional for a counter and sets it to 0.)
  command.add_flag_function(
      "--show,!--no-show", [&flags](int64_t count) { flags.show = count > 0; },
      "draw overlays into the terminal, or not (default: where it says that it knows 24-bit "
      "colours, by COLORTERM or TERM, and NO_COLOR is not set)");
}

absl::StatusOr<PictureOutput> PictureOutput::Create(Session& session,
                                                    const PictureOutputFlags& flags,
                                                    const std::vector<std::string>& pictures) {
  PictureOutput output(session.console());
  if (session.json() && flags.show.value_or(false)) {
    return absl::InvalidArgumentError("--show and --output json exclude each other");
  }
  output.show_ = !session.json() && flags.show.value_or(session.console().shows_pictures);
  if (!flags.save.empty()) {
    absl::StatusOr<std::vector<std::string>> files = PlanFiles(flags.save, pictures, ".png");
    if (!files.ok()) return files.status();
    output.files_ = *std::move(files);
  }
  return output;
}

absl::Status PictureOutput::Put(size_t index, const Picture& overlay, const std::string& indent) {
  if (show_) {
    const int columns = console_->columns - static_cast<int>(indent.size());
    const absl::StatusOr<std::string> blocks =
        HalfBlocks(overlay, std::clamp(columns, 1, kMaxColumns),
                   std::clamp(console_->rows - kRowsForWords, 1, kMaxRows));
    if (!blocks.ok()) return blocks.status();
    Show(*console_, *blocks, indent);
  }
  if (index >= files_.size()) return absl::OkStatus();
  const absl::StatusOr<std::string> png = EncodePng(overlay);
  if (!png.ok()) return png.status();
  return WriteFile(files_[index], *png);
}

absl::Status PictureOutput::Draw(size_t index, const dnnd::v1::Image& image, int width, int height,
                                 const std::string& indent,
                                 absl::FunctionRef<absl::StatusOr<Picture>(Picture)> draw) {
  if (!wanted()) return absl::OkStatus();
  absl::StatusOr<Picture> picture = DecodeAnswered(image, width, height);
  if (!picture.ok()) return picture.status();
  picture = draw(*std::move(picture));
  if (!picture.ok()) return picture.status();
  return Put(index, *picture, indent);
}

}  // namespace dnnd::client
