// Whole command lines against a server.
#include "tests/client/commands/dnnctl_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "client/api/files.h"
#include "client/api/npy.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::client {
namespace {

using dnnd::testing::TempDir;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Nobody listens on port 1.
constexpr char kNobody[] = "127.0.0.1:1";

TEST_F(DnnctlTest, WrongCommandLinesExitWithTwoAndSayWhatToDo) {
  struct Case {
    std::vector<std::string> arguments;
    std::string want;
  };
  const Case cases[] = {
      {{}, "A subcommand is required\n  hint: dnnctl --help"},
      {{"clasify"}, "hint: did you mean dnnctl classify?"},
      {{"--timeout", "3", "models", "lst"}, "hint: did you mean dnnctl models list?"},
      {{"classify", "lenet"}, "IMAGE is required\n  hint: dnnctl classify --help"},
      {{"status", "--nonsense"}, "--nonsense"},
      {{"status", "--timeout", "soon"}, "\"soon\" is no duration"},
      {{"status", "--timeout", "0"}, "want 1ms to 8760h, got 0"},
      {{"status", "--timeout", "inf"}, "got inf"},
      {{"status", "--timeout", "nan"}, "got nan"},
      {{"status", "--output", "xml"}, "want table or json, got xml"},
      {{"status", "--request-id", "two words"}, "printable characters"},
      {{"bench", "lenet", "--rate", "5", "--concurrency", "4"}, "excludes"},
      {{"bench", "lenet", "--concurrency", "0"}, "--concurrency"},
      {{"bench", "lenet", "--duration", "0"}, "want 1ms to 24h, got 0"},
      {{"bench", "lenet", "--poisson"}, "--rate"},
      {{"bench", "lenet", "--input", "z=rand"}, "no input \"z\""},
      {{"predict", "lenet", "--input", "x=nine"}, "want @FILE"},
      {{"predict", "lenet", "--input", "z=rand"}, "no input z; it has x"},
      {{"predict", "lenet", "--input", "x=rand", "--input", "rand"}, "given twice"},
      {{"classify", "lenet", "none.jpg"}, "there is no file none.jpg"},
      {{"classify", "@2", "-"}, "no name"},
      {{"classify", "lenet", "-", "--top-k", "-1"},
       "--top-k: Value -1 not in range 0 to 2147483647"},
      {{"detect", "lenet", "-", "--max-detections", "0"}, "--max-detections"},
      {{"detect", "lenet", "-", "--show", "--output", "json"}, "exclude each other"},
      {{"segment", "lenet", "-", "--format", "gif"}, "--format"},
      {{"segment", "lenet", "none.png"}, "there is no file none.png"},
      {{"perceive", "boxes,,halves", "-"}, "no name"},
      {{"perceive", "boxes", "-", "--fps", "0"}, "--fps"},
      {{"perceive", "boxes", "-", "--max-age", "1s"}, "--fps"},
      {{"perceive", "boxes", "none.png", "--fps", "10"}, "there is no file none.png"},
      {{"completion", "tcsh"}, "SHELL"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = Run(c.arguments);
    EXPECT_EQ(outcome.exit_code, 2) << c.want;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, AllOf(StartsWith("error: "), HasSubstr(c.want)));
  }
}

TEST_F(DnnctlTest, HelpOfEveryCommandHasExamplesAndItsWholeName) {
  for (const std::string command :
       {"health", "status", "config", "models", "classify", "detect", "segment", "perceive",
        "predict", "bench", "version", "completion"}) {
    const Outcome outcome = Run({command, "--help"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out,
                AllOf(HasSubstr("Usage: dnnctl " + command), HasSubstr("Examples:\n  ")));
  }
  for (const std::string command : {"list", "describe", "load", "unload", "reload", "label"}) {
    EXPECT_THAT(Run({"models", command, "--help"}).out,
                AllOf(HasSubstr("Usage: dnnctl models " + command), HasSubstr("Examples:")));
  }
  EXPECT_THAT(Run({"--help"}).out,
              AllOf(HasSubstr("Exit codes"), HasSubstr("DNNCTL_ADDRESS"), HasSubstr(address_)));
}

TEST_F(DnnctlTest, NobodyThereExitsWithThree) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"status"},
                                             {"health"},
                                             {"health", "--watch"},
                                             {"config"},
                                             {"models", "list"},
                                             {"models", "load", "lenet"},
                                             {"classify", "lenet", "-"},
                                             {"detect", "lenet", "-"},
                                             {"segment", "lenet", "-"},
                                             {"perceive", "boxes,halves", "-"},
                                             {"perceive", "boxes,halves", "-", "--fps", "10"},
                                             {"predict", "lenet", "-i", "x=rand"},
                                             {"bench", "lenet"}}) {
    std::vector<std::string> arguments = {"--address", kNobody};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Outcome outcome = Run(arguments, "picture");
    EXPECT_EQ(outcome.exit_code, 3) << command[0];
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, HasSubstr("hint: is dnnd running at 127.0.0.1:1?"));
  }
}

