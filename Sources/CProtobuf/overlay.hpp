// .proto files as parsed, and how custom ones change the package "caffe".
#pragma once

#include <map>
#include <set>

#include "internal.hpp"

namespace cortado {

struct Place {
  std::string file;
  int line = 0, column = 0;
};

/// One parsed .proto file and where its declarations stand.
struct ParsedFile {
  pb::FileDescriptorProto proto;
  std::map<std::string, Place> places;  // "Message" and "Message.field"
};

/// False after a report.
bool parse(const cp_source &source, const Reporter &reporter, ParsedFile *out);

/// Lays custom files over the package "caffe".
class Overlay {
 public:
  /// AMCT's messages, and the fields of LayerParameter that use them, are out of bounds.
  Overlay(pb::FileDescriptorProto *base, const ParsedFile &amct);

  /// False after a report; what is replaced is reported as a note.
  bool add(const ParsedFile &custom, const Reporter &reporter);

 private:
  pb::FileDescriptorProto *base;
  std::set<std::string> reserved;

  bool isReserved(const pb::FieldDescriptorProto &field) const;
  bool addLayerFields(const pb::DescriptorProto &message, const ParsedFile &custom, bool whole,
                      const Reporter &reporter);
};

}  // namespace cortado
