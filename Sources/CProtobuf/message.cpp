// Messages: read from text or binary, walked and serialized.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/unknown_field_set.h>

#include <climits>
#include <set>
#include <vector>

#include "internal.hpp"

using cortado::Reporter;
using cortado::guarded;
using pb::FieldDescriptor;

namespace {

// Real nets nest 6 deep.
constexpr int recursionLimit = 100;

/// The parts of `text` between its double quotes.
std::vector<std::string> quoted(const std::string &text) {
  std::vector<std::string> parts;
  for (size_t at = text.find('"'); at != std::string::npos;) {
    size_t end = text.find('"', at + 1);
    if (end == std::string::npos) break;
    parts.push_back(text.substr(at + 1, end - at - 1));
    at = text.find('"', end + 1);
  }
  return parts;
}

/// "caffe.Outer.Inner" as "Outer.Inner".
std::string withoutPackage(const std::string &name) { return name.substr(name.find('.') + 1); }

struct TextErrors : pb::io::ErrorCollector {
  Reporter reporter;
  const cortado::SourceText &source;
  int errors = 0;
  TextErrors(Reporter r, const cortado::SourceText &s) : reporter(r), source(s) {}

  void AddError(int line, pb::io::ColumnNumber column, const std::string &text) override {
    auto parts = quoted(text);
    if (text.rfind("Unknown enumeration value", 0) == 0 && parts.size() == 2) {
      say(CP_UNKNOWN_ENUM, line, column, parts[0], parts[1]);
    } else {
      errors++;
      reporter.say(CP_ERROR, line + 1, source.column(line, column) + 1, text);
    }
  }

  // With AllowUnknownField the reader goes on after a field nobody knows and says so here.
  void AddWarning(int line, pb::io::ColumnNumber column, const std::string &text) override {
    auto parts = quoted(text);
    if (text.find("has no field named") != std::string::npos && parts.size() == 2) {
      say(CP_UNKNOWN_FIELD, line, column, parts[1], withoutPackage(parts[0]));
    } else if (text.find("deprecated") == std::string::npos) {
      AddError(line, column, text);
    }
  }

 private:
  /// Both come when the reader is past the word they are about.
  void say(cp_severity severity, int line, int column, const std::string &word, const std::string &scope) {
    errors++;
    if (!source.findBefore(word, &line, &column)) column = source.column(line, column);
    reporter.say(severity, line + 1, column + 1, word, scope);
  }
};

using Places = pb::TextFormat::ParseInfoTree;

pb::TextFormat::ParseLocation placeOf(const Places *places, const FieldDescriptor *field, int index) {
  pb::TextFormat::ParseLocation place;  // line -1
  if (!places) return place;
  if (!field->is_repeated()) return places->GetLocation(field, -1);
  // The short form [a, b, c] has one place for all.
  for (int i = index; i >= 0 && place.line < 0; i--) place = places->GetLocation(field, i);
  return place;
}

/// The places inside a message field.
const Places *treeOf(const Places *places, const FieldDescriptor *field, int index) {
  if (!places) return nullptr;
  return const_cast<Places *>(places)->GetTreeForNested(field, field->is_repeated() ? index : -1);
}

/// Reports each required field that is missing, at the place of the message that lacks it.
bool hasRequired(const pb::Message &message, const Places *places, const cortado::SourceText *source, int line,
                 int column, const Reporter &reporter) {
  const pb::Descriptor *type = message.GetDescriptor();
  const pb::Reflection *reflection = message.GetReflection();
  bool good = true;
  for (int i = 0; i < type->field_count(); i++) {
    const FieldDescriptor *field = type->field(i);
    if (field->is_required() && !reflection->HasField(message, field)) {
      reporter.say(CP_ERROR, line, column, "field '" + field->name() + "' of " + type->name() + " is missing");
      good = false;
    }
  }
  std::vector<const FieldDescriptor *> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor *field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; i++) {
      const pb::Message &sub = field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                    : reflection->GetMessage(message, field);
      auto place = placeOf(places, field, i);
      const int at = place.line < 0 || !source ? 0 : source->column(place.line, place.column) + 1;
      good &= hasRequired(sub, treeOf(places, field, i), source, place.line + 1, at, reporter);
    }
  }
  return good;
}

}  // namespace