TEST_F(DnnctlTest, NoAnswerInTimeExitsWithFour) {
  const Outcome outcome = Run({"health", "slow", "--timeout", "50ms"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("hint: allow more than 50ms with --timeout"));
}

TEST_F(DnnctlTest, ARefusalExitsWithOneAndTellsWhatWhyAndWhatToDo) {
  const Outcome outcome = Run({"models", "load", "yolo"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err,
            "error: model \"yolo\" not found\n"
            "  why: MODEL_NOT_FOUND (NOT_FOUND)\n"
            "  hint: see what there is: dnnctl models list\n");
}

TEST_F(DnnctlTest, HealthExitsWithWhatItSays) {
  EXPECT_EQ(Run({"health"}).exit_code, 0);
  EXPECT_EQ(Run({"health"}).out, "SERVING\n");
  EXPECT_EQ(Run({"health", "lenet"}).exit_code, 1);
  EXPECT_EQ(Run({"health", "lenet", "-o", "json"}).out, "{\"status\":\"NOT_SERVING\"}\n");
}

TEST_F(DnnctlTest, HealthWatchPrintsEachChange) {
  const Outcome outcome = Run({"health", "--watch", "--output", "json"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "{\"status\":\"NOT_SERVING\"}\n{\"status\":\"SERVING\"}\n");
}

TEST_F(DnnctlTest, HealthWatchThatEndsWithItsTimeoutExitsWithWhatItSawLast) {
  const Outcome outcome = Run({"health", "slow", "--watch", "--timeout", "1s"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "NOT_SERVING\nSERVING\n");
}

TEST_F(DnnctlTest, StatusAndConfigArePrintedInBothForms) {
  EXPECT_THAT(Run({"status"}).out, ContainsRegex("^state +ready\nversion +0.1.0"));
  const auto status = nlohmann::json::parse(Run({"status", "--output", "json"}).out);
  EXPECT_EQ(status["version"], "0.1.0");
  EXPECT_EQ(status["draining"], false);
  EXPECT_EQ(Run({"config"}).out, "drain_seconds: 25\n");
}

TEST_F(DnnctlTest, ModelsListNamesVersionsAndWhatFailed) {
  EXPECT_EQ(Run({"models", "list"}).out,
            "NAME   VERSION  STATE        TASK      PRECISION  MEMORY     LOAD  LABELS\n"
            "lenet       2*  READY        classify  f32        1.2 MB  12.5 ms  stable\n"
            "lenet       1   UNAVAILABLE  -         -               -        -  -\n"
            "lenet@1: operator GridSample is not supported\n");
  EXPECT_EQ(Run({"models", "list", "--quiet"}).out, "lenet\n");
  const auto json = nlohmann::json::parse(Run({"models", "list", "--output=json"}).out);
  EXPECT_EQ(json["models"][0]["versions"][1]["state"], "UNAVAILABLE");
}

TEST_F(DnnctlTest, ModelsDescribeShowsSignatureAndAssumptions) {
  EXPECT_THAT(Run({"models", "describe", "lenet"}).out,
              AllOf(StartsWith("lenet  serving version 2\n"),
                    ContainsRegex("input +x  fp32 \\[N, 2\\]  batch axis 0"),
                    ContainsRegex("task +classify, 10 labels"),
                    ContainsRegex("preprocess +color: BGR mean: \\[104, 117\\]\n"),
                    ContainsRegex("assumed +the task is CLASSIFY"),
                    ContainsRegex("reason +operator GridSample")));
}

TEST_F(DnnctlTest, ModelsLoadWaitsUnlessToldNotTo) {
  EXPECT_EQ(Run({"models", "load", "lenet@2"}).exit_code, 0);
  EXPECT_EQ(daemon_.models.last_load().version(), 2);
  EXPECT_TRUE(daemon_.models.last_load().wait());
  EXPECT_EQ(Run({"models", "load", "lenet", "--no-wait"}).exit_code, 0);
  EXPECT_FALSE(daemon_.models.last_load().has_version());
  EXPECT_FALSE(daemon_.models.last_load().wait());
  EXPECT_THAT(Run({"models", "load", "lenet", "--no-wait"}).out,
              StartsWith("loading lenet has begun"));
}

TEST_F(DnnctlTest, LabelsNameVersionsWhereverVersionsAreNamed) {
  EXPECT_EQ(Run({"models", "describe", "lenet@stable"}).exit_code, 0);
  EXPECT_EQ(Run({"models", "load", "lenet@stable"}).exit_code, 0);
  EXPECT_EQ(daemon_.models.last_load().version(), 2);
  EXPECT_EQ(Run({"predict", "lenet@stable", "-i", "rand"}).exit_code, 0);
  for (const char* command : {"describe", "load"}) {
    const Outcome outcome = Run({"models", command, "lenet@canary"});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("no version of lenet has the label canary"));
  }
}

TEST_F(DnnctlTest, AModelThatIsNotReadySaysWhatItIs) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"bench", "lenet@1"}, {"predict", "lenet@1", "-i", "rand"}}) {
    const Outcome outcome = Run(command);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(
        outcome.err,
        StartsWith("error: lenet@1 is UNAVAILABLE: operator GridSample is not supported\n"));
  }
}

