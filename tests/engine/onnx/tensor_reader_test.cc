#include "engine/onnx/tensor_reader.h"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::dnnd::testing::TempDir;
using ::testing::HasSubstr;

onnx::TensorProto Header(int type, const std::vector<int64_t>& dims) {
  onnx::TensorProto tensor;
  tensor.set_data_type(type);
  tensor.mutable_dims()->Add(dims.begin(), dims.end());
  return tensor;
}

absl::StatusOr<Tensor> Read(const onnx::TensorProto& proto, const std::string& directory = "") {
  absl::StatusOr<Constant> constant = TensorReader(nullptr, directory).Read(proto);
  if (!constant.ok()) {
    return constant.status();
  }
  return constant->Materialize();
}

template <typename T>
void ExpectElements(const onnx::TensorProto& proto, DataType type, const std::vector<T>& want) {
  const absl::StatusOr<Tensor> tensor = Read(proto);
  ASSERT_THAT(tensor, IsOk());
  ASSERT_EQ(tensor->type(), type);
  ASSERT_EQ(tensor->num_elements(), static_cast<int64_t>(want.size()));
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(tensor->data<T>()[i], want[i]) << "element " << i;
  }
}

TEST(TensorReader, ReadsFloatsFromTheirTypedField) {
  onnx::TensorProto proto = Header(onnx::TensorProto::FLOAT, {2, 2});
  for (const float value : {1.5f, -2.f, 0.f, 3.f}) proto.add_float_data(value);
  ExpectElements<float>(proto, DataType::kFloat32, {1.5f, -2.f, 0.f, 3.f});
}

TEST(TensorReader, ReadsDoublesFromTheirTypedField) {
  onnx::TensorProto proto = Header(onnx::TensorProto::DOUBLE, {2});
  proto.add_double_data(1e300);
  proto.add_double_data(-0.5);
  ExpectElements<double>(proto, DataType::kFloat64, {1e300, -0.5});
}

TEST(TensorReader, ReadsNarrowIntegersFromInt32Data) {
  onnx::TensorProto proto = Header(onnx::TensorProto::INT8, {2});
  proto.add_int32_data(-128);
  proto.add_int32_data(127);
  ExpectElements<int8_t>(proto, DataType::kInt8, {-128, 127});
  proto.set_data_type(onnx::TensorProto::INT16);
  ExpectElements<int16_t>(proto, DataType::kInt16, {-128, 127});
  proto.set_data_type(onnx::TensorProto::INT32);
  ExpectElements<int32_t>(proto, DataType::kInt32, {-128, 127});
  proto.set_int32_data(0, 255);
  proto.set_data_type(onnx::TensorProto::UINT8);
  ExpectElements<uint8_t>(proto, DataType::kUint8, {255, 127});
  proto.set_int32_data(0, 65535);
  proto.set_data_type(onnx::TensorProto::UINT16);
  ExpectElements<uint16_t>(proto, DataType::kUint16, {65535, 127});
}

TEST(TensorReader, ReadsSixteenBitFloatsAsBitsFromInt32Data) {
  onnx::TensorProto proto = Header(onnx::TensorProto::FLOAT16, {1});
  proto.add_int32_data(0x3c00);
  ExpectElements<uint16_t>(proto, DataType::kFloat16, {0x3c00});
  proto.set_data_type(onnx::TensorProto::BFLOAT16);
  ExpectElements<uint16_t>(proto, DataType::kBFloat16, {0x3c00});
}

TEST(TensorReader, ReadsWideIntegersFromTheirTypedFields) {
  onnx::TensorProto proto = Header(onnx::TensorProto::INT64, {1});
  proto.add_int64_data(INT64_MIN);
  ExpectElements<int64_t>(proto, DataType::kInt64, {INT64_MIN});
  proto = Header(onnx::TensorProto::UINT64, {1});
  proto.add_uint64_data(UINT64_MAX);
  ExpectElements<uint64_t>(proto, DataType::kUint64, {UINT64_MAX});
  proto = Header(onnx::TensorProto::UINT32, {1});
  proto.add_uint64_data(UINT32_MAX);
  ExpectElements<uint32_t>(proto, DataType::kUint32, {UINT32_MAX});
}

TEST(TensorReader, ReadsStrings) {
  onnx::TensorProto proto = Header(onnx::TensorProto::STRING, {2});
  proto.add_string_data("one");
  proto.add_string_data(std::string("t\0o", 3));
  ExpectElements<std::string>(proto, DataType::kString, {"one", std::string("t\0o", 3)});
}

