// ServerTable: who serves which address in a world. A registration is found only as long as the
// process that made it keeps its Server; the next one at the address has another id.
#ifndef WEIR_SIM_SERVER_TABLE_H_
#define WEIR_SIM_SERVER_TABLE_H_

#include <cstdint>
#include <map>
#include <string>

#include "core/env/network.h"
#include "sim/links.h"

namespace weir::sim {

class ServerTable {
 public:
  struct Entry {
    uint64_t id = 0;
    uint32_t machine = 0;
    uint32_t executor = 0;
    ServerHandler* handler = nullptr;
  };

  // Null if nobody serves there.
  const Entry* Find(const Address& address) const {
    const auto found = entries_.find(address);
    return found == entries_.end() ? nullptr : &found->second;
  }

  // Null unless the registration with this id still serves.
  const Entry* Find(const Address& address, uint64_t id) const {
    const Entry* const entry = Find(address);
    return entry != nullptr && entry->id == id ? entry : nullptr;
  }

  // The id; 0 if the address is taken.
  uint64_t Add(const Address& address, uint32_t machine, uint32_t executor,
               ServerHandler* handler) {
    const auto [at, added] = entries_.try_emplace(address);
    if (!added) return 0;
    at->second = {.id = ++last_id_, .machine = machine, .executor = executor, .handler = handler};
    return last_id_;
  }

  void Remove(const Address& address, uint64_t id) {
    if (Find(address, id) != nullptr) entries_.erase(address);
  }

  // The end of the process on `machine`.
  void RemoveAll(uint32_t machine) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.machine == machine; });
  }

  void AddMachine(const std::string& name, uint32_t index) { machines_[name] = index; }

  // The machine that a message to `address` goes to: where it is served, else the one that the
  // address begins with (before a ':' or '/'), else kNoMachine.
  uint32_t MachineAt(const Address& address) const {
    if (const Entry* const entry = Find(address)) return entry->machine;
    const auto found = machines_.find(address.substr(0, address.find_first_of(":/")));
    return found == machines_.end() ? kNoMachine : found->second;
  }

 private:
  std::map<Address, Entry> entries_;
  std::map<std::string, uint32_t> machines_;
  uint64_t last_id_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVER_TABLE_H_
