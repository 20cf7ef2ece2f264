// Makes hostile bytes out of good ones, the same every time for one seed.
#ifndef DNND_TESTS_FUZZ_MUTATOR_H_
#define DNND_TESTS_FUZZ_MUTATOR_H_

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace dnnd::testing {

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  // One of `seeds`, changed in one to four places.
  std::string Next(const std::vector<std::string>& seeds) {
    std::string bytes = seeds[Below(seeds.size())];
    for (uint64_t change = Below(4) + 1; change > 0; --change) {
      Change(bytes, seeds[Below(seeds.size())]);
    }
    return bytes;
  }

 private:
  uint64_t Below(uint64_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void Change(std::string& bytes, const std::string& other) {
    const size_t place = Below(bytes.size());
    const size_t length = Below(std::min<size_t>(bytes.size() - place, 64)) + 1;
    switch (Below(8)) {
      case 0:  // a bit
        if (!bytes.empty()) bytes[place] ^= static_cast<char>(1 << Below(8));
        break;
      case 1:  // a byte
        if (!bytes.empty()) bytes[place] = static_cast<char>(random_());
        break;
      case 2:  // the end is missing
        bytes.resize(place);
        break;
      case 3:  // a part is missing
        bytes.erase(place, length);
        break;
      case 4:  // a part stands twice
        bytes.insert(place, bytes.substr(place, length));
        break;
      case 5: {  // a length or an extent beyond all bounds
        static const std::string kVarints[] = {
            "\xff\xff\xff\xff\x0f", "\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", std::string("\x80\x80\x80\x80\x10"),
            std::string(1, '\0')};
        const std::string& varint = kVarints[Below(std::size(kVarints))];
        bytes.replace(place, std::min<size_t>(length, 1 + Below(2)), varint);
        break;
      }
      case 6:  // a part of another seed
        bytes.insert(place, other.substr(Below(other.size()), length));
        break;
      default:  // a small number, as field numbers and types are
        if (!bytes.empty()) bytes[place] = static_cast<char>(Below(24));
    }
  }

  std::mt19937_64 random_;
};

}  // namespace dnnd::testing

#endif  // DNND_TESTS_FUZZ_MUTATOR_H_
