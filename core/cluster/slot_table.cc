#include "core/cluster/slot_table.h"

#include "absl/strings/str_cat.h"

namespace weir {

int SlotTable::Entry::free() const {
  int left = slots;
  for (const auto& [job, count] : taken) left -= count;
  return left;
}

void SlotTable::Add(const Address& address, int slots, bool starts_workers) {
  task_managers_[address] = {
      .slots = slots, .starts_workers = starts_workers, .place = ++places_, .taken = {}};
}

void SlotTable::Remove(const Address& address) { task_managers_.erase(address); }

std::set<Address> SlotTable::supervisors() const {
  std::set<Address> result;
  for (const auto& [address, entry] : task_managers_) {
    if (entry.starts_workers) result.insert(address);
  }
  return result;
}

int SlotTable::Lost(const std::string& job, const std::vector<Address>& before) const {
  int held = 0;
  for (const Address& address : std::set<Address>(before.begin(), before.end()))
    held += Taken(job, address);
  return static_cast<int>(before.size()) - held;
}

int SlotTable::Taken(const std::string& job, const Address& address) const {
  const auto found = task_managers_.find(address);
  if (found == task_managers_.end()) return 0;
  const auto taken = found->second.taken.find(job);
  return taken == found->second.taken.end() ? 0 : taken->second;
}

int SlotTable::free_slots() const {
  int sum = 0;
  for (const auto& [address, entry] : task_managers_) sum += entry.free();
  return sum;
}

int SlotTable::total_slots() const {
  int sum = 0;
  for (const auto& [address, entry] : task_managers_) sum += entry.slots;
  return sum;
}

int SlotTable::free_slots(const Address& address) const {
  return task_managers_.at(address).free();
}

int SlotTable::total_slots(const Address& address) const {
  return task_managers_.at(address).slots;
}

std::vector<Address> SlotTable::addresses() const {
  std::vector<Address> result;
  for (const auto& [address, entry] : task_managers_) result.push_back(address);
  return result;
}

std::optional<std::vector<Address>> SlotTable::Allocate(const std::string& job, int count) {
  if (free_slots() < count) return std::nullopt;
  std::vector<Address> taken;
  for (int i = 0; i < count; ++i) {
    auto best = task_managers_.begin();
    for (auto it = task_managers_.begin(); it != task_managers_.end(); ++it) {
      const int more = it->second.free() - best->second.free();
      if (more > 0 || (more == 0 && it->second.place < best->second.place)) best = it;
    }
    ++best->second.taken[job];
    taken.push_back(best->first);
  }
  return taken;
}

std::optional<std::vector<Address>> SlotTable::Replace(const std::string& job,
                                                       const std::vector<Address>& before) {
  std::vector<Address> slots = before;
  std::map<Address, int> held;
  for (const auto& [address, entry] : task_managers_) held[address] = Taken(job, address);
  std::vector<Address*> lost;
  for (Address& slot : slots) {
    int& left = held[slot];
    if (left > 0) {
      --left;
    } else {
      lost.push_back(&slot);
    }
  }
  std::optional<std::vector<Address>> others = Allocate(job, static_cast<int>(lost.size()));
  if (!others.has_value()) return std::nullopt;
  for (size_t i = 0; i < lost.size(); ++i) *lost[i] = std::move((*others)[i]);
  return slots;
}

std::string SlotTable::DescribeLack(int wanted) const {
  const size_t count = task_managers_.size();
  if (count == 0) {
    return absl::StrCat("it needs ", wanted, wanted == 1 ? " slot" : " slots",
                        "; there is no TaskManager: start one");
  }
  return absl::StrCat("it needs ", wanted, wanted == 1 ? " slot" : " slots", "; ", count,
                      count == 1 ? " TaskManager offers " : " TaskManagers offer ", total_slots(),
                      ", of which ", free_slots(), free_slots() == 1 ? " is" : " are",
                      " free: start another TaskManager or lower --parallelism");
}

void SlotTable::Free(const std::string& job) {
  for (auto& [address, entry] : task_managers_) entry.taken.erase(job);
}

}  // namespace weir
