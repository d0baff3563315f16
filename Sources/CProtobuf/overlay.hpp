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
  /// AMCT's messages, and the fields of LayerParameter that use them, are out of bounds. `places`: where the built-in
  /// declarations stand.
  Overlay(pb::FileDescriptorProto *base, const ParsedFile &amct, const std::map<std::string, Place> &places);

  /// False after a report; what is replaced is reported as a note.
  bool add(const ParsedFile &custom, const Reporter &reporter);

 private:
  pb::FileDescriptorProto *base;
  std::set<std::string> reserved;
  const std::map<std::string, Place> &places;

  /// Says where the built-in declaration stands that the last report is about.
  void relate(const std::string &element, const std::string &text, const Reporter &reporter) const;
  void relate(const pb::FieldDescriptorProto &field, const Reporter &reporter) const;
  /// Whose a field of LayerParameter is: AMCT's, ATC's, Caffe's, or this project's.
  std::string owner(const pb::FieldDescriptorProto &field) const;
  /// The lowest number of LayerParameter from 1000 on that is free.
  int freeNumber(const pb::DescriptorProto &custom) const;
  bool addField(const pb::FieldDescriptorProto &field, const pb::DescriptorProto &message, const ParsedFile &custom,
                bool whole, const Reporter &reporter);
  bool isReserved(const pb::FieldDescriptorProto &field) const;
  bool addLayerFields(const pb::DescriptorProto &message, const ParsedFile &custom, bool whole,
                      const Reporter &reporter);
};

}  // namespace cortado
