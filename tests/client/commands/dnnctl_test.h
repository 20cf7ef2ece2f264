// Runs whole command lines of dnnctl against a fake daemon.
#ifndef DNND_TESTS_CLIENT_COMMANDS_DNNCTL_TEST_H_
#define DNND_TESTS_CLIENT_COMMANDS_DNNCTL_TEST_H_

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "client/commands/dnnctl.h"
#include "client/draw/picture.h"
#include "tests/client/fake_daemon.h"
#include "tests/testing/image_files.h"

namespace dnnd::client {

struct Outcome {
  int exit_code;
  std::string out, err;
};

inline constexpr Rgb kGrey = {90, 90, 90};

// A picture of the size that the fake daemon speaks of.
inline std::string GreyPicture() {
  return testing::SolidPng(FakeVision::kPictureWidth, FakeVision::kPictureHeight, kGrey.red,
                           kGrey.green, kGrey.blue);
}

class DnnctlTest : public ::testing::Test {
 protected:
  Outcome Run(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    Console console{in, out, err};
    console.out_is_terminal = terminal_;
    console.colour = terminal_;
    console.shows_pictures = shows_pictures_;
    console.environment = [this](const std::string& name) {
      return name == "DNNCTL_ADDRESS" ? address_ : std::string();
    };
    const int exit_code = RunDnnctl(arguments, console);
    return {exit_code, out.str(), err.str()};
  }

  FakeDaemon daemon_;
  std::string address_ = daemon_.address();
  bool terminal_ = false;
  bool shows_pictures_ = false;
};

}  // namespace dnnd::client

#endif  // DNND_TESTS_CLIENT_COMMANDS_DNNCTL_TEST_H_
