// The attributes of a node: named constants of an ONNX operator.
#ifndef DNND_ENGINE_IR_ATTRIBUTES_H_
#define DNND_ENGINE_IR_ATTRIBUTES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

struct Graph;

// A graph is never null; whoever changes one sets another.
using Attribute =
    std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>,
                 std::vector<std::string>, Tensor, std::shared_ptr<const Graph>>;

// A value type; ordered by name so that dumps are stable. A getter returns the default when the
// attribute is absent or has another type (the importer has checked the types against the operator
// before).
class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<std::pair<const std::string, Attribute>> entries)  // NOLINT
      : entries_(entries) {}

  void Set(std::string name, Attribute value) {
    entries_.insert_or_assign(std::move(name), std::move(value));
  }
  void Remove(absl::string_view name) { entries_.erase(std::string(name)); }
  bool Has(absl::string_view name) const { return Find(name) != nullptr; }

  int64_t Int(absl::string_view name, int64_t absent) const { return Get<int64_t>(name, absent); }
  float Float(absl::string_view name, float absent) const { return Get<float>(name, absent); }
  std::string String(absl::string_view name, absl::string_view absent) const {
    return Get<std::string>(name, std::string(absent));
  }
  std::vector<int64_t> Ints(absl::string_view name, std::vector<int64_t> absent = {}) const {
    return Get<std::vector<int64_t>>(name, std::move(absent));
  }
  std::vector<float> Floats(absl::string_view name, std::vector<float> absent = {}) const {
    return Get<std::vector<float>>(name, std::move(absent));
  }
  // Undefined when absent.
  Tensor TensorValue(absl::string_view name) const { return Get<Tensor>(name, Tensor()); }
  // Null when absent; lives as long as the attribute or a copy of it.
  const Graph* Subgraph(absl::string_view name) const {
    return Get<std::shared_ptr<const Graph>>(name, nullptr).get();
  }
  // Every graph among them with its name; both live as long as the attributes stay as they are.
  std::vector<std::pair<absl::string_view, const Graph*>> Subgraphs() const {
    std::vector<std::pair<absl::string_view, const Graph*>> graphs;
    for (const auto& [name, value] : entries_) {
      if (const auto* graph = std::get_if<std::shared_ptr<const Graph>>(&value)) {
        graphs.emplace_back(name, graph->get());
      }
    }
    return graphs;
  }

  const std::map<std::string, Attribute>& entries() const { return entries_; }

 private:
  const Attribute* Find(absl::string_view name) const {
    const auto it = entries_.find(std::string(name));
    return it == entries_.end() ? nullptr : &it->second;
  }
  template <typename T>
  T Get(absl::string_view name, T absent) const {
    const Attribute* found = Find(name);
    const T* value = found == nullptr ? nullptr : std::get_if<T>(found);
    return value == nullptr ? std::move(absent) : *value;
  }

  std::map<std::string, Attribute> entries_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_IR_ATTRIBUTES_H_