TEST(TensorReader, TakesAnyByteOfABoolButZeroAsTrue) {
  onnx::TensorProto proto = Header(onnx::TensorProto::BOOL, {3});
  proto.set_raw_data(std::string("\0\x02\xff", 3));
  ExpectElements<bool>(proto, DataType::kBool, {false, true, true});
  proto.clear_raw_data();
  for (const int value : {0, 7, 1}) proto.add_int32_data(value);
  ExpectElements<bool>(proto, DataType::kBool, {false, true, true});
}

TEST(TensorReader, ReadsAScalarAndATensorWithoutElements) {
  onnx::TensorProto scalar = Header(onnx::TensorProto::FLOAT, {});
  scalar.add_float_data(4);
  ExpectElements<float>(scalar, DataType::kFloat32, {4});
  ExpectElements<float>(Header(onnx::TensorProto::FLOAT, {0, 3}), DataType::kFloat32, {});
}

TEST(TensorReader, LeavesLargeElementsInTheirFile) {
  std::string bytes(8 + 2048 * sizeof(float), '\0');
  const float value = 2.5f;
  std::memcpy(bytes.data() + 8 + 2047 * sizeof(float), &value, sizeof(value));
  TensorReader reader(BytesInMemory(bytes), "");
  const absl::StatusOr<Constant> constant =
      reader.Read(Header(onnx::TensorProto::FLOAT, {2048}), Payload{8, 2048 * sizeof(float)});
  ASSERT_THAT(constant, IsOk());
  EXPECT_EQ(constant->in_memory(), nullptr);
  EXPECT_EQ(constant->Materialize()->data<float>()[2047], value);
}

struct Refusal {
  const char* name;
  std::function<onnx::TensorProto()> proto;
  absl::StatusCode code;
  const char* message;
};

class TensorReaderRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(TensorReaderRefuses, WithAClearError) {
  EXPECT_THAT(Read(GetParam().proto()), StatusIs(GetParam().code, HasSubstr(GetParam().message)));
}

const Refusal kRefusals[] = {
    {"NegativeExtent",
     [] {
       return Header(onnx::TensorProto::FLOAT, {2, -1});
     },
     absl::StatusCode::kInvalidArgument, "negative extent"},
    {"ProductThatOverflows",
     [] {
       return Header(onnx::TensorProto::FLOAT, {INT64_MAX, INT64_MAX});
     },
     absl::StatusCode::kInvalidArgument, "more than"},
    {"ProductThatOverflowsBehindAZero",
     [] {
       return Header(onnx::TensorProto::FLOAT, {0, INT64_MAX, INT64_MAX});
     },
     absl::StatusCode::kInvalidArgument, "more than"},
    {"MoreBytesThanAnyTensor", [] { return Header(onnx::TensorProto::DOUBLE, {int64_t{1} << 37}); },
     absl::StatusCode::kInvalidArgument, "larger than"},
    {"ManyStringsThatAreNotThere",
     [] { return Header(onnx::TensorProto::STRING, {int64_t{1} << 32}); },
     absl::StatusCode::kInvalidArgument, "got 0 elements, wanted 4294967296"},
    {"RankAboveTheLimit",
     [] { return Header(onnx::TensorProto::FLOAT, std::vector<int64_t>(13, 1)); },
     absl::StatusCode::kInvalidArgument, "rank is 13"},
    {"RawDataTooShort",
     [] {
       onnx::TensorProto proto = Header(onnx::TensorProto::FLOAT, {2});
       proto.set_raw_data("1234567");
       return proto;
     },
     absl::StatusCode::kInvalidArgument, "got 7 bytes of raw_data, wanted 8"},
    {"TypedFieldTooLong",
     [] {
       onnx::TensorProto proto = Header(onnx::TensorProto::FLOAT, {});
       proto.add_float_data(1);
       proto.add_float_data(2);
       return proto;
     },
     absl::StatusCode::kInvalidArgument, "got 2 elements, wanted 1"},
    {"ElementsInAnotherTypesField",
     [] {
       onnx::TensorProto proto = Header(onnx::TensorProto::FLOAT, {1});
       proto.add_int32_data(1);
       return proto;
     },
     absl::StatusCode::kInvalidArgument, "got 0 elements, wanted 1"},
    {"RawStrings",
     [] {
       onnx::TensorProto proto = Header(onnx::TensorProto::STRING, {1});
       proto.set_raw_data("x");
       return proto;
     },
     absl::StatusCode::kInvalidArgument, "string_data"},
    {"NoElementType", [] { return Header(onnx::TensorProto::UNDEFINED, {}); },
     absl::StatusCode::kInvalidArgument, "element type is 0"},
    {"AnElementTypeThatOnnxDoesNotHave", [] { return Header(1000, {}); },
     absl::StatusCode::kInvalidArgument, "element type is 1000"},
    {"ComplexNumbers", [] { return Header(onnx::TensorProto::COMPLEX64, {}); },
     absl::StatusCode::kUnimplemented, "14"},
    {"Segments",
     [] {
       onnx::TensorProto proto = Header(onnx::TensorProto::FLOAT, {1});
       proto.mutable_segment()->set_begin(0);
       return proto;
     },
     absl::StatusCode::kUnimplemented, "segments"},
};

