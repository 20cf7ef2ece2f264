#include <gmock/gmock.h>

#include <cstring>
#include <vector>

#include "tests/server/daemon/running_server.h"

namespace dnnd::server {
namespace {

using ::testing::HasSubstr;

class PredictTest : public RunningServer {
 protected:
  void SetUp() override {
    RunningServer::SetUp();
    grpc::ClientContext context;
    v1::GetModelRequest request;
    request.set_name("shapes");
    v1::GetModelResponse response;
    ASSERT_TRUE(models_->GetModel(&context, request, &response).ok());
    signature_ = response.model().versions(0).signature();
  }

  // `rows` rows for the model's only input, each of another constant.
  v1::PredictRequest Ask(int rows) const {
    v1::PredictRequest request;
    request.mutable_model()->set_name("shapes");
    v1::Tensor& tensor = (*request.mutable_inputs())[signature_.inputs(0).name()];
    tensor.set_data_type(v1::DATA_TYPE_FP32);
    tensor.add_shape(rows);
    int64_t elements = 1;
    for (int i = 1; i < signature_.inputs(0).shape_size(); ++i) {
      tensor.add_shape(signature_.inputs(0).shape(i).size());
      elements *= signature_.inputs(0).shape(i).size();
    }
    for (int row = 0; row < rows; ++row) {
      const std::vector<float> values(elements, 0.1f * static_cast<float>(row));
      tensor.mutable_contents()->append(reinterpret_cast<const char*>(values.data()),
                                        values.size() * sizeof(float));
    }
    return request;
  }

  v1::Tensor& Input(v1::PredictRequest& request) const {
    return (*request.mutable_inputs())[signature_.inputs(0).name()];
  }

  grpc::Status Predict(const v1::PredictRequest& request,
                       v1::PredictResponse* response = nullptr) const {
    grpc::ClientContext context;
    v1::PredictResponse ignored;
    return predict_->Predict(&context, request, response == nullptr ? &ignored : response);
  }

  std::vector<float> Output(const v1::PredictResponse& response) const {
    const std::string& bytes = response.outputs().at(signature_.outputs(0).name()).contents();
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  v1::ModelSignature signature_;
};

TEST_F(PredictTest, AnswersRowsTogetherAsItAnswersThemAlone) {
  constexpr int kRows = 21;
  v1::PredictResponse together;
  const grpc::Status status = Predict(Ask(kRows), &together);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::PredictResponse first;
  ASSERT_TRUE(Predict(Ask(1), &first).ok());
  const std::vector<float> all = Output(together);
  const std::vector<float> one = Output(first);
  ASSERT_EQ(all.size(), kRows * one.size());
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_NEAR(all[i], one[i], 1e-4f * (1.0f + std::abs(one[i])));  // sums in another order
  }
  EXPECT_EQ(together.outputs().at(signature_.outputs(0).name()).shape(0), kRows);
}

TEST_F(PredictTest, RefusesTensorsThatDoNotFitSayingBothSides) {
  struct Case {
    const char* name;
    std::function<void(v1::PredictRequest&)> spoil;
    const char* reason;
    const char* message;
  };
  const std::string input = signature_.inputs(0).name();
  const Case cases[] = {
      {"missing", [](auto& r) { r.clear_inputs(); }, "TENSOR_UNKNOWN", "missing, want float32"},
      {"unknown input",
       [](auto& r) { (*r.mutable_inputs())["nobody"].set_data_type(v1::DATA_TYPE_BOOL); },
       "TENSOR_UNKNOWN", "\"nobody\""},
      {"unknown output", [](auto& r) { r.add_outputs("nobody"); }, "TENSOR_UNKNOWN", "nobody"},
      {"another type", [&](auto& r) { Input(r).set_data_type(v1::DATA_TYPE_INT32); },
       "TENSOR_TYPE_MISMATCH", "got int32, want float32"},
      {"no type", [&](auto& r) { Input(r).clear_data_type(); }, "TENSOR_TYPE_MISMATCH",
       "want float32"},
      {"too short", [&](auto& r) { Input(r).mutable_contents()->pop_back(); },
       "TENSOR_SHAPE_MISMATCH", "bytes of contents"},
      {"a rank less", [&](auto& r) { Input(r).mutable_shape()->Truncate(1); },
       "TENSOR_SHAPE_MISMATCH", input.c_str()},
      {"negative", [&](auto& r) { Input(r).set_shape(0, -1); }, "TENSOR_SHAPE_MISMATCH",
       "negative"},
      {"overflowing",
       [&](auto& r) {
         Input(r).set_shape(0, int64_t{1} << 62);
         Input(r).set_shape(1, int64_t{1} << 62);
       },
       "TENSOR_SHAPE_MISMATCH", input.c_str()},
      {"no rows",
       [&](auto& r) {
         Input(r).set_shape(0, 0);
         Input(r).clear_contents();
       },
       "TENSOR_SHAPE_MISMATCH", "one row"},
  };
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.name);
    v1::PredictRequest request = Ask(2);
    bad.spoil(request);
    const grpc::Status status = Predict(request);
    EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(status), bad.reason) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(bad.message));
  }
  EXPECT_TRUE(Predict(Ask(2)).ok());
}

TEST_F(PredictTest, ReturnsOnlyTheOutputsThatWereAskedFor) {
  v1::PredictRequest request = Ask(1);
  request.add_outputs(signature_.outputs(0).name());
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(request, &response).ok());
  EXPECT_EQ(response.outputs_size(), 1);
}

}  // namespace
}  // namespace dnnd::server
