#include "core/cluster/worker_table.h"

#include "absl/strings/str_format.h"

namespace weir {

WorkerTable::Resolution WorkerTable::Resolve(const std::string& job,
                                             const std::vector<Address>& hosts,
                                             const std::set<Address>& supervisors) {
  Resolution resolution;
  const std::set<Address> used(hosts.begin(), hosts.end());
  for (auto it = workers_.begin(); it != workers_.end();) {
    if (it->second.job == job && !used.contains(it->second.supervisor)) {
      resolution.to_end.push_back(std::move(it->second));
      it = workers_.erase(it);
    } else {
      ++it;
    }
  }
  std::map<Address, Address> address_of;
  for (const Address& host : used) {
    if (!supervisors.contains(host)) {
      address_of[host] = host;
      continue;
    }
    auto [entry, fresh] = workers_.try_emplace(Key(job, host));
    Worker& worker = entry->second;
    if (fresh) {
      worker = {.supervisor = host,
                .job = job,
                .token = absl::StrFormat("%08x-%08x", epoch_.value(), ++last_token_),
                .address = ""};
      resolution.to_start.push_back(worker);
    }
    if (worker.address.empty()) ++resolution.missing;
    address_of[host] = worker.address;
  }
  if (resolution.missing > 0) return resolution;
  for (const Address& host : hosts) resolution.addresses.push_back(address_of[host]);
  return resolution;
}

void WorkerTable::OnStarted(const Worker& worker) {
  workers_.try_emplace(Key(worker.job, worker.supervisor), worker);
}

bool WorkerTable::OnRegistered(const Worker& worker, bool wanted) {
  const Key key(worker.job, worker.supervisor);
  const auto found = workers_.find(key);
  if (found == workers_.end()) {
    if (wanted) workers_[key] = worker;
    return wanted;
  }
  if (found->second.token != worker.token) return false;
  found->second.address = worker.address;
  return true;
}

const WorkerTable::Worker* WorkerTable::At(const Address& address) const {
  for (const auto& [key, worker] : workers_) {
    if (!address.empty() && worker.address == address) return &worker;
  }
  return nullptr;
}

const WorkerTable::Worker* WorkerTable::Find(const std::string& job,
                                             const Address& supervisor) const {
  const auto found = workers_.find(Key(job, supervisor));
  return found == workers_.end() ? nullptr : &found->second;
}

std::optional<WorkerTable::Worker> WorkerTable::Forget(const Address& supervisor,
                                                       const std::string& job,
                                                       const std::string& token) {
  const auto found = workers_.find(Key(job, supervisor));
  if (found == workers_.end() || found->second.token != token) return std::nullopt;
  Worker worker = std::move(found->second);
  workers_.erase(found);
  return worker;
}

std::vector<WorkerTable::Worker> WorkerTable::ForgetJob(const std::string& job) {
  std::vector<Worker> forgotten;
  for (auto it = workers_.lower_bound(Key(job, "")); it != workers_.end() && it->first.first == job;
       it = workers_.erase(it)) {
    forgotten.push_back(std::move(it->second));
  }
  return forgotten;
}

std::vector<WorkerTable::Worker> WorkerTable::ForgetSupervisor(const Address& supervisor) {
  std::vector<Worker> forgotten;
  for (auto it = workers_.begin(); it != workers_.end();) {
    if (it->second.supervisor == supervisor) {
      forgotten.push_back(std::move(it->second));
      it = workers_.erase(it);
    } else {
      ++it;
    }
  }
  return forgotten;
}

}  // namespace weir
