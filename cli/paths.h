// Paths: from what a user typed to an absolute path. Relative paths count from the folder the user
// stands in, also under `bazel run`, which starts programs elsewhere. Pure, apart from
// UserDirectory() and StateDirectory().
#ifndef WEIR_CLI_PATHS_H_
#define WEIR_CLI_PATHS_H_

#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

// What the folder of the user is derived from.
struct DirectoryHints {
  std::string current;          // getcwd().
  std::string weir_directory;   // WEIR_WORKING_DIRECTORY, set by ./bazelw; "" if not set.
  std::string bazel_directory;  // BUILD_WORKING_DIRECTORY, set by `bazel run`; "" if not set.
};

// The folder the user stands in. The variables count only while the program still is where `bazel
// run` started it (a runfiles tree): a shell that was started by such a program inherits them and
// may since have gone elsewhere.
std::string ChooseUserDirectory(const DirectoryHints& hints);

// ChooseUserDirectory() of this process.
std::string UserDirectory();

// Where this user's runs are remembered, unless state-dir (cli/config) says otherwise.
struct StateHints {
  std::string xdg_state;  // XDG_STATE_HOME
  std::string home;       // HOME
  int user_id = 0;
};
// $XDG_STATE_HOME/weir, else ~/.local/state/weir, else /tmp/weir-<user id>. What
// is no absolute path counts as not set.
std::string ChooseStateDirectory(const StateHints& hints);

// ChooseStateDirectory() of this process.
std::string StateDirectory();

// `path` without "." and "..", and counted from `directory` unless it is absolute. Does not look at
// the file system, so "link/.." is the folder that holds the link.
std::string AbsolutePath(std::string_view path, std::string_view directory);

// The same for each path of a comma-separated list; spaces around the commas and empty parts are
// dropped.
std::string AbsolutePathList(std::string_view paths, std::string_view directory);

// `path` as the user would type it from `directory`: relative if it is inside, else as it is.
std::string ShortPath(std::string_view path, std::string_view directory);

}  // namespace weir::cli

#endif  // WEIR_CLI_PATHS_H_
