#include <gmock/gmock.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "tests/server/daemon/running_server.h"

namespace dnnd::server {
namespace {

using ::testing::HasSubstr;

// Two runs of one row at other batch sizes sum in another order: some 1e-7 of a probability.
constexpr float kSameScore = 1e-5f;

using ClassifyTest = RunningServer;

TEST_F(ClassifyTest, NamesTheShapeInEveryPictureItComesWith) {
  for (const auto& file : std::filesystem::directory_iterator(DNND_MODELS_DIR "/pictures")) {
    const std::string name = file.path().filename();
    v1::ClassifyResponse response;
    const grpc::Status status = Classify(Ask(Picture(name)), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(response.results_size(), 1);
    ASSERT_EQ(response.results(0).categories_size(), 5);
    EXPECT_EQ(response.results(0).categories(0).label(), name.substr(0, name.find('_')));
    EXPECT_EQ(response.model().version(), 1);
    EXPECT_GT(response.timings().compute_ms(), 0);
    EXPECT_GE(response.timings().total_ms(), response.timings().compute_ms());
  }
}

TEST_F(ClassifyTest, AnswersManyPicturesInTheirOrderAsItAnswersEachAlone) {
  const std::vector<std::string> names = {"star_0.jpeg", "circle_0.png", "moon_0.jpeg"};
  v1::ClassifyRequest many = Ask(Picture(names[0]));
  for (int i = 1; i < 60; ++i) {
    many.add_images()->set_encoded(Picture(names[i % 3]));
  }
  v1::ClassifyResponse together;
  ASSERT_TRUE(Classify(many, &together).ok());
  ASSERT_EQ(together.results_size(), 60);
  for (int i = 0; i < 60; ++i) {
    v1::ClassifyResponse alone;
    ASSERT_TRUE(Classify(Ask(Picture(names[i % 3])), &alone).ok());
    const v1::Category& best = together.results(i).categories(0);
    EXPECT_EQ(best.label(), names[i % 3].substr(0, names[i % 3].find('_')));
    EXPECT_NEAR(best.score(), alone.results(0).categories(0).score(), kSameScore);
  }
}

TEST_F(ClassifyTest, TakesRawPixelsAndAnyNumberOfClasses) {
  v1::ClassifyRequest request;
  request.mutable_model()->set_name("shapes");
  v1::RawImage* raw = request.add_images()->mutable_raw();
  raw->set_width(40);
  raw->set_height(30);
  raw->set_format(v1::RawImage::GRAY);
  raw->set_pixels(std::string(40 * 30, '\x7f'));
  request.mutable_options()->set_top_k(0);
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify(request, &response).ok());
  float sum = 0;
  for (const v1::Category& category : response.results(0).categories()) {
    sum += category.score();
  }
  EXPECT_NEAR(sum, 1.0f, kSameScore);
}

struct BadRequest {
  const char* name;
  std::function<void(v1::ClassifyRequest&)> spoil;
  grpc::StatusCode code;
  const char* reason;
  const char* message;
};

TEST_F(ClassifyTest, RefusesEveryBadRequestWithItsReason) {
  const std::string good = Picture("star_0.jpeg");
  const BadRequest cases[] = {
      {"an empty list", [](auto& r) { r.clear_images(); }, grpc::INVALID_ARGUMENT,
       "INVALID_REQUEST", "images: got no picture"},
      {"a cut JPEG", [&](auto& r) { r.add_images()->set_encoded(good.substr(0, 600)); },
       grpc::INVALID_ARGUMENT, "IMAGE_UNDECODABLE", "images[1]"},
      {"no picture", [](auto& r) { r.add_images(); }, grpc::INVALID_ARGUMENT, "INVALID_REQUEST",
       "images[1]"},
      {"a huge PNG header",
       [](auto& r) { r.add_images()->set_encoded(testing::PngHeader(30000, 30000)); },
       grpc::INVALID_ARGUMENT, "IMAGE_TOO_MANY_PIXELS", "30000 x 30000"},
      {"raw pixels of another length",
       [](auto& r) {
         r.mutable_images(0)->mutable_raw()->set_width(2);
         r.mutable_images(0)->mutable_raw()->set_height(2);
       },
       grpc::INVALID_ARGUMENT, "INVALID_REQUEST", "want 2 x 2 x 3 = 12"},
      {"too many pictures",
       [&](auto& r) {
         for (int i = 0; i < 256; ++i) {
           r.add_images()->set_encoded(good);
         }
       },
       grpc::INVALID_ARGUMENT, "TOO_MANY_IMAGES", "got more than 256 pictures, want at most 256"},
      {"a negative top_k", [](auto& r) { r.mutable_options()->set_top_k(-1); },
       grpc::INVALID_ARGUMENT, "INVALID_REQUEST", "options.top_k"},
      {"an unknown model", [](auto& r) { r.mutable_model()->set_name("nobody"); }, grpc::NOT_FOUND,
       "MODEL_NOT_FOUND", "nobody"},
      {"a name that leaves the store", [](auto& r) { r.mutable_model()->set_name("../shapes"); },
       grpc::INVALID_ARGUMENT, "INVALID_REQUEST", "model.name"},
      {"an unknown version", [](auto& r) { r.mutable_model()->set_version(7); }, grpc::NOT_FOUND,
       "MODEL_NOT_FOUND", "7"},
      {"version 0", [](auto& r) { r.mutable_model()->set_version(0); }, grpc::INVALID_ARGUMENT,
       "INVALID_REQUEST", "model.version"},
      {"an unknown label", [](auto& r) { r.mutable_model()->set_version_label("stable"); },
       grpc::NOT_FOUND, "MODEL_NOT_FOUND", "label"},
  };
  for (const BadRequest& bad : cases) {
    SCOPED_TRACE(bad.name);
    v1::ClassifyRequest request = Ask(good);
    bad.spoil(request);
    const grpc::Status status = Classify(request);
    EXPECT_EQ(status.error_code(), bad.code);
    EXPECT_EQ(ReasonOf(status), bad.reason);
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).domain(), "dnnd");
    EXPECT_THAT(status.error_message(), HasSubstr(bad.message));
    EXPECT_FALSE(DetailOf<google::rpc::RequestInfo>(status).request_id().empty());
    EXPECT_TRUE(Classify(Ask(good)).ok());  // and the server is none the worse for it
  }
}

