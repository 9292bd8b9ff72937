#include "core/cluster/split_assigner.h"

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir {

SplitAssigner::SplitAssigner(std::vector<SourceSplit> splits, int readers)
    : split_count_(static_cast<uint32_t>(splits.size())), readers_(static_cast<size_t>(readers)) {
  for (SourceSplit& split : splits) {
    const SplitId id = split.id;
    pending_.emplace(id, std::move(split));
  }
}

SplitAssigner::SplitAssigner(const OperatorRestore& restored, int readers)
    : readers_(static_cast<size_t>(readers)) {
  WEIR_CHECK(restored.enumerator.has_value());
  split_count_ = restored.enumerator->split_count();
  const auto add = [this](const auto& split) {
    const SplitId id(split.id());
    pending_.emplace(id, SourceSplit{.id = id, .payload = split.payload()});
  };
  for (const proto::PendingSplit& split : restored.enumerator->pending()) add(split);
  for (const SubtaskRestore& reader : restored.subtasks) {
    for (const proto::ReaderSplitSnapshot& split : reader.splits) add(split);
  }
  for (const uint32_t id : restored.enumerator->finished()) finished_.emplace(id);
}

void SplitAssigner::OnStop(const Readers& readers) {
  for (const int reader : readers) readers_[static_cast<size_t>(reader)] = Reader::kStopped;
}

absl::Status SplitAssigner::Restore(const Readers& readers, const OperatorRestore* restored) {
  for (const int reader : readers)
    WEIR_CHECK(readers_[static_cast<size_t>(reader)] == Reader::kStopped) << "reader " << reader;
  // Everything that they had comes back...
  for (auto it = assigned_.begin(); it != assigned_.end();) {
    auto& [reader, split] = it->second;
    if (!readers.contains(reader)) {
      ++it;
      continue;
    }
    pending_.emplace(it->first, std::move(split));
    it = assigned_.erase(it);
  }
  if (restored == nullptr) return absl::OkStatus();
  // ...but for what the checkpoint says that they have, or have read.
  for (const int reader : readers) {
    for (const proto::ReaderSplitSnapshot& split :
         restored->subtasks[static_cast<size_t>(reader)].splits) {
      auto node = pending_.extract(SplitId(split.id()));
      if (node.empty()) {
        return absl::DataLossError(
            absl::StrCat("split ", split.id(), " is with reader ", reader,
                         " in the checkpoint, and another reader has it or has read it"));
      }
      assigned_.emplace(node.key(), std::pair(reader, std::move(node.mapped())));
    }
  }
  if (!restored->enumerator.has_value()) return absl::OkStatus();
  for (const uint32_t id : restored->enumerator->finished()) {
    if (pending_.erase(SplitId(id)) > 0) finished_.emplace(id);
  }
  return absl::OkStatus();
}

SplitAssigner::Events SplitAssigner::OnStart(const Readers& readers) {
  for (const int reader : readers) {
    Reader& state = readers_[static_cast<size_t>(reader)];
    if (state == Reader::kStopped) state = Reader::kAsks;
  }
  Events events;
  AppendIfNoneIsLeft(events);
  return events;
}

SplitAssigner::Events SplitAssigner::OnRequest(int reader) {
  Events events;
  Reader& state = readers_[static_cast<size_t>(reader)];
  if (state == Reader::kToldNoMore) return events;  // It asked before it heard.
  state = Reader::kAsks;                            // So it runs, whether or not all of them do.
  if (!pending_.empty()) {
    auto node = pending_.extract(pending_.begin());
    // In one event, so that how time goes on in the last split does not depend on when the news comes.
    const bool last = pending_.empty();
    if (last) state = Reader::kToldNoMore;
    events.push_back({reader, {.add_split = node.mapped(), .no_more_splits = last}});
    assigned_.emplace(node.key(), std::pair(reader, std::move(node.mapped())));
  }
  AppendIfNoneIsLeft(events);
  return events;
}

void SplitAssigner::AppendIfNoneIsLeft(Events& events) {
  if (!pending_.empty()) return;
  for (size_t i = 0; i < readers_.size(); ++i) {
    if (readers_[i] != Reader::kAsks) continue;
    readers_[i] = Reader::kToldNoMore;
    events.push_back({static_cast<int>(i), {.no_more_splits = true}});
  }
}

std::vector<SourceSplit> SplitAssigner::pending() const {
  std::vector<SourceSplit> splits;
  for (const auto& [id, split] : pending_) splits.push_back(split);
  return splits;
}

std::vector<SplitId> SplitAssigner::finished() const {
  return {finished_.begin(), finished_.end()};
}

}  // namespace weir
