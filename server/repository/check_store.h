// What is wrong with the texts of a model store, found without loading a model.
#ifndef DNND_SERVER_REPOSITORY_CHECK_STORE_H_
#define DNND_SERVER_REPOSITORY_CHECK_STORE_H_

#include <string>
#include <vector>

namespace dnnd::server {

// Reads the configuration and the labels of every model in the store at `root`, as loads would.
// One line for each fault, "path:line:column: what is wrong" where the place is known; none when
// all is fine. A store that cannot be listed is one fault.
std::vector<std::string> FindFaultsOfStore(const std::string& root);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_CHECK_STORE_H_
