#include "core/graph/job_graph.h"

#include <map>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/key_group.h"
#include "core/base/status_macros.h"

namespace weir {
namespace {

std::string_view PartitioningName(Partitioning partitioning) {
  switch (partitioning) {
    case Partitioning::kForward:
      return "forward";
    case Partitioning::kHash:
      return "hash";
    case Partitioning::kRebalance:
      return "rebalance";
  }
  WEIR_CHECK(false) << static_cast<int>(partitioning);
  return "";
}

// How errors name a node: `map "parse" (node 3)`.
std::string Describe(const JobGraph& graph, size_t index) {
  const JobNode& node = graph.nodes[index];
  std::string text = node.operator_kind;
  if (!node.name.empty() && node.name != node.operator_kind) {
    absl::StrAppend(&text, " \"", node.name, "\"");
  }
  absl::StrAppend(&text, " (node ", index);
  if (!node.uid.empty()) absl::StrAppend(&text, ", uid \"", node.uid, "\"");
  absl::StrAppend(&text, ")");
  return text;
}

template <class... Parts>
absl::Status Invalid(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

// A uid to suggest: the name in lower case, everything but letters and digits as single hyphens.
std::string SuggestUid(const JobNode& node) {
  std::string uid;
  for (const char c : node.name.empty() ? node.operator_kind : node.name) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      uid.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else if (!uid.empty() && uid.back() != '-') {
      uid.push_back('-');
    }
  }
  while (!uid.empty() && uid.back() == '-') uid.pop_back();
  return uid.empty() ? "my-operator" : uid;
}

absl::Status ValidateSourcesAndSinks(const JobGraph& graph) {
  bool has_source = false;
  bool has_sink = false;
  for (const JobNode& node : graph.nodes) {
    has_source |= node.kind == NodeKind::kSource;
    has_sink |= node.kind == NodeKind::kSink;
  }
  if (!has_source) {
    return Invalid("job \"", graph.name,
                   "\" has no source; write env.FromSource(...) in its builder");
  }
  if (!has_sink) {
    return Invalid("job \"", graph.name,
                   "\" has no sink, so nobody would see its results; end a stream with "
                   ".SinkTo(...)");
  }
  return absl::OkStatus();
}

// What only a graph that was not built through the API can get wrong.
absl::Status ValidateShape(const JobGraph& graph, size_t index) {
  const JobNode& node = graph.nodes[index];
  const auto malformed = [&](std::string_view what) {
    return Invalid("malformed job graph: ", Describe(graph, index), " ",
                   absl::string_view(what.data(), what.size()));
  };
  const bool is_source = node.kind == NodeKind::kSource;
  const bool is_sink = node.kind == NodeKind::kSink;
  if (!node.factory) return malformed("has no factory");
  if (is_source != static_cast<bool>(node.enumerator_factory)) {
    return malformed(is_source ? "has no split enumerator" : "has a split enumerator");
  }
  if (is_sink != (node.output_codec == nullptr)) {
    return malformed(is_sink ? "is a sink with an output type" : "has no output type");
  }
  if (is_source != node.inputs.empty()) {
    return malformed(is_source ? "is a source with an input" : "has no input");
  }
  for (const JobEdge& edge : node.inputs) {
    const int32_t from = edge.from.value();
    if (from < 0 || static_cast<size_t>(from) >= index) {
      return malformed("comes before its input");
    }
    if (graph.node(edge.from).kind == NodeKind::kSink) return malformed("reads from a sink");
    if ((edge.partitioning == Partitioning::kHash) != (edge.key_hasher != nullptr)) {
      return malformed("has a hash edge without key or a key without hash edge");
    }
  }
  if (node.fused_factory &&
      (node.fused_from.value() < 0 || static_cast<size_t>(node.fused_from.value()) >= index)) {
    return malformed("is fused from a node that does not come before it");
  }
  return absl::OkStatus();
}

absl::Status ValidateUse(const JobGraph& graph) {
  std::vector<bool> used(graph.nodes.size(), false);
  for (const JobNode& node : graph.nodes) {
    for (const JobEdge& edge : node.inputs) used[static_cast<size_t>(edge.from.value())] = true;
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (used[i] || graph.nodes[i].kind == NodeKind::kSink) continue;
    return Invalid("the stream of ", Describe(graph, i),
                   " leads nowhere; write .SinkTo(...) on it, or remove it");
  }
  return absl::OkStatus();
}

absl::Status ValidateUids(const JobGraph& graph) {
  std::map<std::string_view, size_t> first;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const JobNode& node = graph.nodes[i];
    if (node.uid.empty()) {
      if (!node.stateful) continue;
      return Invalid(Describe(graph, i),
                     " keeps state, which is found again by its uid; write .Uid(\"",
                     SuggestUid(node), "\") behind it, and keep that name when the job changes");
    }
    const auto [other, is_new] = first.emplace(node.uid, i);
    if (is_new) continue;
    return Invalid(Describe(graph, other->second), " and ", Describe(graph, i),
                   " have the same uid; give one of them another, e.g. .Uid(\"", node.uid, "-2\")");
  }
  return absl::OkStatus();
}

absl::Status ValidateSlotSharing(const JobGraph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].slot_sharing_group != "") continue;
    return Invalid(Describe(graph, i), " has a slot sharing group without a name; write ",
                   ".SlotSharingGroup(\"default\") or another name");
  }
  return absl::OkStatus();
}

