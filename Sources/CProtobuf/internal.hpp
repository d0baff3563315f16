// What the parts of the shim share.
#pragma once

#if !__has_include(<google/protobuf/compiler/parser.h>)
#error "libprotobuf headers are missing: sudo apt-get install libprotobuf-dev libprotoc-dev"
#endif

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <memory>
#include <string>
#include <vector>

#include "CProtobuf.h"

namespace pb = google::protobuf;

struct cp_schema {
  // On top of the generated pool, so that a custom file may import google/protobuf/descriptor.proto.
  pb::DescriptorPool pool{pb::DescriptorPool::generated_pool()};
  const pb::FileDescriptor *caffe = nullptr;
  std::unique_ptr<pb::DynamicMessageFactory> factory;

  const pb::Descriptor *find(const char *type) const;
};

namespace cortado {

/// The text of a file, for turning libprotobuf's columns, which count a tab as up to 8, into the user's.
class SourceText {
 public:
  SourceText(const uint8_t *bytes, size_t count);

  /// The 0-based column, each byte counting as one, of libprotobuf's 0-based `column`.
  int column(int line, int column) const;
  /// Where `word` last stands before the place, which libprotobuf has read up to. False when it is not there.
  bool findBefore(const std::string &word, int *line, int *column) const;

 private:
  std::string text;
  std::vector<size_t> starts;
  bool hasTabs;
};

}  // namespace cortado

struct cp_message {
  std::unique_ptr<pb::Message> message;
  // Where text had each field; empty for binary.
  std::unique_ptr<pb::TextFormat::ParseInfoTree> places;
  std::unique_ptr<cortado::SourceText> source;
};

namespace cortado {

/// A report bound to a file.
struct Reporter {
  cp_report report;
  void *context;
  const char *file;

  void say(cp_severity severity, int line, int column, const std::string &text, const std::string &scope = "") const {
    if (report) report(context, severity, file, line, column, text.c_str(), scope.c_str());
  }
};

/// Keeps libprotobuf from writing to stderr, which may be a screen.
void silenceLogging();

/// An empty message; null after a report.
std::unique_ptr<cp_message> fresh(const cp_schema *schema, const char *type, const Reporter &reporter);

/// Runs `body`; an exception becomes a report and `fallback`.
template <typename Result, typename Body>
Result guarded(const Reporter &reporter, Result fallback, Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    try { reporter.say(CP_ERROR, 0, 0, "out of memory"); } catch (...) {}
  } catch (const std::exception &error) {
    try { reporter.say(CP_ERROR, 0, 0, error.what()); } catch (...) {}
  } catch (...) {
  }
  return fallback;
}

template <typename Result, typename Body>
Result guarded(Result fallback, Body body) noexcept {
  return guarded(Reporter{nullptr, nullptr, ""}, fallback, body);
}

}  // namespace cortado
