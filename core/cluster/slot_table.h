// SlotTable: which TaskManagers there are, how many slots each has and which job holds how many. Pure.
#ifndef WEIR_CORE_CLUSTER_SLOT_TABLE_H_
#define WEIR_CORE_CLUSTER_SLOT_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/env/network.h"

namespace weir {

class SlotTable {
 public:
  // A TaskManager came (back); what its earlier incarnation held is gone.
  void Add(const Address& address, uint64_t incarnation, int slots);
  void Remove(const Address& address);
  // True if `address` is here in this incarnation.
  bool Contains(const Address& address, uint64_t incarnation) const;

  int free_slots() const;
  int total_slots() const;
  std::vector<Address> addresses() const;

  // Takes `count` slots for `job` and returns the TaskManager of each, spread: every slot comes from the TaskManager with the most
  // free ones, the first by address among equals. Nothing is taken, and nothing returned, if there are fewer.
  std::optional<std::vector<Address>> Allocate(const std::string& job, int count);
  void Free(const std::string& job);

 private:
  struct Entry {
    uint64_t incarnation = 0;
    int slots = 0;
    std::map<std::string, int> taken;  // By job.
    int free() const;
  };
  std::map<Address, Entry> task_managers_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_SLOT_TABLE_H_
