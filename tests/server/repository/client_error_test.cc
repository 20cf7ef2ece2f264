#include "server/repository/client_error.h"

#include <gtest/gtest.h>

namespace dnnd::server {
namespace {

TEST(ClientError, FilesAreNamedRelativeToTheModelsFolder) {
  struct Case {
    const char* folder;
    const char* message;
    const char* told;
  };
  const Case cases[] = {
      {"/srv/models/a", "/srv/models/a/1/model.onnx: cut", "1/model.onnx: cut"},
      {"/srv/models/a", "cannot open \"/srv/models/a/1/model.onnx\"",
       "cannot open \"1/model.onnx\""},
      {"/srv/models/a", "/srv/models/a/x: /srv/models/a/y", "x: y"},
      {"/srv/models/a", "cannot open the folder \"/srv/models/a\"", "cannot open the folder \".\""},
      {"/srv/models/a", "/srv/models/ab/1 stays", "/srv/models/ab/1 stays"},
      {"m/a", "m/a/1/model.onnx: node \"stem/a/conv\" and \"/m/a/conv\"",
       "1/model.onnx: node \"stem/a/conv\" and \"/m/a/conv\""},
      {"/srv/models/a", "nothing to hide", "nothing to hide"},
      {"/srv/models/a", "node \"\xff\"", "node \"\ufffd\""},
  };
  for (const Case& c : cases) {
    const absl::Status told = ForClients(absl::DataLossError(c.message), c.folder);
    EXPECT_EQ(told, absl::DataLossError(c.told));
  }
  EXPECT_TRUE(ForClients(absl::OkStatus(), "/srv").ok());
}

}  // namespace
}  // namespace dnnd::server