TEST_F(DnnctlTest, ModelsLabelSetsAndTakesAway) {
  EXPECT_EQ(Run({"models", "label", "lenet@2", "stable"}).out, "lenet@stable is version 2\n");
  const Outcome removed = Run({"models", "label", "lenet", "stable", "--remove"});
  EXPECT_EQ(removed.exit_code, 0) << removed.err;
  EXPECT_EQ(removed.out, "lenet@stable names nothing any more\n");
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"models", "label", "lenet", "stable"},
                                             {"models", "label", "lenet@2", "a", "--remove"}}) {
    const Outcome outcome = Run(wrong);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("got " + wrong[2]));
  }
}

TEST_F(DnnctlTest, ClassifyReadsStandardInputAndPrintsPlainlyIntoAPipe) {
  const Outcome outcome = Run({"classify", "lenet", "-", "--top-k", "2"}, "picture");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("tabby?[2J    75.0%\nclass 1      12.5%\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
}

TEST_F(DnnctlTest, ClassifyDrawsBarsOnATerminal) {
  terminal_ = true;
  const Outcome outcome = Run({"classify", "lenet", "-", "-k", "1"}, "picture");
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("██████▌"), HasSubstr("\x1b[2m"), Not(HasSubstr("\x1b[2J"))));
}

TEST_F(DnnctlTest, ClassifySendsAllPicturesAtOnceAndPrintsOneLineOfJson) {
  const TempDir folder;
  folder.Write("a.jpg", "a");
  folder.Write("b.png", "b");
  const Outcome outcome = Run({"--output", "json", "classify", "lenet", "-r", folder.path()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(daemon_.vision.calls, 1);
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["results"].size(), 2);
  EXPECT_EQ(json["results"][1]["categories"][0]["index"], 0);
  EXPECT_EQ(json["model"]["version"], "2");
  EXPECT_EQ(json["timings"]["queue_ms"], 0);
}

TEST_F(DnnctlTest, ClassifySplitsWhatExceedsOneRequest) {
  const std::string picture = "-";
  std::vector<std::string> arguments = {"classify", "lenet"};
  arguments.insert(arguments.end(), 17, picture);
  EXPECT_EQ(Run(arguments, "picture").exit_code, 0);
  EXPECT_EQ(daemon_.vision.calls, 2);
}

TEST_F(DnnctlTest, ABadPictureIsNamedAndTheOthersAreAnswered) {
  const TempDir folder;
  const std::string good = folder.Write("good.jpg", "good");
  const std::string bad = folder.Write("bad.jpg", "bad");
  const Outcome outcome = Run({"classify", "lenet", bad, good, bad, good});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, ContainsRegex("^" + good + "\n  tabby.*\n.*" + good + "\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr(bad)));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("images[0] (" + bad + "): no picture"),
                                 HasSubstr("images[1] (" + bad + "): no picture")));
  const Outcome none = Run({"classify", "lenet", bad, bad});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.out, IsEmpty());
}

TEST_F(DnnctlTest, PredictSendsNpyFilesAndSavesNpyFiles) {
  const TempDir folder;
  dnnd::v1::Tensor tensor;
  tensor.set_data_type(dnnd::v1::DATA_TYPE_FP32);
  tensor.add_shape(1);
  tensor.add_shape(2);
  tensor.set_contents(std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0", 8));  // 1, -2.5
  const std::string file = folder.Write("x.npy", FormatNpy(tensor).value());
  const std::string saved = folder.path() + "/new/out";
  const Outcome outcome = Run({"predict", "lenet@2", "-i", "x=@" + file, "--save-dir", saved});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, ContainsRegex("y +fp32 +\\[1, 2\\] +-2.5 +1 +-0.75 +1 -2.5"));
  std::istringstream no_input;
  EXPECT_EQ(ParseNpy(ReadFile(saved + "/y.npy", no_input, 1000).value())->SerializeAsString(),
            tensor.SerializeAsString());
}