INSTANTIATE_TEST_SUITE_P(All, TensorReaderRefuses, ::testing::ValuesIn(kRefusals),
                         [](const auto& info) { return info.param.name; });

// Tensors outside of the model's file.
onnx::TensorProto External(const std::string& location, const std::string& offset = "",
                           const std::string& length = "") {
  onnx::TensorProto proto = Header(onnx::TensorProto::FLOAT, {2});
  proto.set_data_location(onnx::TensorProto::EXTERNAL);
  const auto add = [&](const std::string& key, const std::string& value) {
    if (!value.empty()) {
      auto& entry = *proto.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
  };
  add("location", location);
  add("offset", offset);
  add("length", length);
  return proto;
}

std::string TwoFloats() {
  const float values[] = {1, 2};
  return std::string(reinterpret_cast<const char*>(values), sizeof(values));
}

TEST(ExternalData, AreReadBesideTheModelAndInFoldersBelow) {
  const TempDir folder;
  folder.Write("weights.bin", "pad!" + TwoFloats());
  folder.Write("below/weights.bin", TwoFloats());
  EXPECT_THAT(Read(External("weights.bin", "4", "8"), folder.path()), IsOk());
  EXPECT_THAT(Read(External("weights.bin", "4"), folder.path()), IsOk());
  const absl::StatusOr<Tensor> tensor = Read(External("below/weights.bin"), folder.path());
  ASSERT_THAT(tensor, IsOk());
  EXPECT_EQ(tensor->data<float>()[1], 2);
}

TEST(ExternalData, NeverLeaveTheFolderOfTheModel) {
  const TempDir folder;
  const std::string outside = folder.Write("secret", TwoFloats());
  folder.Write("model/inside", TwoFloats());
  const std::string model = folder.path() + "/model";
  std::filesystem::create_symlink("../secret", model + "/link");
  std::filesystem::create_directory_symlink("..", model + "/up");
  std::filesystem::create_hard_link(outside, model + "/hard");
  for (const std::string& name :
       {std::string("../secret"), std::string("./../secret"), outside, std::string("link"),
        std::string("up/secret"), std::string("hard"), std::string("inside/../../secret")}) {
    EXPECT_FALSE(Read(External(name), model).ok()) << name;
  }
  EXPECT_THAT(Read(External("hard"), model),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("hard links")));
}

TEST(ExternalData, OfAnythingButARegularFileAreRefused) {
  const TempDir folder;
  std::filesystem::create_directory(folder.path() + "/folder");
  ASSERT_EQ(mkfifo((folder.path() + "/fifo").c_str(), 0600), 0);
  EXPECT_FALSE(Read(External("folder"), folder.path()).ok());
  EXPECT_FALSE(Read(External("fifo"), folder.path()).ok());
}

TEST(ExternalData, MustBeAsLongAsTheTensor) {
  const TempDir folder;
  folder.Write("w", TwoFloats());
  for (const onnx::TensorProto& proto :
       {External("w", "1"), External("w", "9"), External("w", "0", "4"), External("w", "0", "16"),
        External("w", "-1"), External("w", "x"), External("w", "9223372036854775807"),
        External("")}) {
    EXPECT_THAT(Read(proto, folder.path()),
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  }
  EXPECT_THAT(Read(External("missing"), folder.path()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("missing")));
}

TEST(ExternalData, NeedAFolder) {
  EXPECT_THAT(Read(External("w")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no folder")));
}

}  // namespace
}  // namespace dnnd::engine