std::unique_ptr<cp_message> cortado::fresh(const cp_schema *schema, const char *type, const Reporter &reporter) {
  const pb::Descriptor *descriptor = schema->find(type);
  if (!descriptor) {
    reporter.say(CP_ERROR, 0, 0, std::string("the schema has no message ") + type);
    return nullptr;
  }
  auto out = std::make_unique<cp_message>();
  out->message.reset(schema->factory->GetPrototype(descriptor)->New());
  return out;
}

namespace {

using cortado::fresh;

bool fits(size_t count, const Reporter &reporter) {
  if (count <= INT_MAX) return true;
  reporter.say(CP_ERROR, 0, 0, "the file is over 2 GiB, more than a protobuf message can hold");
  return false;
}

/// The numbers of a blob: they are read and written elsewhere, in one piece.
bool isBlobData(const FieldDescriptor *field) {
  static const std::set<std::string> names = {"data",      "diff",       "double_data", "double_diff",
                                              "int8_data", "int32_data", "uint64_data"};
  return field->containing_type()->name() == "BlobProto" && names.count(field->name());
}

struct Walk {
  const cp_visitor &visitor;
  const cortado::SourceText *source;

  void fields(const pb::Message &message, const Places *places) {
    std::vector<const FieldDescriptor *> set;
    message.GetReflection()->ListFields(message, &set);
    for (const FieldDescriptor *field : set) {
      if (isBlobData(field)) continue;
      int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
      for (int i = 0; i < count; i++) value(message, field, i, places);
    }
  }

  void value(const pb::Message &m, const FieldDescriptor *field, int i, const Places *places) {
    const pb::Reflection *r = m.GetReflection();
    const bool many = field->is_repeated();
    const char *name = field->name().c_str();
    auto place = placeOf(places, field, i);
    const int line = place.line + 1;
    const int column = place.line < 0 || !source ? 0 : source->column(place.line, place.column) + 1;
    void *context = visitor.context;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        visitor.int_value(context, name, many ? r->GetRepeatedInt32(m, field, i) : r->GetInt32(m, field), line, column);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        visitor.int_value(context, name, many ? r->GetRepeatedInt64(m, field, i) : r->GetInt64(m, field), line, column);
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        visitor.uint_value(context, name, many ? r->GetRepeatedUInt32(m, field, i) : r->GetUInt32(m, field), line,
                           column);
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        visitor.uint_value(context, name, many ? r->GetRepeatedUInt64(m, field, i) : r->GetUInt64(m, field), line,
                           column);
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        visitor.real_value(context, name, many ? r->GetRepeatedFloat(m, field, i) : r->GetFloat(m, field), line,
                           column);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        visitor.real_value(context, name, many ? r->GetRepeatedDouble(m, field, i) : r->GetDouble(m, field), line,
                           column);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        visitor.bool_value(context, name, many ? r->GetRepeatedBool(m, field, i) : r->GetBool(m, field), line, column);
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string &s =
            many ? r->GetRepeatedStringReference(m, field, i, &scratch) : r->GetStringReference(m, field, &scratch);
        visitor.text_value(context, name, field->type() == FieldDescriptor::TYPE_BYTES,
                           reinterpret_cast<const uint8_t *>(s.data()), s.size(), line, column);
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const pb::EnumValueDescriptor *e = many ? r->GetRepeatedEnum(m, field, i) : r->GetEnum(m, field);
        visitor.enum_value(context, name, e->name().c_str(), e->number(), line, column);
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const pb::Message &sub = many ? r->GetRepeatedMessage(m, field, i) : r->GetMessage(m, field);
        message(name, sub, treeOf(places, field, i), line, column);
        break;
      }
    }
  }

  void message(const char *name, const pb::Message &m, const Places *places, int line, int column) {
    const pb::Descriptor *type = m.GetDescriptor();
    visitor.begin(visitor.context, name, type->full_name().c_str() + type->file()->package().size() + 1, line, column);
    fields(m, places);
    std::string unknown;
    m.GetReflection()->GetUnknownFields(m).SerializeToString(&unknown);
    visitor.end(visitor.context, reinterpret_cast<const uint8_t *>(unknown.data()), unknown.size());
  }
};

}  // namespace

