// What the commands that ask about pictures share.
#ifndef DNND_CLIENT_COMMANDS_PICTURES_H_
#define DNND_CLIENT_COMMANDS_PICTURES_H_

#include <dnnd/v1/common.pb.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/commands/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace dnnd::client {

struct PictureFlags {
  std::string model;
  std::vector<std::string> images;
  bool recursive = false;
};

// MODEL, IMAGE… and -r. The flags must outlive the app.
void AddPictureFlags(CLI::App& command, PictureFlags& flags);

// IMAGE… and -r alone. What is given must outlive the app.
void AddImageFlags(CLI::App& command, std::vector<std::string>& images, bool& recursive);

// Pictures of one request.
struct PictureBatch {
  // One of each for each picture.
  std::vector<size_t> places;      // among all pictures
  std::vector<std::string> names;  // "-" is standard input
  google::protobuf::RepeatedPtrField<dnnd::v1::Image> images;

  void Remove(size_t index);

  int64_t bytes = 0;
};

// Reads the pictures and calls `send` for a few at a time. Ends with the first code of `send` that
// is not kDone, or when a picture cannot be read, which it says. `send` may take what is in the
// batch.
ExitCode SendPictures(Session& session, const std::vector<std::string>& paths,
                      const std::function<ExitCode(PictureBatch&)>& send);

// The picture of a request that the server blames for a failure: images[i].
std::optional<size_t> BlamedPicture(const grpc::Status& status, size_t pictures);

// Session::Fail, with the name of a picture where the server says images[i] or image.
ExitCode FailNamingPictures(Session& session, const grpc::Status& status,
                            const std::vector<std::string>& names);

// Calls `print(i, indent)` for each result of an answer, under the name of its picture where
// `several` are asked about.
void PrintResults(Console& console, const std::vector<std::string>& names, bool several,
                  int results, const std::function<void(int, const std::string&)>& print);

// One line: where the time of a request went, and which `models` answered.
void PrintTimings(Console& console, const dnnd::v1::RequestTimings& timings,
                  absl::string_view models);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_PICTURES_H_
