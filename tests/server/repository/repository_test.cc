#include "server/repository/repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <filesystem>
#include <future>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kBudget = 1000;
// Long enough for a loaded machine; only a failing test waits so long.
constexpr std::chrono::seconds kPatience(30);
// Long enough for a thread that could come.
constexpr std::chrono::milliseconds kNobodyCame(100);

// Loads what the test says: a version is as many bytes as its file says, or fails when that is no
// number.
class PuppetLoader : public VersionLoader {
 public:
  absl::StatusOr<std::unique_ptr<ServedModel>> Load(const VersionSource& source) override {
    const std::string what = absl::StrCat(source.name, "/", source.version);
    {
      std::unique_lock<std::mutex> lock(mutex_);
      ++loads_[what];
      changed_.notify_all();
      changed_.wait(lock, [&] { return held_ != what; });
    }
    std::ifstream file(source.file);
    int64_t bytes = 0;
    if (!(file >> bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("not a model: cannot read ", source.file, ", in \"", source.folder, "\""));
    }
    auto served = std::make_unique<ServedModel>();
    served->name = source.name;
    served->version = source.version;
    served->metrics = source.metrics;
    served->weight_bytes = bytes;
    return served;
  }

  // Loads of `what` ("name/version") wait until Release.
  void Hold(const std::string& what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = what;
  }
  void Release() { Hold(""), changed_.notify_all(); }
  void AwaitLoadOf(const std::string& what, int loads = 1) {
    std::unique_lock<std::mutex> lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, kPatience, [&] { return loads_[what] >= loads; }));
  }
  int loads(const std::string& what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return loads_[what];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> loads_;
  std::string held_;
};

class RepositoryTest : public ::testing::Test {
 protected:
  void Start(absl::Duration poll_interval = absl::ZeroDuration()) {
    RepositoryOptions options;
    options.model_store = store_.path();
    options.poll_interval = poll_interval;
    options.memory_budget_bytes = kBudget;
    options.on_change = [this](const std::string&, std::optional<bool> serves) {
      if (on_change_) {
        on_change_(serves);
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      ++changes_;
      changed_.notify_all();
    };
    options.labelled = [this](const std::string&) { return labelled_; };
    options.on_settled = [this] { settled_.set_value(); };
    repository_ = std::make_unique<Repository>(options, loader_, metrics_, log_);
    ASSERT_THAT(repository_->Start(), IsOk());
  }

  void StartAndSettle(absl::Duration poll_interval = absl::ZeroDuration()) {
    Start(poll_interval);
    ASSERT_EQ(settled_.get_future().wait_for(kPatience), std::future_status::ready);
    EXPECT_TRUE(repository_->settled());
  }

  // Waits until a change of state makes `condition` true.
  void Await(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      const int seen = changes_;
      lock.unlock();
      if (condition()) {
        return;
      }
      lock.lock();
      ASSERT_TRUE(changed_.wait_until(lock, end, [&] { return changes_ != seen; }));
    }
  }

  absl::Status Wait(const std::function<void(Repository::Done)>& operation) {
    auto result = std::make_shared<std::promise<absl::Status>>();
    operation([result](const absl::Status& status) { result->set_value(status); });
    std::future<absl::Status> future = result->get_future();
    return future.wait_for(kPatience) == std::future_status::ready
               ? future.get()
               : absl::DeadlineExceededError("never done");
  }
  absl::Status Load(const std::string& name, std::optional<int64_t> version = std::nullopt) {
    return Wait([&](auto done) { EXPECT_TRUE(repository_->Load(name, version, done)); });
  }
  absl::Status Reload(const std::string& name, std::optional<int64_t> version = std::nullopt) {
    return Wait([&](auto done) { EXPECT_TRUE(repository_->Reload(name, version, done)); });
  }
  absl::Status Unload(const std::string& name, std::optional<int64_t> version = std::nullopt) {
    return Wait([&](auto done) { repository_->Unload(name, version, done); });
  }

