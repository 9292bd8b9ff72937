#include "core/artifact/testing/fake_artifact.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir {
namespace {

template <class T>
void Add(std::string& to, T number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

void AddText(std::string& to, std::string_view text, size_t size) {
  to += text.substr(0, size);
  to.append(size - std::min(size, text.size()), '\0');
}

void AddNote(std::string& to, std::string_view name, uint32_t type, const std::string& content) {
  Add<uint32_t>(to, static_cast<uint32_t>(name.size()));
  Add<uint32_t>(to, static_cast<uint32_t>(content.size()));
  Add<uint32_t>(to, type);
  AddText(to, name, (name.size() + 3) / 4 * 4);
  AddText(to, content, (content.size() + 3) / 4 * 4);
}

std::string Notes(const FakeArtifactOptions& options) {
  std::string notes;
  AddNote(notes, std::string_view("GNU\0", 4), 3, "some build");
  if (!options.note) return notes;
  std::string content;
  Add<uint32_t>(content, options.version);
  AddText(content, options.identity.build_id, sizeof(ArtifactNoteContent::build_id));
  AddText(content, options.identity.compiler, sizeof(ArtifactNoteContent::compiler));
  AddText(content, options.identity.abi, sizeof(ArtifactNoteContent::abi));
  AddNote(notes, kArtifactNoteName, kArtifactNoteType, content);
  return notes;
}

}  // namespace

std::string FakeArtifact(const FakeArtifactOptions& options) {
  constexpr uint64_t kHeaderBytes = 64;
  constexpr uint64_t kProgramHeaderBytes = 56;
  const std::string notes = Notes(options);
  std::string file(
      "\x7f"
      "ELF\x02\x01\x01",
      7);
  file.resize(16);
  Add<uint16_t>(file, options.type);
#if defined(__aarch64__)
  Add<uint16_t>(file, 183);
#else
  Add<uint16_t>(file, 62);
#endif
  Add<uint32_t>(file, 1);
  Add<uint64_t>(file, 0);             // Entry.
  Add<uint64_t>(file, kHeaderBytes);  // Program headers.
  Add<uint64_t>(file, 0);             // Section headers: none.
  Add<uint32_t>(file, 0);
  Add<uint16_t>(file, kHeaderBytes);
  Add<uint16_t>(file, kProgramHeaderBytes);
  Add<uint16_t>(file, 2);
  file.resize(kHeaderBytes);
  // Something else, and the notes.
  file.resize(kHeaderBytes + kProgramHeaderBytes, '\x01');
  Add<uint32_t>(file, 4);
  Add<uint32_t>(file, 4);
  const uint64_t begin = kHeaderBytes + 2 * kProgramHeaderBytes;
  for (int i = 0; i < 3; ++i) Add<uint64_t>(file, begin);
  for (int i = 0; i < 2; ++i) Add<uint64_t>(file, notes.size());
  Add<uint64_t>(file, 4);
  return file + notes;
}

}  // namespace weir
