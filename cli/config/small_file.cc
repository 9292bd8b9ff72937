#include "cli/config/small_file.h"

#include <cerrno>
#include <cstdio>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

constexpr size_t kBytesMax = 1 << 20;

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, std::string_view what) {
  const auto cannot = [&] {
    return absl::ErrnoToStatus(errno, absl::StrCat(ToAbsl(what), ": ", path, " cannot be read"));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (file == nullptr) return cannot();
  std::string text(kBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return cannot();
  if (text.size() > kBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(what), ": ", path, " has more than ", kBytesMax, " bytes"));
  }
  return text;
}

}  // namespace weir::cli