  // "3:READY 2:UNAVAILABLE", newest first.
  std::string StatesOf(const std::string& name) {
    const auto status = repository_->Get(name);
    if (!status.ok()) {
      return "";
    }
    std::string states;
    for (const VersionStatus& version : status->versions) {
      absl::StrAppend(&states, states.empty() ? "" : " ", version.version, ":",
                      ModelStateName(version.state));
    }
    return states;
  }
  int64_t Serving(const std::string& name) {
    const auto found = repository_->Find(name, std::nullopt);
    return found.ok() ? (*found)->version : -1;
  }

  dnnd::testing::TempDir store_;
  Metrics metrics_;
  Logger log_{LogLevel::kError, LogFormat::kText, std::make_shared<spdlog::sinks::null_sink_mt>()};
  PuppetLoader loader_;
  std::promise<void> settled_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int changes_ = 0;
  std::function<void(std::optional<bool>)> on_change_;  // set before it starts, as what follows
  std::vector<int64_t> labelled_;                       // versions of any model
  std::unique_ptr<Repository> repository_;
};

TEST_F(RepositoryTest, ServesTheLatestVersionOfEachModelOnceItIsReady) {
  store_.Write("a/1/model.onnx", "10");
  store_.Write("a/2/model.onnx", "20");
  store_.Write("b/1/model.onnx", "30");
  StartAndSettle();
  EXPECT_EQ(Serving("a"), 2);
  EXPECT_EQ(StatesOf("a"), "2:READY 1:UNAVAILABLE");
  EXPECT_EQ(loader_.loads("a/1"), 0);
  EXPECT_EQ(Serving("b"), 1);
  EXPECT_EQ(repository_->used_bytes(), 50);
  EXPECT_THAT(metrics_.Text(),
              HasSubstr(R"(dnnd_model_state{model="a",state="READY",version="2"} 1)"));
}

