// What is wrong with a model store, as far as it shows without loading a model.
#ifndef DNND_SERVER_REPOSITORY_CHECK_STORE_H_
#define DNND_SERVER_REPOSITORY_CHECK_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace dnnd::server {

struct StoreCheck {
  int64_t models = 0;
  // What a load would fail for, one line each: "path:line:column: what is wrong" where the place is
  // known.
  std::vector<std::string> faults;
  // What would be passed over, one line each: "path: why".
  std::vector<std::string> warnings;
};

// Lists the store at `root` and reads the configuration and the labels of every model, as loads
// would. A store that cannot be listed is one fault.
StoreCheck CheckStore(const std::string& root);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_CHECK_STORE_H_
