#include "sim/oracles/split_oracle.h"

#include <array>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sim/oracles/published_pointer.h"

namespace weir::sim {
namespace {

constexpr char kName[] = "splits";
constexpr std::array<const char*, 3> kPlaces = {"pending", "with a reader", "finished"};

}  // namespace

SplitOracle::SplitOracle(OracleLog* log, std::string checkpoint_folder)
    : Oracle(log), checkpoint_folder_(std::move(checkpoint_folder)) {
  log->counts["splits"];
}

void SplitOracle::OnFileCall(std::string_view process, std::string_view operation,
                             std::string_view path, const absl::Status& status) {
  // A name that a power loss may take says nothing about what comes after it.
  if (operation == "sync directory" && path == checkpoint_folder_ && status.ok() &&
      IsThere(published_)) {
    durable_ = places_;
  }
  const std::optional<PublishedPointer> published =
      PublishedBy(world(), checkpoint_folder_, operation, path, status);
  if (!published.has_value()) return;
  if (!published->manifest.has_value()) {
    places_ = durable_;
    return;
  }
  const proto::CheckpointManifest& manifest = *published->manifest;
  if (std::exchange(last_, manifest.checkpoint_id()) == manifest.checkpoint_id()) return;
  places_ = durable_;
  published_ = absl::StrCat(checkpoint_folder_, "/pointer-", published->pointer.sequence);
  for (const proto::OperatorState& op : manifest.operators()) {
    if (op.has_enumerator()) OnSource(std::string(process), manifest.checkpoint_id(), op);
  }
}

bool SplitOracle::IsThere(std::string_view path) const {
  return !path.empty() && world().shared_files().FindFile(world().InSharedVolume(path)).ok();
}

void SplitOracle::OnSource(const std::string& process, uint64_t checkpoint,
                           const proto::OperatorState& source) {
  const proto::EnumeratorSnapshot& enumerator = source.enumerator();
  std::map<uint32_t, std::vector<std::string>> where;
  std::map<uint32_t, Place> now;
  const auto put = [&](uint32_t id, Place place, std::string text) {
    where[id].push_back(std::move(text));
    now[id] = place;
  };
  for (const auto& split : enumerator.pending()) put(split.id(), Place::kPending, "pending");
  for (const uint32_t id : enumerator.finished()) put(id, Place::kFinished, "finished before");
  for (const proto::SubtaskStateSnapshot& reader : source.subtasks()) {
    for (const proto::ReaderSplitSnapshot& split : reader.splits()) {
      put(split.id(), Place::kReader, absl::StrCat("with reader ", reader.index()));
    }
    for (const uint32_t id : reader.finished_splits()) {
      put(id, Place::kFinished, absl::StrCat("finished by reader ", reader.index()));
    }
  }
  const auto report = [&](uint32_t id, const std::string& what) {
    log().Report(kName, process,
                 absl::StrCat("checkpoint ", checkpoint, ", source '", source.uid(), "', split ",
                              id, " of ", enumerator.split_count(), ": ", what));
  };
  for (uint32_t id = 0; id < enumerator.split_count(); ++id) {
    if (where[id].empty()) {
      report(id, "it is nowhere: not pending, with no reader, not finished");
      continue;
    }
    if (where[id].size() > 1) report(id, absl::StrJoin(where[id], " and "));
    ++log().counts["splits"];
    const auto before = durable_.find({source.uid(), id});
    if (before != durable_.end() && now[id] < before->second) {
      report(id, absl::StrCat(kPlaces[static_cast<size_t>(now[id])], ", and the checkpoint before ",
                              "had it ", kPlaces[static_cast<size_t>(before->second)]));
    }
    places_[{source.uid(), id}] = now[id];
  }
  if (where.size() > enumerator.split_count()) {
    report(where.rbegin()->first, "there is no such split");
  }
}

}  // namespace weir::sim