TEST_F(RepositoryTest, FindSaysWhatIsMissingAndWhetherToComeBack) {
  store_.Write("a/1/model.onnx", "10");
  store_.Write("broken/1/model.onnx", "x");
  loader_.Hold("a/1");
  Start();
  loader_.AwaitLoadOf("a/1");
  EXPECT_THAT(repository_->Find("a", std::nullopt),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("\"a\" is loading")));
  EXPECT_FALSE(repository_->settled());
  loader_.Release();
  settled_.get_future().wait();
  EXPECT_THAT(repository_->Find("a", 1), IsOk());
  EXPECT_THAT(repository_->Find("a", 7),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("has no version 7")));
  EXPECT_THAT(repository_->Find("z", std::nullopt),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no model \"z\"")));
  EXPECT_THAT(repository_->Find("broken", std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a model")));
}

TEST_F(RepositoryTest, EveryModelOfTheStoreIsKnownWhileItWaitsForItsTurn) {
  store_.Write("a/1/model.onnx", "10");
  store_.Write("b/1/model.onnx", "10");
  store_.Write("c/1/model.onnx", "10");
  loader_.Hold("a/1");
  Start();
  const auto b = repository_->Find("b", std::nullopt);
  EXPECT_THAT(b, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("waits for its turn")));
  EXPECT_THAT(repository_->Find("b", 1), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_THAT(Unload("c"), IsOk());
  EXPECT_THAT(repository_->Find("c", std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("unloaded by request")));
  loader_.Release();
  settled_.get_future().wait();
  EXPECT_EQ(Serving("b"), 1);
  EXPECT_EQ(loader_.loads("c/1"), 0);
}

TEST_F(RepositoryTest, OfSeveralVersionsTheOneThatShouldServeIsSpokenOf) {
  store_.Write("a/config.textproto", "versions { specific { versions: 1 } }");
  store_.Write("a/1/model.onnx", "broken");
  store_.Write("a/2/model.onnx", "10");
  StartAndSettle();
  EXPECT_THAT(repository_->Find("a", std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a model")));
  EXPECT_THAT(repository_->Find("a", 2), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                  HasSubstr("policy does not name it")));
}

TEST_F(RepositoryTest, WhereTheStoreLiesIsNotTold) {
  store_.Write("a/1/model.onnx", "broken");
  StartAndSettle();
  EXPECT_THAT(Load("a"), StatusIs(absl::StatusCode::kInvalidArgument,
                                  AllOf(HasSubstr("cannot read 1/model.onnx"),
                                        HasSubstr("in \".\""), Not(HasSubstr(store_.path())))));
  EXPECT_THAT(repository_->Get("a")->versions[0].reason, Not(HasSubstr(store_.path())));
  std::filesystem::remove_all(store_.path());
  EXPECT_THAT(Load("a").message(), Not(HasSubstr(store_.path())));
}

TEST_F(RepositoryTest, AVersionThatFailsLeavesTheOthersAndItsOlderOneServing) {
  store_.Write("a/1/model.onnx", "10");
  store_.Write("b/1/model.onnx", "10");
  StartAndSettle();
  store_.Write("a/2/model.onnx", "broken");
  EXPECT_THAT(Load("a"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a model")));
  EXPECT_EQ(StatesOf("a"), "2:UNAVAILABLE 1:READY");
  EXPECT_EQ(Serving("a"), 1);
  EXPECT_EQ(Serving("b"), 1);
  EXPECT_THAT(repository_->Get("a")->versions[0].reason, HasSubstr("not a model"));
}

TEST_F(RepositoryTest, AReloadServesTheOldOneUntilTheNewIsReadyAndThenFreesIt) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  const ModelHandle held = *repository_->Find("a", std::nullopt);
  store_.Write("a/1/model.onnx", "25");
  ASSERT_THAT(Reload("a"), IsOk());
  const ModelHandle fresh = *repository_->Find("a", std::nullopt);
  EXPECT_NE(held, fresh);
  EXPECT_EQ(held->weight_bytes, 10);
  EXPECT_EQ(repository_->used_bytes(), 35);
  EXPECT_EQ(StatesOf("a"), "1:READY");
}

TEST_F(RepositoryTest, AFailedReloadChangesNothing) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  const ModelHandle before = *repository_->Find("a", std::nullopt);
  store_.Write("a/1/model.onnx", "broken");
  EXPECT_THAT(Reload("a"), Not(IsOk()));
  EXPECT_EQ(*repository_->Find("a", std::nullopt), before);
  EXPECT_EQ(StatesOf("a"), "1:READY");
}

TEST_F(RepositoryTest, AnUnloadEndsWhenTheLastRequestLetsGo) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  ModelHandle held = *repository_->Find("a", std::nullopt);
  std::promise<absl::Status> done;
  repository_->Unload("a", std::nullopt, [&](const absl::Status& s) { done.set_value(s); });
  EXPECT_EQ(StatesOf("a"), "1:UNLOADING");
  EXPECT_THAT(repository_->Find("a", std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("unloaded by request")));
  std::future<absl::Status> future = done.get_future();
  EXPECT_EQ(future.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  held.reset();
  ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready);
  EXPECT_THAT(future.get(), IsOk());
  EXPECT_EQ(StatesOf("a"), "1:UNAVAILABLE");
  EXPECT_EQ(repository_->used_bytes(), 0);
}

TEST_F(RepositoryTest, WhatDrainsKeepsItsFiguresUntilItIsGone) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  ModelHandle held = *repository_->Find("a", std::nullopt);
  repository_->Unload("a", std::nullopt, nullptr);
  EXPECT_EQ(StatesOf("a"), "1:UNLOADING");
  ASSERT_EQ(repository_->Get("a")->versions[0].served, held);
  EXPECT_EQ(repository_->Get("a")->serving_version, std::nullopt);
  held.reset();
  Await([&] { return StatesOf("a") == "1:UNAVAILABLE"; });
  EXPECT_EQ(repository_->Get("a")->versions[0].served, nullptr);
}

TEST_F(RepositoryTest, AnUnloadThatWaitsIsToldOfALoadThatOvertakesIt) {
  store_.Write("a/1/model.onnx", "10");
  store_.Write("a/2/model.onnx", "10");
  store_.Write("a/config.textproto", "versions { all {} }");
  StartAndSettle();
  const ModelHandle held = *repository_->Find("a", 1);
  std::promise<absl::Status> done;
  repository_->Unload("a", std::nullopt, [&](const absl::Status& s) { done.set_value(s); });
  Await([&] { return StatesOf("a") == "2:UNAVAILABLE 1:UNLOADING"; });
  ASSERT_THAT(Load("a", 1), IsOk());
  std::future<absl::Status> future = done.get_future();
  ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready);
  EXPECT_THAT(future.get(), StatusIs(absl::StatusCode::kAborted,
                                     HasSubstr("\"a\" version 1 was loaded again meanwhile")));
  EXPECT_EQ(StatesOf("a"), "2:UNAVAILABLE 1:READY");
}

