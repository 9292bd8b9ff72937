#include "cli/paths.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace weir::cli {
namespace {

constexpr std::string_view kRunfiles = ".runfiles/";

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string_view WithoutSpacesAround(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

bool IsAbsolute(std::string_view path) { return !path.empty() && path.front() == '/'; }

}  // namespace

std::string ChooseUserDirectory(const DirectoryHints& hints) {
  if (hints.current.find(kRunfiles) == std::string::npos) return hints.current;
  // ./bazelw changes the folder before it calls Bazel, so what it says comes first.
  if (IsAbsolute(hints.weir_directory) && IsAbsolute(hints.bazel_directory)) {
    return hints.weir_directory;
  }
  if (IsAbsolute(hints.bazel_directory)) return hints.bazel_directory;
  return hints.current;
}

std::string UserDirectory() {
  std::error_code error;
  const std::filesystem::path current = std::filesystem::current_path(error);
  return ChooseUserDirectory({.current = error ? "/" : current.string(),
                              .weir_directory = FromEnvironment("WEIR_WORKING_DIRECTORY"),
                              .bazel_directory = FromEnvironment("BUILD_WORKING_DIRECTORY")});
}

std::string ChooseStateDirectory(const StateHints& hints) {
  if (IsAbsolute(hints.xdg_state)) return AbsolutePath(hints.xdg_state + "/weir", "/");
  if (IsAbsolute(hints.home)) return AbsolutePath(hints.home + "/.local/state/weir", "/");
  return "/tmp/weir-" + std::to_string(hints.user_id) + "/state";
}

std::string StateDirectory() {
  return ChooseStateDirectory({.xdg_state = FromEnvironment("XDG_STATE_HOME"),
                               .home = FromEnvironment("HOME"),
                               .user_id = static_cast<int>(getuid())});
}

std::string AbsolutePath(std::string_view path, std::string_view directory) {
  const std::filesystem::path joined = std::filesystem::path(directory) / path;
  std::string text = joined.lexically_normal().string();
  // "a/" and "a" name the same folder.
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string AbsolutePathList(std::string_view paths, std::string_view directory) {
  std::string result;
  while (!paths.empty()) {
    const size_t comma = std::min(paths.find(','), paths.size());
    const std::string_view path = WithoutSpacesAround(paths.substr(0, comma));
    paths.remove_prefix(std::min(comma + 1, paths.size()));
    if (path.empty()) continue;
    if (!result.empty()) result += ',';
    result += AbsolutePath(path, directory);
  }
  return result;
}

std::string ShortPath(std::string_view path, std::string_view directory) {
  if (path == directory) return ".";
  if (directory.size() > 1 && path.size() > directory.size() + 1 && path.starts_with(directory) &&
      path[directory.size()] == '/') {
    return std::string(path.substr(directory.size() + 1));
  }
  return std::string(path);
}

}  // namespace weir::cli
