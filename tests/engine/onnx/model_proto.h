// Short ways to write ONNX models for the tests of this folder.
#ifndef DNND_TESTS_ENGINE_ONNX_MODEL_PROTO_H_
#define DNND_TESTS_ENGINE_ONNX_MODEL_PROTO_H_

#include <onnx/onnx_pb.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "engine/onnx/import.h"

namespace dnnd::engine {

// A model of one opset with an empty graph.
inline onnx::ModelProto ModelOfOpset(int opset) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(opset);
  model.mutable_graph()->set_name("test");
  return model;
}

// float32; an extent below zero is "N".
inline void SetInfo(onnx::ValueInfoProto& info, const std::string& name,
                    const std::vector<int64_t>& dims) {
  info.set_name(name);
  auto& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape();
  for (const int64_t dim : dims) {
    if (dim < 0) {
      type.mutable_shape()->add_dim()->set_dim_param("N");
    } else {
      type.mutable_shape()->add_dim()->set_dim_value(dim);
    }
  }
}
inline void AddInput(onnx::ModelProto& model, const std::string& name,
                     const std::vector<int64_t>& dims) {
  SetInfo(*model.mutable_graph()->add_input(), name, dims);
}
// float32 unless said otherwise.
inline void AddOutput(onnx::GraphProto& graph, const std::string& name,
                      int type = onnx::TensorProto::FLOAT) {
  onnx::ValueInfoProto& info = *graph.add_output();
  info.set_name(name);
  info.mutable_type()->mutable_tensor_type()->set_elem_type(type);
}
inline void AddOutput(onnx::ModelProto& model, const std::string& name) {
  AddOutput(*model.mutable_graph(), name);
}

inline onnx::TensorProto FloatTensor(const std::string& name, const std::vector<int64_t>& dims,
                                     const std::vector<float>& values) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : dims) {
    tensor.add_dims(dim);
  }
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  return tensor;
}
inline void AddInitializer(onnx::ModelProto& model, onnx::TensorProto tensor) {
  *model.mutable_graph()->add_initializer() = std::move(tensor);
}

// A node with attributes added by chaining.
class NodeWriter {
 public:
  NodeWriter(onnx::ModelProto& model, const std::string& op, std::vector<std::string> inputs,
             std::vector<std::string> outputs)
      : NodeWriter(*model.mutable_graph(), op, std::move(inputs), std::move(outputs)) {}
  NodeWriter(onnx::GraphProto& graph, const std::string& op, std::vector<std::string> inputs,
             std::vector<std::string> outputs)
      : node_(*graph.add_node()) {
    node_.set_op_type(op);
    for (const std::string& input : inputs) {
      node_.add_input(input);
    }
    for (const std::string& output : outputs) {
      node_.add_output(output);
    }
  }
  NodeWriter& Name(const std::string& name) {
    node_.set_name(name);
    return *this;
  }
  NodeWriter& Int(const std::string& name, int64_t value) {
    Add(name, onnx::AttributeProto::INT).set_i(value);
    return *this;
  }
  NodeWriter& Float(const std::string& name, float value) {
    Add(name, onnx::AttributeProto::FLOAT).set_f(value);
    return *this;
  }
  NodeWriter& String(const std::string& name, const std::string& value) {
    Add(name, onnx::AttributeProto::STRING).set_s(value);
    return *this;
  }
  NodeWriter& Ints(const std::string& name, const std::vector<int64_t>& values) {
    Add(name, onnx::AttributeProto::INTS).mutable_ints()->Add(values.begin(), values.end());
    return *this;
  }
  NodeWriter& Floats(const std::string& name, const std::vector<float>& values) {
    Add(name, onnx::AttributeProto::FLOATS).mutable_floats()->Add(values.begin(), values.end());
    return *this;
  }
  NodeWriter& Strings(const std::string& name, const std::vector<std::string>& values) {
    onnx::AttributeProto& attribute = Add(name, onnx::AttributeProto::STRINGS);
    for (const std::string& value : values) {
      attribute.add_strings(value);
    }
    return *this;
  }
  NodeWriter& TensorValue(const std::string& name, onnx::TensorProto tensor) {
    *Add(name, onnx::AttributeProto::TENSOR).mutable_t() = std::move(tensor);
    return *this;
  }
  NodeWriter& Subgraph(const std::string& name, onnx::GraphProto graph) {
    *Add(name, onnx::AttributeProto::GRAPH).mutable_g() = std::move(graph);
    return *this;
  }
  onnx::NodeProto& proto() { return node_; }

 private:
  onnx::AttributeProto& Add(const std::string& name, onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto& attribute = *node_.add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }
  onnx::NodeProto& node_;
};

inline absl::StatusOr<Graph> Import(const onnx::ModelProto& model,
                                    const std::string& directory = "") {
  ImportOptions options;
  options.directory = directory;
  return ImportModel(BytesInMemory(model.SerializeAsString()), options);
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_ENGINE_ONNX_MODEL_PROTO_H_