TEST_F(RepositoryTest, AnUnloadDuringAReloadThatFailsEndsWhenTheLastRequestLetsGo) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  ModelHandle held = *repository_->Find("a", std::nullopt);
  store_.Write("a/1/model.onnx", "broken");
  loader_.Hold("a/1");
  std::promise<absl::Status> reloaded;
  ASSERT_TRUE(repository_->Reload("a", std::nullopt,
                                  [&](const absl::Status& s) { reloaded.set_value(s); }));
  loader_.AwaitLoadOf("a/1", 2);
  std::promise<absl::Status> done;
  repository_->Unload("a", std::nullopt, [&](const absl::Status& s) { done.set_value(s); });
  loader_.Release();
  EXPECT_THAT(reloaded.get_future().get(), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_EQ(StatesOf("a"), "1:UNLOADING");
  std::future<absl::Status> future = done.get_future();
  EXPECT_EQ(future.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  held.reset();
  ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready);
  EXPECT_THAT(future.get(), IsOk());
  EXPECT_EQ(StatesOf("a"), "1:UNAVAILABLE");
  EXPECT_THAT(repository_->Get("a")->versions[0].reason, HasSubstr("unloaded by request"));
}

TEST_F(RepositoryTest, ALoadThatFailsWhileTheLastOneDrainsIsUnavailableWhenThatIsGone) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  ModelHandle held = *repository_->Find("a", std::nullopt);
  repository_->Unload("a", std::nullopt, nullptr);
  store_.Write("a/1/model.onnx", "broken");
  EXPECT_THAT(Load("a"), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_EQ(StatesOf("a"), "1:UNLOADING");
  held.reset();
  Await([&] { return StatesOf("a") == "1:UNAVAILABLE"; });
  EXPECT_THAT(repository_->Get("a")->versions[0].reason, HasSubstr("not a model"));
}

TEST_F(RepositoryTest, WhatWasUnloadedStaysOutOverPollsUntilItIsLoaded) {
  store_.Write("a/1/model.onnx", "10");
  store_.Write("other/1/model.onnx", "10");
  StartAndSettle(absl::Milliseconds(1));
  ASSERT_THAT(Unload("a"), IsOk());
  store_.Write("a/2/model.onnx", "10");
  store_.Write("other/2/model.onnx", "10");
  Await([&] { return StatesOf("other") == "2:READY 1:UNAVAILABLE"; });
  EXPECT_EQ(loader_.loads("a/2"), 0);
  EXPECT_THAT(repository_->Find("a", std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("unloaded by request")));
  ASSERT_THAT(Load("a"), IsOk());
  EXPECT_EQ(Serving("a"), 2);
}

TEST_F(RepositoryTest, TheLastThatIsToldOfAModelIsHowItIs) {
  store_.Write("a/1/model.onnx", "10");
  const std::thread::id here = std::this_thread::get_id();
  std::promise<void> telling;
  std::promise<void> told_new;
  std::promise<void> told_late;
  std::atomic<int> served = 0;
  std::atomic<bool> serving = false;
  on_change_ = [&](std::optional<bool> serves) {
    // Where the last instance is freed: this is old news once the next load has begun, and nobody
    // may tell the new before it.
    const bool late = std::this_thread::get_id() != here && StatesOf("a") == "1:UNAVAILABLE";
    if (late) {
      telling.set_value();
      told_new.get_future().wait_for(kNobodyCame);
    }
    serving = serves.value_or(false);
    if (serving && ++served == 2) {
      told_new.set_value();
    }
    if (late) {
      told_late.set_value();
    }
  };
  StartAndSettle();
  EXPECT_TRUE(serving);
  repository_->Unload("a", std::nullopt, nullptr);
  telling.get_future().wait();
  ASSERT_THAT(Load("a"), IsOk());
  told_late.get_future().wait();
  EXPECT_TRUE(serving);
  on_change_ = nullptr;
  repository_.reset();
}