TEST_F(DnnctlTest, FlagsBeforeTheModelDoNotSwallowIt) {
  EXPECT_EQ(Run({"predict", "-i", "x=rand", "--fetch", "y", "lenet"}).exit_code, 0);
  EXPECT_EQ(Run({"detect", "-c", "dog,0", "--no-show", "lenet", "-"}, "picture").exit_code, 0);
  EXPECT_EQ(Run({"bench", "-c", "2", "--duration", "20ms", "--warm-up", "0", "lenet"}).exit_code,
            0);
}

TEST_F(DnnctlTest, PredictMakesUpTensorsOfTheSignature) {
  const Outcome outcome =
      Run({"predict", "lenet", "-i", "rand", "-o", "json", "--request-id", "r-1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["outputs"]["y"]["shape"], nlohmann::json({"1", "2"}));
  EXPECT_EQ(json["outputs"]["y"]["data_type"], "DATA_TYPE_FP32");
  EXPECT_EQ(daemon_.predict.calls_with_id, 1);
}

TEST_F(DnnctlTest, BenchPrintsOneObjectForEachLoad) {
  const Outcome outcome = Run({"bench", "lenet", "--concurrency", "1,2", "--duration", "400ms",
                               "--warm-up", "0", "--output", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  std::istringstream lines(outcome.out);
  std::string line;
  for (const int concurrency : {1, 2}) {
    ASSERT_TRUE(std::getline(lines, line));
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["concurrency"], concurrency);
    EXPECT_GT(json["requests_per_second"], 0);
    EXPECT_EQ(json["mean_batch_size"], 4);
    EXPECT_EQ(json["errors"], 0);
    EXPECT_GT(json["p99_ms"], 0);
  }
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(DnnctlTest, BenchOnPicturesPrintsATable) {
  const TempDir folder;
  folder.Write("a.jpg", "a");
  const Outcome outcome = Run({"bench", "lenet", "--image", folder.path(), "--rate", "100",
                               "--duration", "400ms", "--warm-up", "0", "--items", "3"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(StartsWith("LOAD "), HasSubstr("\n100/s ")));
  EXPECT_THAT(outcome.out, ContainsRegex(" 3.0 +0\n$"));
}

TEST_F(DnnctlTest, BenchAsksAboutPicturesByTheMethodOfTheModelsTask) {
  const TempDir folder;
  folder.Write("a.jpg", "a");
  using dnnd::v1::ModelConfig;
  for (const ModelConfig::Task task :
       {ModelConfig::CLASSIFY, ModelConfig::DETECT, ModelConfig::SEGMENT}) {
    daemon_.models.task = task;
    const Outcome outcome = Run({"bench", "lenet", "--image", folder.path(), "--rate", "100",
                                 "--duration", "100ms", "--warm-up", "0"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(daemon_.vision.last_task(), task);
  }
  daemon_.models.task = ModelConfig::TENSORS;
  const Outcome outcome = Run({"bench", "lenet", "--image", folder.path()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("lenet is for TENSORS, and takes no pictures"));
}

TEST_F(DnnctlTest, BenchThatGetsNoAnswerFailsWithTheReason) {
  daemon_.predict.full = true;
  const Outcome outcome = Run({"bench", "lenet", "--duration", "300ms", "--warm-up", "0"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("RESOURCE_EXHAUSTED/QUEUE_FULL"));
  EXPECT_THAT(outcome.err, HasSubstr("error: the queue is full"));
}

TEST_F(DnnctlTest, VersionAndCompletionNeedNoServer) {
  address_ = kNobody;
  EXPECT_THAT(Run({"version"}).out, ContainsRegex("^dnnctl [0-9]+\\.[0-9]+\\.[0-9]+\n$"));
  const Outcome completion = Run({"completion", "bash"});
  EXPECT_EQ(completion.exit_code, 0);
  EXPECT_THAT(completion.out,
              AllOf(HasSubstr("complete -o filenames -F _dnnctl dnnctl"),
                    HasSubstr("\"models load\") words=\"--help --no-wait\"; models=1"),
                    Not(HasSubstr("@CASES@"))));
}

}  // namespace
}  // namespace dnnd::client
