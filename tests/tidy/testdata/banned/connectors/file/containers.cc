size_t F(std::string s) { return std::hash<std::string>()(s); }  // want: hash
size_t G(int x) { return absl::HashOf(x); }                      // want: hash
template <typename H>
H AbslHashValue(H h, const Foo& f);  // want: hash
void H() {
  std::unordered_map<int, int> a;                     // want: hash-container
  std::unordered_multiset<int> b;                     // want: hash-container
  absl::flat_hash_map<int, int> c;                    // want: hash-container
  absl::node_hash_set<int> d;                         // want: hash-container
  std::map<Foo*, int> e;                              // want: pointer-key
  std::set<const Foo*> f;                             // want: pointer-key
  std::multimap<const weir::Foo* const, int> g;       // want: pointer-key
  absl::btree_set<std::unique_ptr<Foo>> h;            // want: pointer-key
  std::map<std::shared_ptr<Foo>, int> i;              // want: pointer-key
  std::map<  // want: pointer-key
      Foo<int, int>*, int>
      j;
}
