#include "sim/crash.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/digest.h"

namespace weir::sim {
namespace {

enum class FileFate : uint8_t { kLost, kKept, kByPage };

class Crasher {
 public:
  explicit Crasher(const CrashOptions& options) : options_(options) {}

  void CrashFolder(FileNode& folder);
  void CrashFile(FileNode& file);

 private:
  template <typename Change>
  bool Concerns(const Change& change) const {
    return change.client != kDurable &&
           (!options_.client.has_value() || change.client == *options_.client);
  }
  template <typename Change>
  bool ConcernsAny(const std::vector<Change>& changes) const {
    return std::any_of(changes.begin(), changes.end(),
                       [&](const Change& change) { return Concerns(change); });
  }
  uint64_t Below(uint64_t bound) { return options_.draws->Below(bound); }
  bool KeepsName(uint64_t id);
  FileFate DrawFate() {
    return options_.draws == nullptr ? FileFate::kLost : static_cast<FileFate>(Below(3));
  }

  void Redo(std::string& bytes, const DataChange& change, const std::string& content);
  void RedoByPage(std::string& bytes, const DataChange& change, const std::string& content);
  void RedoTornPage(std::string& bytes, uint64_t begin, uint64_t end, std::string_view content);
  std::string Garbage(uint64_t size);

  const CrashOptions options_;
  std::map<uint64_t, bool> kept_names_;  // By the change's id.
};

void WriteAt(std::string& bytes, uint64_t begin, std::string_view content) {
  const uint64_t end = begin + content.size();
  if (bytes.size() < end) bytes.resize(end);
  bytes.replace(begin, content.size(), content);
}

bool Crasher::KeepsName(uint64_t id) {
  if (options_.draws == nullptr) return false;
  const auto [at, added] = kept_names_.try_emplace(id, false);
  if (added) at->second = Below(2) == 1;
  return at->second;
}

void Crasher::CrashFolder(FileNode& folder) {
  if (!ConcernsAny(folder.name_changes)) return;
  std::vector<NameChange> log = std::exchange(folder.name_changes, {});
  for (auto change = log.rbegin(); change != log.rend(); ++change) {
    FileTree::SetEntry(folder, change->name, change->before);
  }
  for (NameChange& change : log) {
    const bool concerned = Concerns(change);
    if (concerned && !KeepsName(change.id)) continue;
    if (concerned) change.client = kDurable;
    const auto now = folder.entries.find(change.name);
    change.before = now == folder.entries.end() ? nullptr : now->second;
    FileTree::SetEntry(folder, change.name, change.after);
    folder.name_changes.push_back(std::move(change));
  }
}

void Crasher::CrashFile(FileNode& file) {
  if (!ConcernsAny(file.data_changes)) return;
  std::vector<DataChange> log = std::exchange(file.data_changes, {});
  std::vector<std::string> contents(log.size());
  for (size_t i = log.size(); i-- > 0;) {
    if (log[i].cut) {
      file.bytes.resize(log[i].begin);
      file.bytes.append(log[i].removed);
    } else {
      contents[i] = file.bytes.substr(log[i].begin);
      file.bytes.resize(log[i].begin);
    }
  }
  const FileFate fate = DrawFate();
  bool cut_was_lost = false;
  for (size_t i = 0; i < log.size(); ++i) {
    DataChange& change = log[i];
    const bool concerned = Concerns(change);
    if (concerned && fate == FileFate::kLost) continue;
    if (concerned && change.cut && fate == FileFate::kByPage && Below(2) == 0) cut_was_lost = true;
    // What was written where a lost cut had freed space did not reach what is still there.
    if (concerned && cut_was_lost) continue;
    // What is redone of others can be undone again, from what is here now.
    const uint64_t size_before = file.bytes.size();
    const std::string before = change.cut || change.begin < size_before ? file.bytes : "";
    if (concerned && !change.cut && fate == FileFate::kByPage) {
      RedoByPage(file.bytes, change, contents[i]);
    } else {
      Redo(file.bytes, change, contents[i]);
    }
    const ClientId client = concerned ? kDurable : change.client;
    if (!before.empty()) {
      // Undone as a whole: cut everything, then append it as it is.
      file.data_changes.push_back(
          {.client = client, .cut = true, .begin = 0, .end = before.size(), .removed = before});
      file.data_changes.push_back(
          {.client = client, .begin = 0, .end = file.bytes.size(), .removed = {}});
    } else {
      file.data_changes.push_back({.client = client,
                                   .given_up = change.given_up,
                                   .begin = size_before,
                                   .end = file.bytes.size(),
                                   .removed = {}});
    }
  }
}

void Crasher::Redo(std::string& bytes, const DataChange& change, const std::string& content) {
  if (!change.cut) {
    WriteAt(bytes, change.begin, content);
  } else if (bytes.size() > change.begin) {
    bytes.resize(change.begin);
  }
}

void Crasher::RedoByPage(std::string& bytes, const DataChange& change, const std::string& content) {
  enum PageFate : uint64_t { kPageLost, kPageKept, kPageTorn };
  for (uint64_t begin = change.begin; begin < change.end;) {
    const uint64_t end = std::min(change.end, (begin / kPageBytes + 1) * kPageBytes);
    const std::string_view page =
        std::string_view(content).substr(begin - change.begin, end - begin);
    const uint64_t fate = Below(3);
    if (fate == kPageKept) WriteAt(bytes, begin, page);
    if (fate == kPageTorn) RedoTornPage(bytes, begin, end, page);
    begin = end;
  }
  const bool grown = Below(2) == 1;
  if (grown && bytes.size() < change.end) bytes.resize(change.end);
}

void Crasher::RedoTornPage(std::string& bytes, uint64_t begin, uint64_t end,
                           std::string_view content) {
  enum SectorFate : uint64_t { kSectorLost, kSectorKept, kSectorGarbage };
  for (uint64_t at = begin; at < end;) {
    const uint64_t sector_end = std::min(end, (at / kSectorBytes + 1) * kSectorBytes);
    const uint64_t fate = Below(3);
    if (fate == kSectorKept) WriteAt(bytes, at, content.substr(at - begin, sector_end - at));
    if (fate == kSectorGarbage) WriteAt(bytes, at, Garbage(sector_end - at));
    at = sector_end;
  }
}

std::string Crasher::Garbage(uint64_t size) {
  uint64_t word = options_.draws->Next();
  std::string garbage;
  while (garbage.size() < size) {
    word = MixWords(word, garbage.size() + 1);
    garbage.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  garbage.resize(size);
  return garbage;
}

}  // namespace

void Crash(FileTree& files, const CrashOptions& options) {
  Crasher crasher(options);
  for (const auto& [id, node] : files.changed()) {
    crasher.CrashFolder(*node);
    crasher.CrashFile(*node);
  }
  files.ForgetDurable();
}

}  // namespace weir::sim