absl::Status Because(const absl::Status& why, const std::string& where, absl::string_view remedy) {
  if (why.ok()) return why;
  return Invalid(where, ": ", why.message(), remedy);
}

absl::Status ValidateParallelisms(const JobGraph& graph) {
  const std::string job = absl::StrCat("job \"", graph.name, "\"");
  WEIR_RETURN_IF_ERROR(Because(ValidateMaxParallelism(graph.max_parallelism), job,
                               "; write env.SetMaxParallelism(128)"));
  if (graph.parallelism.has_value()) {
    WEIR_RETURN_IF_ERROR(Because(ValidateParallelism(*graph.parallelism, graph.max_parallelism),
                                 job, "; change env.SetParallelism or env.SetMaxParallelism"));
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const JobNode& node = graph.nodes[i];
    const int max = node.max_parallelism.value_or(graph.max_parallelism);
    WEIR_RETURN_IF_ERROR(Because(ValidateMaxParallelism(max), Describe(graph, i),
                                 "; change its .SetMaxParallelism"));
    const std::optional<int> parallelism =
        node.parallelism.has_value() ? node.parallelism : graph.parallelism;
    if (!parallelism.has_value()) continue;
    WEIR_RETURN_IF_ERROR(Because(ValidateParallelism(*parallelism, max), Describe(graph, i),
                                 "; change its .SetParallelism or .SetMaxParallelism"));
  }
  return absl::OkStatus();
}

// Text whose parts cannot run into one another: strings carry their length.
class CanonicalText {
 public:
  void Add(std::string_view text) {
    absl::StrAppend(&text_, text.size(), ":", absl::string_view(text.data(), text.size()), "\n");
  }
  void Add(int64_t number) { absl::StrAppend(&text_, number, "\n"); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void AddNode(const JobGraph& graph, const JobNode& node, CanonicalText& text) {
  text.Add(static_cast<int64_t>(node.kind));
  text.Add(node.operator_kind);
  text.Add(node.uid);
  text.Add(node.stateful ? 1 : 0);
  text.Add(node.max_parallelism.value_or(graph.max_parallelism));
  text.Add(node.settings);
  text.Add(node.output_codec ? node.output_codec->schema().ToString() : "");
  text.Add(static_cast<int64_t>(node.inputs.size()));
  for (const JobEdge& edge : node.inputs) {
    text.Add(edge.from.value());
    text.Add(edge.input);
    text.Add(PartitioningName(edge.partitioning));
    text.Add(edge.key_hasher ? edge.key_hasher->key_schema().ToString() : "");
  }
}

// Between the quotes of a DOT string.
std::string DotEscape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped.push_back('\\');
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

}  // namespace

absl::Status ValidateJobGraph(const JobGraph& graph) {
  WEIR_RETURN_IF_ERROR(ValidateSourcesAndSinks(graph));
  for (size_t i = 0; i < graph.nodes.size(); ++i) WEIR_RETURN_IF_ERROR(ValidateShape(graph, i));
  WEIR_RETURN_IF_ERROR(ValidateUse(graph));
  WEIR_RETURN_IF_ERROR(ValidateUids(graph));
  WEIR_RETURN_IF_ERROR(ValidateSlotSharing(graph));
  return ValidateParallelisms(graph);
}

uint64_t JobGraphDigest(const JobGraph& graph) {
  CanonicalText text;
  text.Add("weir job graph 1");
  text.Add(graph.name);
  text.Add(static_cast<int64_t>(graph.arguments.size()));
  for (const auto& [name, value] : graph.arguments) {
    text.Add(name);
    text.Add(value);
  }
  if (!graph.artifact.empty()) text.Add(absl::StrCat("artifact ", graph.artifact));
  text.Add(graph.max_parallelism);
  text.Add(static_cast<int64_t>(graph.nodes.size()));
  for (const JobNode& node : graph.nodes) AddNode(graph, node, text);
  return StableHash64(text.text());
}

std::string JobGraphToDot(const JobGraph& graph) {
  std::string dot = absl::StrCat("digraph \"", DotEscape(graph.name),
                                 "\" {\n  rankdir=LR;\n  node [shape=box];\n");
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const JobNode& node = graph.nodes[i];
    std::string label = node.name.empty() ? node.operator_kind : node.name;
    if (node.name != node.operator_kind) absl::StrAppend(&label, "\n", node.operator_kind);
    if (!node.uid.empty()) absl::StrAppend(&label, "\nuid ", node.uid);
    if (node.parallelism.has_value()) absl::StrAppend(&label, "\nx", *node.parallelism);
    absl::StrAppend(&dot, "  n", i, " [label=\"", DotEscape(label), "\"];\n");
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const JobEdge& edge : graph.nodes[i].inputs) {
      const std::string_view name = PartitioningName(edge.partitioning);
      absl::StrAppend(&dot, "  n", edge.from.value(), " -> n", i, " [label=\"",
                      absl::string_view(name.data(), name.size()), "\"];\n");
    }
  }
  absl::StrAppend(&dot, "}\n");
  return dot;
}

}  // namespace weir
