// Schemas: built-in .proto files joined into one file per package, with custom files laid over them; what they say.
#include <map>

#include "overlay.hpp"

using cortado::Overlay;
using cortado::ParsedFile;
using cortado::Place;
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
    std::map<std::string, Place> places, builtinPlaces;
    ParsedFile amct;
    for (size_t i = 0; i < builtin_count; i++) {
      ParsedFile file;
      if (!cortado::parse(builtin[i], Reporter{report, context, builtin[i].name}, &file)) return nullptr;
      pb::FileDescriptorProto &base = packages[file.proto.package()];
      base.set_name(file.proto.package() + ".proto");
      base.set_package(file.proto.package());
      base.set_syntax("proto2");
      base.mutable_message_type()->MergeFrom(file.proto.message_type());
      base.mutable_enum_type()->MergeFrom(file.proto.enum_type());
      builtinPlaces.insert(file.places.begin(), file.places.end());
      if (file.proto.name() == "amct.proto") amct = std::move(file);
    }
    Overlay overlay(&packages["caffe"], amct, builtinPlaces);
    bool good = true;
    for (size_t i = 0; i < custom_count; i++) {
      ParsedFile file;
      Reporter own{report, context, custom[i].name};
      if (!cortado::parse(custom[i], own, &file)) return nullptr;
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