TEST_F(RepositoryTest, MoreOperationsThanMayWaitAreRefusedAtOnce) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  loader_.Hold("a/1");
  int ended = 0;  // on the loader's thread alone, until it has ended
  const auto reload = [&] {
    return repository_->Reload("a", std::nullopt, [&](const absl::Status&) { ++ended; });
  };
  ASSERT_TRUE(reload());
  loader_.AwaitLoadOf("a/1", 2);  // which waits no more
  for (int i = 0; i < Repository::kMaxWaiting; ++i) {
    ASSERT_TRUE(reload()) << i;
  }
  EXPECT_FALSE(reload());
  EXPECT_FALSE(repository_->Load("a", std::nullopt, [&](const absl::Status&) { ++ended; }));
  loader_.Release();
  repository_.reset();
  EXPECT_EQ(ended, Repository::kMaxWaiting + 1);
}

TEST_F(RepositoryTest, StoppingWaitsForNoLoadButTheOneInProgress) {
  store_.Write("a/config.textproto", "versions { all {} }");
  store_.Write("a/1/model.onnx", "10");
  store_.Write("a/2/model.onnx", "10");
  store_.Write("b/1/model.onnx", "10");
  loader_.Hold("a/2");
  Start();
  loader_.AwaitLoadOf("a/2");
  absl::Status waiting;
  ASSERT_TRUE(
      repository_->Load("b", std::nullopt, [&](const absl::Status& status) { waiting = status; }));
  repository_->Stop();
  EXPECT_THAT(waiting, StatusIs(absl::StatusCode::kCancelled, _));
  EXPECT_THAT(Load("a"), StatusIs(absl::StatusCode::kCancelled, _));
  loader_.Release();
  repository_.reset();
  EXPECT_EQ(loader_.loads("a/1"), 0);
  EXPECT_EQ(loader_.loads("b/1"), 0);
  EXPECT_EQ(settled_.get_future().wait_for(std::chrono::seconds(0)), std::future_status::timeout);
}

TEST_F(RepositoryTest, PollingLoadsWhatAppearsAndUnloadsWhatGoes) {
  StartAndSettle(absl::Milliseconds(1));
  store_.Write("a/1/model.onnx", "10");
  Await([&] { return Serving("a") == 1; });
  store_.Write("a/2/model.onnx", "10");
  Await([&] { return StatesOf("a") == "2:READY 1:UNAVAILABLE"; });
  std::filesystem::remove_all(store_.path() + "/a");
  Await([&] { return repository_->List().empty(); });
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("model=\"a\"")));
}

TEST_F(RepositoryTest, AFailedVersionIsTriedAgainOnlyWhenItsFileChanges) {
  store_.Write("a/1/model.onnx", "half of a file");
  store_.Write("other/1/model.onnx", "10");
  StartAndSettle(absl::Milliseconds(1));
  for (int version = 2; version < 5; ++version) {
    store_.Write(absl::StrCat("other/", version, "/model.onnx"), "10");
    Await([&] { return Serving("other") == version; });
  }
  EXPECT_EQ(loader_.loads("a/1"), 1);
  store_.Write("a/1/model.onnx", "10");
  Await([&] { return Serving("a") == 1; });
}

TEST_F(RepositoryTest, ThePolicyOfTheConfigurationIsRead) {
  store_.Write("a/config.textproto", "versions { specific { versions: [1, 3] } }");
  for (int version = 1; version <= 4; ++version) {
    store_.Write(absl::StrCat("a/", version, "/model.onnx"), "10");
  }
  StartAndSettle();
  EXPECT_EQ(StatesOf("a"), "4:UNAVAILABLE 3:READY 2:UNAVAILABLE 1:READY");
  EXPECT_EQ(Serving("a"), 3);
  EXPECT_EQ((*repository_->Find("a", 1))->version, 1);
}

