// How many threads the teams of a test may have.
#ifndef DNND_TESTS_TESTING_TEAM_WIDTH_H_
#define DNND_TESTS_TESTING_TEAM_WIDTH_H_

namespace dnnd::engine {

// For LaneGroup::Options::wide_width. One under ThreadSanitizer: it does not see the barriers of
// libgomp, which is built without it, and takes what a team writes for races.
#ifdef __SANITIZE_THREAD__
inline constexpr int kWidestTeam = 1;
#else
inline constexpr int kWidestTeam = 0;  // every CPU
#endif

}  // namespace dnnd::engine

#endif  // DNND_TESTS_TESTING_TEAM_WIDTH_H_
