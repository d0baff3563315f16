// Schemas: built-in .proto files joined into one file per package, custom files laid over them.
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <climits>
#include <map>
#include <set>
#include <vector>

#include "internal.hpp"

using cortado::Reporter;
using cortado::guarded;

namespace cortado {

void silenceLogging() {
#if GOOGLE_PROTOBUF_VERSION < 4022000
  static const bool once = [] {
    pb::SetLogHandler(nullptr);
    return true;
  }();
  (void)once;
#endif
}

}  // namespace cortado

namespace {

struct Place {
  std::string file;
  int line = 0, column = 0;
};

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

/// One parsed .proto file and where its declarations stand.
struct ParsedFile {
  pb::FileDescriptorProto proto;
  std::map<std::string, Place> places;  // "Message" and "Message.field"
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

template <typename List>
auto *named(List *list, const std::string &name) {
  for (auto &item : *list) {
    if (item.name() == name) return &item;
  }
  return static_cast<decltype(&*list->begin())>(nullptr);
}

/// Lays custom files over the package "caffe".
class Overlay {
 public:
  Overlay(pb::FileDescriptorProto *base, const ParsedFile &amct) : base(base) {
    for (const auto &message : amct.proto.message_type()) reserved.insert(message.name());
    // Caffe master's own layers that AMCT's file brings along.
    reserved.insert("ClipParameter");
    reserved.insert("SwishParameter");
  }

  /// Fields of `base` whose numbers this project chose give way to any custom number.
  static bool isOurNumber(int number) { return number >= 190000 && number < 200000; }

