// Parsing .proto files and laying custom ones over the built-in schema.
#include "overlay.hpp"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <climits>

namespace cortado {

namespace {

struct ParserErrors : pb::io::ErrorCollector {
  Reporter reporter;
  int errors = 0;
  explicit ParserErrors(Reporter r) : reporter(r) {}
  void AddError(int line, pb::io::ColumnNumber column, const std::string &text) override {
    errors++;
    reporter.say(CP_ERROR, line + 1, column + 1, text);
  }
  void AddWarning(int, pb::io::ColumnNumber, const std::string &) override {}
};

bool nestsTooDeeply(const cp_source &source) {
  int depth = 0;
  for (size_t i = 0; i < source.count; i++) {
    if (source.bytes[i] == '{' && ++depth > 64) return true;
    if (source.bytes[i] == '}') depth--;
  }
  return false;
}

/// Drops the file's own package from a type name: the merged file has another one.
void unqualify(const std::string &package, std::string *type) {
  for (const std::string &prefix : {"." + package + ".", package + "."}) {
    if (!package.empty() && type->compare(0, prefix.size(), prefix) == 0) {
      type->erase(0, prefix.size());
      return;
    }
  }
}

void unqualify(const std::string &package, pb::DescriptorProto *message) {
  for (auto &field : *message->mutable_field()) {
    if (field.has_type_name()) unqualify(package, field.mutable_type_name());
  }
  for (auto &nested : *message->mutable_nested_type()) unqualify(package, &nested);
}

template <typename List>
auto *named(List *list, const std::string &name) {
  for (auto &item : *list) {
    if (item.name() == name) return &item;
  }
  return static_cast<decltype(&*list->begin())>(nullptr);
}

/// Fields of `base` whose numbers this project chose give way to any custom number.
bool isOurNumber(int number) { return (number >= 190000 && number < 200000) || (number >= 290000 && number < 300000); }

std::string text(const pb::FieldDescriptorProto &field) {
  return field.name() + " = " + std::to_string(field.number());
}

void say(cp_severity severity, const ParsedFile &file, const std::string &element, const std::string &text,
                const Reporter &reporter) {
  auto found = file.places.find(element);
  Place place = found == file.places.end() ? Place{} : found->second;
  reporter.say(severity, place.line, place.column, text);
}

void fail(const ParsedFile &file, const std::string &element, const std::string &text,
                 const Reporter &reporter) {
  say(CP_ERROR, file, element, text, reporter);
}

template <typename Item, typename List>
void replace(const Item &item, List *list) {
  if (auto *known = named(list, item.name())) {
    *known = item;
  } else {
    *list->Add() = item;
  }
}

/// The custom declaration wins; what only the built-in one has stays where its number is free.
void merge(const pb::DescriptorProto &custom, pb::DescriptorProto *known) {
  pb::DescriptorProto merged = custom;
  std::set<int> numbers;
  for (const auto &field : custom.field()) numbers.insert(field.number());
  for (const auto &field : known->field()) {
    if (named(merged.mutable_field(), field.name()) || numbers.count(field.number())) continue;
    if (field.has_oneof_index() || field.label() == pb::FieldDescriptorProto::LABEL_REQUIRED) continue;
    *merged.add_field() = field;
  }
  for (const auto &type : known->nested_type()) {
    if (!named(merged.mutable_nested_type(), type.name())) *merged.add_nested_type() = type;
  }
  for (const auto &type : known->enum_type()) {
    if (!named(merged.mutable_enum_type(), type.name())) *merged.add_enum_type() = type;
  }
  *known = merged;
}

}  // namespace

bool parse(const cp_source &source, const Reporter &reporter, ParsedFile *out) {
  if (source.count > INT_MAX || nestsTooDeeply(source)) {
    reporter.say(CP_ERROR, 0, 0, "not a .proto file: too long or nested too deeply");
    return false;
  }
  pb::io::ArrayInputStream input(source.bytes, static_cast<int>(source.count));
  ParserErrors errors(reporter);
  pb::io::Tokenizer tokenizer(&input, &errors);
  pb::compiler::Parser parser;
  pb::compiler::SourceLocationTable table;
  parser.RecordErrorsTo(&errors);
  parser.RecordSourceLocationsTo(&table);
  out->proto.set_name(source.name);
  if (!parser.Parse(&tokenizer, &out->proto) || errors.errors) {
    if (!errors.errors) reporter.say(CP_ERROR, 0, 0, "not a .proto file");
    return false;
  }
  if (out->proto.syntax() == "proto3") {
    reporter.say(CP_ERROR, 1, 1, "proto3 has no optional fields as Caffe needs them: write syntax = \"proto2\"");
    return false;
  }
  auto place = [&](const pb::Message &element) {
    Place p{source.name};
    if (table.Find(&element, pb::DescriptorPool::ErrorCollector::NAME, &p.line, &p.column)) p.line++, p.column++;
    return p;
  };
  const std::string package = out->proto.package();
  for (auto &message : *out->proto.mutable_message_type()) {
    out->places[message.name()] = place(message);
    for (const auto &field : message.field()) out->places[message.name() + "." + field.name()] = place(field);
    unqualify(package, &message);
  }
  return true;
}

Overlay::Overlay(pb::FileDescriptorProto *base, const ParsedFile &amct, const std::map<std::string, Place> &places)
    : base(base), places(places) {
  for (const auto &message : amct.proto.message_type()) reserved.insert(message.name());
  // Caffe master's own layers that AMCT's file brings along.
  reserved.insert("ClipParameter");
  reserved.insert("SwishParameter");
}

void Overlay::relate(const std::string &element, const std::string &text, const Reporter &reporter) const {
  auto found = places.find(element);
  if (found == places.end()) return;
  const Place &place = found->second;
  const std::string file = "built-in " + place.file;
  Reporter{reporter.report, reporter.context, file.c_str()}.say(CP_RELATED, place.line, place.column, text);
}

void Overlay::relate(const pb::FieldDescriptorProto &field, const Reporter &reporter) const {
  relate("LayerParameter." + field.name(), owner(field) + " " + text(field) + " is here", reporter);
}

std::string Overlay::owner(const pb::FieldDescriptorProto &field) const {
  if (isOurNumber(field.number())) return "the built-in";
  if (isReserved(field)) return "AMCT's";
  return field.number() < 148 ? "Caffe's" : "ATC's";
}

int Overlay::freeNumber(const pb::DescriptorProto &custom) const {
  std::set<int> taken;
  for (const auto &message : base->message_type()) {
    if (message.name() != "LayerParameter") continue;
    for (const auto &field : message.field()) taken.insert(field.number());
  }
  for (const auto &field : custom.field()) taken.insert(field.number());
  int number = 1000;
  while (taken.count(number)) number++;
  return number;
}

bool Overlay::add(const ParsedFile &custom, const Reporter &reporter) {
  const pb::DescriptorProto *layer = nullptr;
  for (const auto &message : custom.proto.message_type()) {
    if (message.name() == "LayerParameter") layer = &message;
  }
  // A whole caffe.proto (a fork's, or one merged before) describes LayerParameter from its first field on.
  bool whole = false;
  if (layer) {
    for (const auto &field : layer->field()) whole |= field.name() == "name" && field.number() == 1;
  }
  bool good = true;
  for (const auto &message : custom.proto.message_type()) {
    if (message.name() == "LayerParameter") {
      good &= addLayerFields(message, custom, whole, reporter);
    } else if (reserved.count(message.name())) {
      if (whole) continue;  // AMCT's own stay as they are
      fail(custom, message.name(), "message " + message.name() + " is AMCT's own; give yours another name", reporter);
      relate(message.name(), "AMCT's message " + message.name() + " is here", reporter);
      good = false;
    } else if (auto *known = named(base->mutable_message_type(), message.name())) {
      if (!whole) {
        say(CP_NOTE, custom, message.name(), "message " + message.name() + " replaces the built-in one", reporter);
        relate(message.name(), "the built-in message " + message.name() + " is here", reporter);
      }
      merge(message, known);
    } else {
      *base->add_message_type() = message;
    }
  }
  for (const auto &type : custom.proto.enum_type()) {
    if (auto *known = named(base->mutable_enum_type(), type.name())) {
      *known = type;
    } else {
      *base->add_enum_type() = type;
    }
  }
  for (const auto &file : custom.proto.dependency()) {
    if (file.rfind("google/protobuf/", 0) == 0) base->add_dependency(file);
  }
  return good;
}

bool Overlay::isReserved(const pb::FieldDescriptorProto &field) const {
  std::string type = field.type_name();
  return reserved.count(type.substr(type.rfind('.') + 1)) > 0;
}

bool Overlay::addLayerFields(const pb::DescriptorProto &message, const ParsedFile &custom, bool whole,
                             const Reporter &reporter) {
  auto *layer = named(base->mutable_message_type(), "LayerParameter");
  bool good = true;
  for (const auto &field : message.field()) good &= addField(field, message, custom, whole, reporter);
  for (const auto &type : message.nested_type()) replace(type, layer->mutable_nested_type());
  for (const auto &type : message.enum_type()) replace(type, layer->mutable_enum_type());
  return good;
}

bool Overlay::addField(const pb::FieldDescriptorProto &field, const pb::DescriptorProto &message,
                       const ParsedFile &custom, bool whole, const Reporter &reporter) {
  auto *layer = named(base->mutable_message_type(), "LayerParameter");
  const std::string element = "LayerParameter." + field.name();
  if (!whole && field.label() != pb::FieldDescriptorProto::LABEL_OPTIONAL) {
    fail(custom, element, "fields of LayerParameter must be optional", reporter);
    return false;
  }
  pb::FieldDescriptorProto *sameName = named(layer->mutable_field(), field.name());
  int other = -1;
  for (int i = 0; i < layer->field_size(); i++) {
    if (layer->field(i).number() == field.number() && layer->field(i).name() != field.name()) other = i;
  }
  if (sameName && isReserved(*sameName)) {
    if (whole) {
      // Caffe master has clip_param = 148, for one: text files don't care about numbers.
      if (sameName->number() != field.number()) {
        say(CP_NOTE, custom, element, "field " + field.name() + " keeps AMCT's number " +
            std::to_string(sameName->number()), reporter);
      }
      return true;
    }
    fail(custom, element, "field " + text(field) + " clashes with AMCT's own " + text(*sameName), reporter);
    relate(*sameName, reporter);
    return false;
  }
  if (other >= 0 && !isOurNumber(field.number())) {
    const pb::FieldDescriptorProto &taken = layer->field(other);
    if (isReserved(taken)) {
      fail(custom, element, "field " + text(field) + " clashes with AMCT's own " + text(taken), reporter);
      relate(taken, reporter);
      return false;
    }
    if (!whole) {
      fail(custom, element,
           "number " + std::to_string(field.number()) + " of LayerParameter is taken by " + owner(taken) + " " +
               taken.name() + "; give " + field.name() + " a free number below 5000, " +
               std::to_string(freeNumber(message)) + " for one", reporter);
      relate(taken, reporter);
      return false;
    }
  }
  if (!whole && sameName) {
    say(CP_NOTE, custom, element, "field " + text(field) + " replaces " + owner(*sameName) + " " + text(*sameName),
        reporter);
    relate(*sameName, reporter);
  }
  if (!whole && field.number() >= 5000) {
    const bool amct = field.number() >= 200000;
    say(CP_WARNING, custom, element,
        "number " + std::to_string(field.number()) + " of " + field.name() + " is not below 5000 as recommended: " +
            (amct ? "AMCT's numbers begin at 200000" : "5000 to 199999 are ATC's"), reporter);
  }
  if (other >= 0) layer->mutable_field()->DeleteSubrange(other, 1);
  if (auto *known = named(layer->mutable_field(), field.name())) {
    *known = field;
  } else {
    *layer->add_field() = field;
  }
  return true;
}

}  // namespace cortado
