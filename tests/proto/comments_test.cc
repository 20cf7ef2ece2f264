// Rules that every .proto file keeps: comments everywhere, names by the book.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace dnnd {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::SourceLocation;
using ::testing::IsEmpty;

class ProtoRulesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream stream(DNND_DESCRIPTORS, std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    ASSERT_TRUE(set.ParseFromIstream(&stream));
    for (const auto& proto : set.file()) {
      const FileDescriptor* file = pool_.BuildFile(proto);
      ASSERT_NE(file, nullptr) << proto.name();
      if (absl::StartsWith(proto.name(), "google/protobuf/")) continue;
      files_.push_back(file);
      for (int i = 0; i < file->message_type_count(); ++i) Collect(file->message_type(i));
      for (int i = 0; i < file->enum_type_count(); ++i) enums_.push_back(file->enum_type(i));
    }
    ASSERT_GE(files_.size(), 10);
    ASSERT_GE(messages_.size(), 50);
  }

  void Collect(const Descriptor* message) {
    if (message->options().map_entry()) return;
    messages_.push_back(message);
    for (int i = 0; i < message->nested_type_count(); ++i) Collect(message->nested_type(i));
    for (int i = 0; i < message->enum_type_count(); ++i) enums_.push_back(message->enum_type(i));
  }

  template <typename Element>
  void Check(const Element* element) {
    SourceLocation location;
    const bool found = element->GetSourceLocation(&location);
    if (!found || absl::StripAsciiWhitespace(location.leading_comments).empty()) {
      silent_.push_back(element->full_name());
    }
  }

  DescriptorPool pool_;
  std::vector<const FileDescriptor*> files_;
  std::vector<const Descriptor*> messages_;
  std::vector<const EnumDescriptor*> enums_;
  std::vector<std::string> silent_;
};

TEST_F(ProtoRulesTest, EveryServiceAndMethodHasAComment) {
  for (const FileDescriptor* file : files_) {
    for (int i = 0; i < file->service_count(); ++i) {
      Check(file->service(i));
      for (int k = 0; k < file->service(i)->method_count(); ++k) Check(file->service(i)->method(k));
    }
  }
  EXPECT_THAT(silent_, IsEmpty());
}

TEST_F(ProtoRulesTest, EveryMessageAndFieldHasAComment) {
  for (const Descriptor* message : messages_) {
    Check(message);
    for (int i = 0; i < message->field_count(); ++i) Check(message->field(i));
    for (int i = 0; i < message->real_oneof_decl_count(); ++i) Check(message->oneof_decl(i));
  }
  EXPECT_THAT(silent_, IsEmpty());
}

TEST_F(ProtoRulesTest, EveryEnumAndValueHasAComment) {
  for (const EnumDescriptor* type : enums_) {
    Check(type);
    for (int i = 0; i < type->value_count(); ++i) Check(type->value(i));
  }
  EXPECT_THAT(silent_, IsEmpty());
}

TEST_F(ProtoRulesTest, OurEnumsStartUnspecified) {
  for (const EnumDescriptor* type : enums_) {
    if (type->file()->package() != "dnnd.v1") continue;
    EXPECT_EQ(type->value(0)->number(), 0) << type->full_name();
    EXPECT_TRUE(absl::EndsWith(type->value(0)->name(), "_UNSPECIFIED")) << type->full_name();
  }
}

TEST_F(ProtoRulesTest, OurConfigurationTellsUnsetFromZero) {
  // Every number that a person may leave out has a default other than zero, or a meaning of zero.
  // Those whose comment says that zero cannot be are exempt: Preprocess fields whose zero is no
  // size, and its pad_value, whose default is 0.
  for (const Descriptor* message : messages_) {
    if (message->file()->name() != "dnnd/v1/config.proto" || message->name() == "Preprocess")
      continue;
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor* field = message->field(i);
      const bool number = field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
                          field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
                          field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
      if (!number || field->is_repeated()) continue;
      EXPECT_TRUE(field->has_presence()) << field->full_name();
    }
  }
}

TEST_F(ProtoRulesTest, AFileHoldsAtMostOneService) {
  for (const FileDescriptor* file : files_) EXPECT_LE(file->service_count(), 1) << file->name();
}

TEST_F(ProtoRulesTest, AMethodHasMessagesOfItsOwnName) {
  for (const FileDescriptor* file : files_) {
    if (file->package() != "dnnd.v1") continue;
    for (int i = 0; i < file->service_count(); ++i) {
      for (int k = 0; k < file->service(i)->method_count(); ++k) {
        const auto* method = file->service(i)->method(k);
        EXPECT_EQ(method->input_type()->name(), method->name() + "Request");
        EXPECT_EQ(method->output_type()->name(), method->name() + "Response");
      }
    }
  }
}

}  // namespace
}  // namespace dnnd
