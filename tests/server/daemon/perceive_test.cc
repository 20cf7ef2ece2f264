#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/server/daemon/running_server.h"

namespace dnnd::server {
namespace {

using ::testing::HasSubstr;

class PerceiveTest : public RunningServer {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::StreamClassifyRequest, v1::StreamClassifyResponse>;

  static v1::PerceiveRequest Ask(const std::vector<const char*>& models) {
    v1::PerceiveRequest request;
    request.mutable_image()->set_encoded(Picture("star_0.jpeg"));
    for (const char* model : models) {
      request.add_tasks()->mutable_model()->set_name(model);
    }
    return request;
  }

  grpc::Status Perceive(const v1::PerceiveRequest& request, v1::PerceiveResponse* response) const {
    grpc::ClientContext context;
    return vision_->Perceive(&context, request, response);
  }

  v1::MemoryStatus Held() const {
    grpc::ClientContext context;
    v1::GetStatusResponse response;
    EXPECT_TRUE(admin_->GetStatus(&context, {}, &response).ok());
    return response.memory();
  }

  static v1::StreamClassifyRequest Frame(int64_t id, const char* model = "") {
    v1::StreamClassifyRequest message;
    if (*model != 0) {
      message.mutable_model()->set_name(model);
    }
    message.mutable_frame()->set_id(id);
    message.mutable_frame()->mutable_image()->set_encoded(Picture("moon_0.jpeg"));
    return message;
  }
};

TEST_F(PerceiveTest, EveryTaskAnswersAsItsModelDoesAlone) {
  v1::PerceiveRequest request = Ask({"shapes", "shapes"});
  request.mutable_tasks(1)->mutable_classify()->set_top_k(2);
  v1::PerceiveResponse response;
  const grpc::Status status = Perceive(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::ClassifyResponse alone;
  ASSERT_TRUE(Classify(RunningServer::Ask(request.image().encoded()), &alone).ok());
  ASSERT_EQ(response.results_size(), 2);
  EXPECT_EQ(response.results(0).classification().SerializeAsString(),
            alone.results(0).SerializeAsString());
  EXPECT_EQ(response.results(1).classification().categories_size(), 2);
  EXPECT_GT(response.width(), 0);
}

TEST_F(PerceiveTest, OneTaskThatFailsFailsTheRequestAndHoldsNothing) {
  v1::PerceiveResponse response;
  const std::vector<std::vector<const char*>> lists = {{"shapes", "nobody", "shapes"},
                                                       {"shapes", "nobody"}};
  for (const std::vector<const char*>& models : lists) {
    const grpc::Status status = Perceive(Ask(models), &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_THAT(status.error_message(), HasSubstr("tasks[1]"));
    EXPECT_EQ(ReasonOf(status), "MODEL_NOT_FOUND");
  }
  EXPECT_EQ(Held().queued_bytes(), 0);
}

TEST_F(PerceiveTest, ACallerThatGoesLeavesNothingBehind) {
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext context;
    std::atomic<bool> over = false;
    std::thread canceller([&] {
      // It is in, or was answered already.
      while (!over && Held().queued_bytes() == 0) {
        std::this_thread::yield();
      }
      context.TryCancel();
    });
    v1::PerceiveResponse response;
    vision_->Perceive(&context, Ask({"shapes", "shapes", "shapes"}), &response);
    over = true;
    canceller.join();
  }
  v1::PerceiveResponse response;
  EXPECT_TRUE(Perceive(Ask({"shapes"}), &response).ok());
  EXPECT_TRUE(server_->Drain()) << "a request never ended";
}

TEST_F(PerceiveTest, AStreamAnswersFrameByFrameUntilItsClientCloses) {
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = vision_->StreamClassify(&context);
  v1::StreamClassifyResponse reply;
  for (const int64_t id : {5, -3, 9}) {
    ASSERT_TRUE(stream->Write(Frame(id, id == 5 ? "shapes" : "")));
    ASSERT_TRUE(stream->Read(&reply));
    EXPECT_EQ(reply.frame().id(), id);
    EXPECT_EQ(reply.result().categories(0).label(), "moon");
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_TRUE(stream->Finish().ok());
  const auto& trailers = context.GetServerTrailingMetadata();
  ASSERT_EQ(trailers.count("x-frames-dropped"), 1);
  EXPECT_EQ(trailers.find("x-frames-dropped")->second, "0");
}

TEST_F(PerceiveTest, AnIdleStreamDoesNotHoldTheDaemonUp) {
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = vision_->StreamClassify(&context);
  v1::StreamClassifyResponse reply;
  ASSERT_TRUE(stream->Write(Frame(1, "shapes")));
  ASSERT_TRUE(stream->Read(&reply));
  EXPECT_TRUE(server_->Drain());
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(ReasonOf(stream->Finish()), "SERVER_DRAINING");
}

}  // namespace
}  // namespace dnnd::server
