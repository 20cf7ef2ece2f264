// Which classes of boxes a user wants, by index or by name.
#ifndef DNND_CLIENT_COMMANDS_CLASS_FILTER_H_
#define DNND_CLIENT_COMMANDS_CLASS_FILTER_H_

#include <dnnd/v1/vision.pb.h>

#include <set>
#include <string>
#include <vector>

namespace dnnd::client {

// Of one picture: the daemon's own bound.
inline constexpr int kMostDetections = 1000;

// The daemon takes indices alone, and tells labels only in its answers. So indices are left to it,
// but as soon as there is a name every box is asked for, and those of other classes are taken out
// of the answer here. A value.
class ClassFilter {
 public:
  // Words of --classes: what is a whole number is an index. Names are compared without case.
  explicit ClassFilter(const std::vector<std::string>& words);

  // Asks for what Apply needs.
  void Ask(dnnd::v1::DetectOptions& options) const;

  // Takes out what was not asked for, and then what is beyond `max_detections` of a picture; 0 is
  // no bound.
  void Apply(int max_detections, dnnd::v1::DetectResponse& reply);

  // Names that no box of any answer had, as the user wrote them, in their order.
  std::vector<std::string> NamesNotSeen() const;

 private:
  bool Wants(const dnnd::v1::Category& category);

  std::set<int> indices_;
  std::vector<std::string> names_;
  std::set<std::string> seen_;  // in small letters
};

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_CLASS_FILTER_H_
