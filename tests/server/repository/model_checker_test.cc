// The children are this very program: see main below.
#include "server/repository/model_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/onnx/export.h"
#include "tests/testing/graphs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr auto kPrecision = v1::ModelConfig::F32;

ChildModelChecker::Options Limits() {
  ChildModelChecker::Options options;
  options.memory_bytes = int64_t{4} << 30;
  return options;
}

std::string ShapesModel() {
  const char* store = std::getenv("DNND_TEST_STORE");
  return store == nullptr ? "" : std::string(store) + "/shapes/1/model.onnx";
}

TEST(ModelCheckerTest, AModelThatLoadsAndRunsPasses) {
  if (ShapesModel().empty()) {
    GTEST_SKIP() << "DNND_TEST_STORE is not set";
  }
  EXPECT_THAT(ChildModelChecker(Limits()).Check(ShapesModel(), kPrecision), IsOk());
}

// So many operations that no machine is through in a second, on pictures of any size.
void WriteEndlessModel(const std::string& file) {
  constexpr int64_t kChannels = 64;
  engine::GraphBuilder builder("endless");
  engine::ValueId x = builder.Input("x", engine::DataType::kFloat32,
                                    {{-1, "N"}, {kChannels, ""}, {-1, "H"}, {-1, "W"}});
  const engine::ValueId weights =
      builder.Constant("weights", engine::RandomTensor({kChannels, kChannels, 7, 7}, 1, 0.01f));
  for (int i = 0; i < 100; ++i) {
    x = builder.Op("Conv", absl::StrCat("conv", i), {x, weights},
                   {{"pads", std::vector<int64_t>(4, 3)}});
  }
  builder.Output(x);
  ASSERT_THAT(engine::ExportModel(*std::move(builder).Build(), file), IsOk());
}

TEST(ModelCheckerTest, AModelThatTakesPicturesOfAnySizeIsRunToo) {
  dnnd::testing::TempDir folder;
  const std::string file = folder.path() + "/model.onnx";
  WriteEndlessModel(file);
  ChildModelChecker::Options options = Limits();
  options.time_limit = absl::Seconds(3);
  EXPECT_THAT(ChildModelChecker(options).Check(file, kPrecision),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("was stopped")));
}

TEST(ModelCheckerTest, TheLoadsOwnErrorComesBackWithItsCode) {
  dnnd::testing::TempDir folder;
  const std::string file = folder.Write("model.onnx", "this is no model");
  EXPECT_THAT(ChildModelChecker(Limits()).Check(file, kPrecision),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.onnx")));
  EXPECT_THAT(ChildModelChecker(Limits()).Check(file + ".none", kPrecision),
              StatusIs(absl::StatusCode::kNotFound, ::testing::_));
}

TEST(ModelCheckerTest, ACrashCostsTheChild) {
  EXPECT_THAT(ChildModelChecker(Limits()).Check("crash", kPrecision),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("Segmentation fault")));
}

TEST(ModelCheckerTest, AChildThatSaysNothingIsAFailure) {
  EXPECT_THAT(ChildModelChecker(Limits()).Check("silence", kPrecision),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("code 3 and no outcome")));
}

TEST(ModelCheckerTest, AChildThatNeverEndsIsStopped) {
  ChildModelChecker::Options options = Limits();
  options.time_limit = absl::Milliseconds(200);
  const absl::Time start = absl::Now();
  EXPECT_THAT(ChildModelChecker(options).Check("for ever", kPrecision),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("was stopped")));
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
}

TEST(ModelCheckerTest, MemoryIsLimited) {
#ifdef DNND_SANITIZE
  GTEST_SKIP() << "a sanitizer's own memory is beyond any limit";
#endif
  ChildModelChecker::Options options = Limits();
  options.memory_bytes = int64_t{256} << 20;
  EXPECT_THAT(ChildModelChecker(options).Check("hunger", kPrecision),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("no more memory")));
}

TEST(ModelCheckerTest, AProgramThatDoesNotExistIsAnError) {
  ChildModelChecker::Options options = Limits();
  options.program = "/no/such/program";
  EXPECT_THAT(ChildModelChecker(options).Check("file", kPrecision),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such/program")));
}

// Takes `limits` upon itself as a real check does, by a file that is no model, and then a gigabyte.
int Hunger(const ModelCheckLimits& limits) {
  const int saved = dup(STDOUT_FILENO);
  close(STDOUT_FILENO);
  CheckModelAsChild("/dev/null", kPrecision, limits);
  dup2(saved, STDOUT_FILENO);
  if (std::malloc(size_t{1} << 30) != nullptr) {
    return 4;
  }
  const std::string outcome = "8\nno more memory";
  return write(STDOUT_FILENO, outcome.data(), outcome.size()) < 0 ? 1 : 0;
}

// What the child does. `argv`: --check-model FILE --precision NAME --check-model-memory-bytes N …
int Child(int argc, char** argv) {
  const std::string file = argv[2];
  ModelCheckLimits limits;
  if (argc < 7 || !absl::SimpleAtoi(argv[6], &limits.memory_bytes)) {
    return 9;
  }
  if (file == "crash") {
    std::signal(SIGSEGV, SIG_DFL);
    return std::raise(SIGSEGV);
  }
  if (file == "for ever") {
    return pause();
  }
  if (file == "silence") {
    return 3;
  }
  return file == "hunger" ? Hunger(limits) : CheckModelAsChild(file, kPrecision, limits);
}

}  // namespace
}  // namespace dnnd::server

int main(int argc, char** argv) {
  if (argc > 2 && std::string(argv[1]) == "--check-model") {
    return dnnd::server::Child(argc, argv);
  }
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
