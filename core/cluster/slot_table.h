// SlotTable: which TaskManagers there are, how many slots each has and which job holds how many. Pure.
#ifndef WEIR_CORE_CLUSTER_SLOT_TABLE_H_
#define WEIR_CORE_CLUSTER_SLOT_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/env/network.h"

namespace weir {

class SlotTable {
 public:
  // A TaskManager came (back); what was held of its slots is gone.
  void Add(const Address& address, int slots, bool starts_workers);
  void Remove(const Address& address);
  bool Contains(const Address& address) const { return task_managers_.contains(address); }
  // Those that run jobs in worker processes.
  std::set<Address> supervisors() const;

  int free_slots() const;
  int total_slots() const;
  std::vector<Address> addresses() const;
  // Of one that is here.
  int free_slots(const Address& address) const;
  int total_slots(const Address& address) const;

  // Takes `count` slots for `job` and returns the TaskManager of each, spread: every slot comes from the TaskManager with the most
  // free ones, among equals the one that has been here longest: one that comes and goes is the last choice. Nothing is taken, and
  // nothing returned, if there are fewer.
  std::optional<std::vector<Address>> Allocate(const std::string& job, int count);
  // The same for a job that has slots on the TaskManagers `before`: it keeps each that is still held for it, in its place, and gets
  // others for those that are not.
  std::optional<std::vector<Address>> Replace(const std::string& job,
                                              const std::vector<Address>& before);
  // Why a job that needs `wanted` slots waits, and what helps.
  std::string DescribeLack(int wanted) const;
  void Free(const std::string& job);
  // How many of the slots `before` are not held for `job` any more.
  int Lost(const std::string& job, const std::vector<Address>& before) const;
  // Of `job` on one of them.
  int Taken(const std::string& job, const Address& address) const;

 private:
  struct Entry {
    int slots = 0;
    bool starts_workers = false;
    uint64_t place = 0;                // In the order in which they came.
    std::map<std::string, int> taken;  // By job.
    int free() const;
  };
  std::map<Address, Entry> task_managers_;
  uint64_t places_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_SLOT_TABLE_H_