  bool add(const ParsedFile &custom, const Reporter &reporter) {
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
        good = false;
      } else if (auto *known = named(base->mutable_message_type(), message.name())) {
        if (!whole) {
          say(CP_NOTE, custom, message.name(), "message " + message.name() + " replaces the built-in one", reporter);
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

 private:
  pb::FileDescriptorProto *base;
  std::set<std::string> reserved;

  static void say(cp_severity severity, const ParsedFile &file, const std::string &element, const std::string &text,
                  const Reporter &reporter) {
    auto found = file.places.find(element);
    Place place = found == file.places.end() ? Place{} : found->second;
    reporter.say(severity, place.line, place.column, text);
  }

  static void fail(const ParsedFile &file, const std::string &element, const std::string &text,
                   const Reporter &reporter) {
    say(CP_ERROR, file, element, text, reporter);
  }

  bool isReserved(const pb::FieldDescriptorProto &field) const {
    std::string type = field.type_name();
    return reserved.count(type.substr(type.rfind('.') + 1)) > 0;
  }

  bool addLayerFields(const pb::DescriptorProto &message, const ParsedFile &custom, bool whole,
                      const Reporter &reporter) {
    auto *layer = named(base->mutable_message_type(), "LayerParameter");
    bool good = true;
    for (const auto &field : message.field()) {
      const std::string element = "LayerParameter." + field.name();
      const std::string number = std::to_string(field.number());
      pb::FieldDescriptorProto *sameName = named(layer->mutable_field(), field.name());
      int other = -1;
      for (int i = 0; i < layer->field_size(); i++) {
        if (layer->field(i).number() == field.number() && layer->field(i).name() != field.name()) other = i;
      }
      if (!whole && field.label() != pb::FieldDescriptorProto::LABEL_OPTIONAL) {
        fail(custom, element, "fields of LayerParameter must be optional", reporter);
        good = false;
        continue;
      }
      const bool same = sameName && sameName->number() == field.number();
      if ((sameName && isReserved(*sameName)) || (other >= 0 && isReserved(layer->field(other)))) {
        if (whole && same) continue;
        const std::string owner = sameName && isReserved(*sameName) ? sameName->name() : layer->field(other).name();
        fail(custom, element,
             "field " + field.name() + " = " + number + " clashes with AMCT's own " + owner + " = " +
                 std::to_string(sameName && isReserved(*sameName) ? sameName->number() : field.number()),
             reporter);
        good = false;
        continue;
      }
      if (other >= 0 && !whole && !isOurNumber(field.number())) {
        fail(custom, element,
             "number " + number + " of LayerParameter is taken by " + layer->field(other).name() +
                 "; give " + field.name() + " a free number below 5000",
             reporter);
        good = false;
        continue;
      }
      if (!whole && sameName) {
        say(CP_NOTE, custom, element, "field " + field.name() + " replaces the built-in one", reporter);
      } else if (!whole && field.number() >= 5000) {
        say(CP_WARNING, custom, element, "number " + number + " of " + field.name() + " is not below 5000 as recommended",
            reporter);
      }
      if (other >= 0) layer->mutable_field()->DeleteSubrange(other, 1);
      if (auto *known = named(layer->mutable_field(), field.name())) {
        *known = field;
      } else {
        *layer->add_field() = field;
      }
    }
    for (const auto &type : message.nested_type()) replace(type, layer->mutable_nested_type());
    for (const auto &type : message.enum_type()) replace(type, layer->mutable_enum_type());
    return good;
  }

  template <typename Item, typename List>
  static void replace(const Item &item, List *list) {
    if (auto *known = named(list, item.name())) {
      *known = item;
    } else {
      *list->Add() = item;
    }
  }

  /// The custom declaration wins; what only the built-in one has stays where its number is free.
  static void merge(const pb::DescriptorProto &custom, pb::DescriptorProto *known) {
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
};

struct PoolErrors : pb::DescriptorPool::ErrorCollector {
  Reporter reporter;
  const std::map<std::string, Place> &places;
  PoolErrors(Reporter r, const std::map<std::string, Place> &p) : reporter(r), places(p) {}
  void AddError(const std::string &, const std::string &element, const pb::Message *, ErrorLocation,
                const std::string &text) override {
    const std::string name = element.rfind("caffe.", 0) == 0 ? element.substr(6) : element;
    auto found = places.find(name);
    Place place = found == places.end() ? Place{reporter.file} : found->second;
    Reporter{reporter.report, reporter.context, place.file.c_str()}.say(CP_ERROR, place.line, place.column,
                                                                        name + ": " + text);
  }
};

}  // namespace

const pb::Descriptor *cp_schema::find(const char *type) const {
  for (const char *package : {"caffe.", "calibration."}) {
    if (auto *found = pool.FindMessageTypeByName(std::string(package) + type)) return found;
  }
  return pool.FindMessageTypeByName(type);
}

extern "C" cp_schema *cp_schema_create(const cp_source *builtin, size_t builtin_count, const cp_source *custom,
                                       size_t custom_count, cp_report report, void *context) {
  cortado::silenceLogging();
  Reporter reporter{report, context, custom_count ? custom[0].name : "caffe.proto"};
  return guarded<cp_schema *>(reporter, nullptr, [&]() -> cp_schema * {
    std::map<std::string, pb::FileDescriptorProto> packages;
    std::map<std::string, Place> places;
    ParsedFile amct;
    for (size_t i = 0; i < builtin_count; i++) {
      ParsedFile file;
      if (!parse(builtin[i], Reporter{report, context, builtin[i].name}, &file)) return nullptr;
      pb::FileDescriptorProto &base = packages[file.proto.package()];
      base.set_name(file.proto.package() + ".proto");
      base.set_package(file.proto.package());
      base.set_syntax("proto2");
      base.mutable_message_type()->MergeFrom(file.proto.message_type());
      base.mutable_enum_type()->MergeFrom(file.proto.enum_type());
      if (file.proto.name() == "amct.proto") amct = std::move(file);
    }
    Overlay overlay(&packages["caffe"], amct);
    bool good = true;
    for (size_t i = 0; i < custom_count; i++) {
      ParsedFile file;
      Reporter own{report, context, custom[i].name};
      if (!parse(custom[i], own, &file)) return nullptr;
      good &= overlay.add(file, own);
      places.insert(file.places.begin(), file.places.end());
    }
    if (!good) return nullptr;
    auto schema = std::make_unique<cp_schema>();
    PoolErrors errors(reporter, places);
    for (const auto &package : packages) {
      const pb::FileDescriptor *built = schema->pool.BuildFileCollectingErrors(package.second, &errors);
      if (!built) return nullptr;
      if (package.first == "caffe") schema->caffe = built;
    }
    schema->factory = std::make_unique<pb::DynamicMessageFactory>(&schema->pool);
    schema->factory->SetDelegateToGeneratedFactory(false);
    return schema.release();
  });
}

extern "C" void cp_schema_free(cp_schema *schema) {
  guarded(0, [&] {
    delete schema;
    return 0;
  });
}

extern "C" bool cp_schema_text(const cp_schema *schema, cp_bytes sink, void *context) {
  return guarded(false, [&] {
    const std::string text = schema->caffe->DebugString();
    sink(context, reinterpret_cast<const uint8_t *>(text.data()), text.size());
    return true;
  });
}

extern "C" bool cp_field_names(const cp_schema *schema, const char *type, cp_name sink, void *context) {
  return guarded(false, [&] {
    const pb::Descriptor *message = schema->find(type);
    if (!message) return false;
    for (int i = 0; i < message->field_count(); i++) sink(context, message->field(i)->name().c_str());
    return true;
  });
}

static void enumValueNames(const pb::Descriptor *message, const char *field, cp_name sink, void *context) {
  const pb::FieldDescriptor *found = message->FindFieldByName(field);
  if (found && found->enum_type()) {
    for (int i = 0; i < found->enum_type()->value_count(); i++) {
      sink(context, found->enum_type()->value(i)->name().c_str());
    }
  }
  for (int i = 0; i < message->nested_type_count(); i++) {
    enumValueNames(message->nested_type(i), field, sink, context);
  }
}

extern "C" void cp_enum_value_names(const cp_schema *schema, const char *field, cp_name sink, void *context) {
  guarded(0, [&] {
    for (int i = 0; i < schema->caffe->message_type_count(); i++) {
      enumValueNames(schema->caffe->message_type(i), field, sink, context);
    }
    return 0;
  });
}

extern "C" const char *cp_enum_value_name(const cp_schema *schema, const char *type, const char *name,
                                          int32_t number) {
  return guarded<const char *>(nullptr, [&]() -> const char * {
    const pb::Descriptor *message = schema->find(type);
    const pb::FieldDescriptor *field = message ? message->FindFieldByName(name) : nullptr;
    if (!field || !field->enum_type()) return nullptr;
    const pb::EnumValueDescriptor *value = field->enum_type()->FindValueByNumber(number);
    return value ? value->name().c_str() : nullptr;
  });
}

extern "C" bool cp_find_field(const cp_schema *schema, const char *type, const char *name, cp_field *out) {
  return guarded(false, [&] {
    const pb::Descriptor *message = schema->find(type);
    const pb::FieldDescriptor *field = message ? message->FindFieldByName(name) : nullptr;
    if (!field) return false;
    *out = cp_field{};
    out->repeated = field->is_repeated();
    out->has_default = field->has_default_value();
    out->number = field->number();
    using F = pb::FieldDescriptor;
    switch (field->cpp_type()) {
      case F::CPPTYPE_INT32: out->kind = CP_INT, out->int_value = field->default_value_int32(); break;
      case F::CPPTYPE_INT64: out->kind = CP_INT, out->int_value = field->default_value_int64(); break;
      case F::CPPTYPE_UINT32: out->kind = CP_UINT, out->uint_value = field->default_value_uint32(); break;
      case F::CPPTYPE_UINT64: out->kind = CP_UINT, out->uint_value = field->default_value_uint64(); break;
      case F::CPPTYPE_FLOAT: out->kind = CP_REAL, out->real_value = field->default_value_float(); break;
      case F::CPPTYPE_DOUBLE: out->kind = CP_REAL, out->real_value = field->default_value_double(); break;
      case F::CPPTYPE_BOOL: out->kind = CP_BOOL, out->bool_value = field->default_value_bool(); break;
      case F::CPPTYPE_STRING:
        out->kind = field->type() == F::TYPE_BYTES ? CP_BYTES : CP_STRING;
        out->text = field->default_value_string().data();
        out->text_count = field->default_value_string().size();
        break;
      case F::CPPTYPE_ENUM:
        out->kind = CP_ENUM;
        out->type_name = field->enum_type()->name().c_str();
        out->int_value = field->default_value_enum()->number();
        out->text = field->default_value_enum()->name().data();
        out->text_count = field->default_value_enum()->name().size();
        break;
      case F::CPPTYPE_MESSAGE:
        out->kind = CP_MESSAGE;
        out->type_name = field->message_type()->name().c_str();
        break;
    }
    return true;
  });
}