TEST_F(ClassifyTest, BadNeighboursAndHugeMessagesHarmNobody) {
  const std::string good = Picture("star_0.jpeg");
  std::thread neighbours([&] {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(Classify(Ask(good.substr(0, 600 + i))).error_code(), grpc::INVALID_ARGUMENT);
    }
    EXPECT_EQ(Classify(Ask(std::string(300 << 20, 'x'))).error_code(), grpc::RESOURCE_EXHAUSTED);
  });
  for (int i = 0; i < 40; ++i) {
    v1::ClassifyResponse response;
    const grpc::Status status = Classify(Ask(good), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.results(0).categories(0).label(), "star");
  }
  neighbours.join();
}

TEST_F(ClassifyTest, TakesTheRequestIdOfTheClientOrMakesOne) {
  const auto id_of = [&](const std::string& sent, const v1::ClassifyRequest& request) {
    grpc::ClientContext context;
    if (!sent.empty()) {
      context.AddMetadata("x-request-id", sent);
    }
    v1::ClassifyResponse response;
    const grpc::Status status = vision_->Classify(&context, request, &response);
    const auto& metadata = context.GetServerInitialMetadata();
    const auto found = metadata.find("x-request-id");
    EXPECT_NE(found, metadata.end());
    std::string id(found->second.data(), found->second.size());
    if (!status.ok()) {
      EXPECT_EQ(DetailOf<google::rpc::RequestInfo>(status).request_id(), id);
    }
    return id;
  };
  const v1::ClassifyRequest good = Ask(Picture("star_0.jpeg"));
  EXPECT_EQ(id_of("mine-1", good), "mine-1");
  EXPECT_EQ(id_of("mine-2", Ask("")), "mine-2");
  EXPECT_NE(id_of("", good), id_of("", good));
  EXPECT_NE(id_of(std::string(129, 'x'), good), std::string(129, 'x'));
}

TEST_F(ClassifyTest, RefusesAtOnceADeadlineThatNoServerCouldKeep) {
  v1::ClassifyRequest request = Ask(Picture("star_0.jpeg"));
  for (int i = 1; i < 256; ++i) {
    request.add_images()->set_encoded(Picture("star_0.jpeg"));
  }
  grpc::ClientContext context;
  // Ten times what the call takes to get here, and a hundredth of what 256 pictures take.
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(30));
  v1::ClassifyResponse response;
  EXPECT_EQ(vision_->Classify(&context, request, &response).error_code(), grpc::DEADLINE_EXCEEDED);
}

}  // namespace
}  // namespace dnnd::server
