// TestSequence: what an operator's inputs are fed, row by row in a fixed order: (input, row, time) and watermarks. Rows are kept
// encoded, so every run gets fresh ones. Testonly; pure data.
#ifndef WEIR_CORE_TESTING_TEST_SEQUENCE_H_
#define WEIR_CORE_TESTING_TEST_SEQUENCE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/types/event_time.h"
#include "core/types/row_codec.h"
#include "core/types/row_codec_for.h"
#include "core/types/stream_element.h"

namespace weir {

class TestSequence {
 public:
  struct Element {
    int input = 0;
    std::string row;    // Encoded, with its time if `flags` say so. Unused for a watermark.
    uint8_t flags = 0;  // RowFlags.
    std::optional<Watermark> watermark;
  };

  // All rows of an input have the type T.
  template <class T>
  TestSequence& Row(T row, std::optional<EventTime> time = std::nullopt, int input = 0) {
    std::shared_ptr<const RowCodec>& codec = codecs_[input];
    if (!codec) codec = RowCodecFor<T>();
    Batch<T> batch;
    batch.rows.push_back(std::move(row));
    if (time.has_value()) batch.event_times.push_back(*time);
    Element element{input, "", RowFlags(batch), std::nullopt};
    codec->AppendRowRange(batch, 0, 1, SIZE_MAX, element.row);
    elements_.push_back(std::move(element));
    return *this;
  }
  TestSequence& AddWatermark(EventTime time, bool idle = false) {
    elements_.push_back({0, "", 0, Watermark{time, idle}});
    return *this;
  }

  const std::vector<Element>& elements() const { return elements_; }
  const RowCodec& codec(int input) const { return *codecs_.at(input); }

 private:
  std::map<int, std::shared_ptr<const RowCodec>> codecs_;  // By input.
  std::vector<Element> elements_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_TEST_SEQUENCE_H_