extern "C" cp_message *cp_parse_text(const cp_schema *schema, const char *type, const char *file, const uint8_t *bytes,
                                     size_t count, bool last_wins, cp_report report, void *context) {
  Reporter reporter{report, context, file};
  return guarded<cp_message *>(reporter, nullptr, [&]() -> cp_message * {
    auto out = fresh(schema, type, reporter);
    if (!out || !fits(count, reporter)) return nullptr;
    const bool hasByteOrderMark = count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf;
    if (hasByteOrderMark) bytes += 3, count -= 3;
    out->places = std::make_unique<Places>();
    out->source = std::make_unique<cortado::SourceText>(bytes, count);
    TextErrors errors(reporter, *out->source);
    pb::TextFormat::Parser parser;
    parser.RecordErrorsTo(&errors);
    parser.WriteLocationsTo(out->places.get());
    parser.AllowUnknownField(true);
    parser.AllowPartialMessage(true);
    parser.SetRecursionLimit(recursionLimit);
    pb::io::ArrayInputStream input(bytes, static_cast<int>(count));
    const bool parsed = last_wins ? parser.Merge(&input, out->message.get()) : parser.Parse(&input, out->message.get());
    if (!parsed && !errors.errors) reporter.say(CP_ERROR, 0, 0, "not a text protobuf file");
    if (!parsed || errors.errors) return nullptr;
    if (!hasRequired(*out->message, out->places.get(), out->source.get(), 1, 1, reporter)) return nullptr;
    return out.release();
  });
}

extern "C" cp_message *cp_parse_binary(const cp_schema *schema, const char *type, const char *file,
                                       const uint8_t *bytes, size_t count, cp_report report, void *context) {
  Reporter reporter{report, context, file};
  return guarded<cp_message *>(reporter, nullptr, [&]() -> cp_message * {
    auto out = fresh(schema, type, reporter);
    if (!out || !fits(count, reporter)) return nullptr;
    pb::io::CodedInputStream input(bytes, static_cast<int>(count));
    input.SetTotalBytesLimit(INT_MAX);
    input.SetRecursionLimit(recursionLimit);
    if (!out->message->ParsePartialFromCodedStream(&input) || !input.ConsumedEntireMessage()) {
      reporter.say(CP_ERROR, 0, 0,
                   std::string("not a binary ") + type + ", or cut short: the bytes make no sense near byte " +
                       std::to_string(input.CurrentPosition()));
      return nullptr;
    }
    if (!hasRequired(*out->message, nullptr, nullptr, 0, 0, reporter)) return nullptr;
    return out.release();
  });
}

extern "C" void cp_message_free(cp_message *message) {
  guarded(0, [&] {
    delete message;
    return 0;
  });
}

extern "C" bool cp_visit(const cp_message *message, const cp_visitor *visitor) {
  return guarded(false, [&] {
    Walk{*visitor, message->source.get()}.message("", *message->message, message->places.get(), message->places ? 1 : 0,
                           message->places ? 1 : 0);
    return true;
  });
}

extern "C" bool cp_serialize(const cp_message *message, cp_bytes sink, void *context) {
  return guarded(false, [&] {
    if (message->message->ByteSizeLong() > INT_MAX) return false;
    std::string out;
    {
      pb::io::StringOutputStream stream(&out);
      pb::io::CodedOutputStream coded(&stream);
      coded.SetSerializationDeterministic(true);
      if (!message->message->SerializePartialToCodedStream(&coded)) return false;
    }
    sink(context, reinterpret_cast<const uint8_t *>(out.data()), out.size());
    return true;
  });
}