TEST_F(RepositoryTest, WhatALabelNamesServesBesideThePolicysVersions) {
  for (int version = 1; version <= 4; ++version) {
    store_.Write(absl::StrCat("a/", version, "/model.onnx"), "10");
  }
  labelled_ = {2, 9};
  StartAndSettle();
  EXPECT_EQ(StatesOf("a"), "4:READY 3:UNAVAILABLE 2:READY 1:UNAVAILABLE");
  EXPECT_EQ(Serving("a"), 4);
  ASSERT_THAT(Reload("a"), IsOk());
  EXPECT_EQ(StatesOf("a"), "4:READY 3:UNAVAILABLE 2:READY 1:UNAVAILABLE");
}

TEST_F(RepositoryTest, AVersionBeyondThePolicyMayBeAskedForAndStays) {
  store_.Write("a/1/model.onnx", "10");
  store_.Write("a/2/model.onnx", "10");
  StartAndSettle();
  ASSERT_THAT(Load("a", 1), IsOk());
  ASSERT_THAT(Load("a"), IsOk());
  EXPECT_EQ(StatesOf("a"), "2:READY 1:READY");
  ASSERT_THAT(Unload("a", 1), IsOk());
  EXPECT_EQ(StatesOf("a"), "2:READY 1:UNAVAILABLE");
}

TEST_F(RepositoryTest, TheBudgetRefusesALoadWithTheFigures) {
  store_.Write("a/1/model.onnx", "700");
  store_.Write("b/1/model.onnx", "301");
  StartAndSettle();
  EXPECT_EQ(Serving("a"), 1);
  EXPECT_EQ(StatesOf("b"), "1:UNAVAILABLE");
  EXPECT_THAT(Load("b"), StatusIs(absl::StatusCode::kResourceExhausted,
                                  HasSubstr("loaded models use 0.0 MB of the memory budget")));
  ASSERT_THAT(Unload("a"), IsOk());
  EXPECT_THAT(Load("b"), IsOk());
}

TEST_F(RepositoryTest, AFileLargerThanTheBudgetIsNotEvenRead) {
  store_.Write("a/1/model.onnx", std::string(kBudget + 1, '1'));
  StartAndSettle();
  EXPECT_EQ(loader_.loads("a/1"), 0);
  EXPECT_THAT(repository_->Get("a")->versions[0].reason, HasSubstr("judged by its files"));
}

TEST_F(RepositoryTest, AnUnloadDuringALoadWins) {
  store_.Write("a/1/model.onnx", "10");
  store_.Write("b/1/model.onnx", "10");
  StartAndSettle();
  ASSERT_THAT(Unload("a"), IsOk());
  loader_.Hold("a/1");
  std::promise<absl::Status> loaded;
  ASSERT_TRUE(
      repository_->Load("a", std::nullopt, [&](const absl::Status& s) { loaded.set_value(s); }));
  loader_.AwaitLoadOf("a/1", 2);
  std::promise<absl::Status> done;
  repository_->Unload("a", std::nullopt, [&](const absl::Status& s) { done.set_value(s); });
  loader_.Release();
  EXPECT_THAT(loaded.get_future().get(),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("unloaded while it was loading")));
  std::future<absl::Status> future = done.get_future();
  ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(StatesOf("a"), "1:UNAVAILABLE");
  EXPECT_EQ(repository_->used_bytes(), 10);
}

TEST_F(RepositoryTest, OperationsOnWhatDoesNotExistAreNotFound) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  EXPECT_THAT(Load("z"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"z\"")));
  EXPECT_THAT(Load("a", 9), StatusIs(absl::StatusCode::kNotFound, HasSubstr("version 9")));
  EXPECT_THAT(Unload("z"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"z\"")));
  EXPECT_THAT(Unload("a", 9), StatusIs(absl::StatusCode::kNotFound, HasSubstr("version 9")));
  EXPECT_THAT(Reload("../a"), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

TEST_F(RepositoryTest, FindingWhileReloadingNeverFails) {
  store_.Write("a/1/model.onnx", "10");
  StartAndSettle();
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        failures += repository_->Find("a", std::nullopt).ok() ? 0 : 1;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(Reload("a"), IsOk());
  }
  stop = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(failures, 0);
  ASSERT_THAT(Unload("a"), IsOk());
  EXPECT_EQ(repository_->used_bytes(), 0);
}

}  // namespace
}  // namespace dnnd::server
