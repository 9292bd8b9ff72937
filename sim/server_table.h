// ServerTable: who serves which address in a world. A registration is found only as long as the
// process that made it keeps its Server; the next one at the address has another id.
#ifndef WEIR_SIM_SERVER_TABLE_H_
#define WEIR_SIM_SERVER_TABLE_H_

#include <cstdint>
#include <map>

#include "core/env/network.h"

namespace weir::sim {

class ServerTable {
 public:
  struct Entry {
    uint64_t id = 0;
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
  uint64_t Add(const Address& address, uint32_t executor, ServerHandler* handler) {
    const auto [at, added] = entries_.try_emplace(address);
    if (!added) return 0;
    at->second = {.id = ++last_id_, .executor = executor, .handler = handler};
    return last_id_;
  }

  void Remove(const Address& address, uint64_t id) {
    if (Find(address, id) != nullptr) entries_.erase(address);
  }

 private:
  std::map<Address, Entry> entries_;
  uint64_t last_id_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SERVER_TABLE_H_
