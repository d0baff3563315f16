// Messages put together field by field.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>

#include <climits>
#include <cmath>

#include "internal.hpp"

using cortado::Reporter;
using cortado::guarded;
using pb::FieldDescriptor;

namespace {

pb::Message *messageOf(cp_node *node) { return reinterpret_cast<pb::Message *>(node); }

/// Calls `body(message, reflection, field)` for a field that exists.
template <typename Body>
cp_status put(cp_node *node, const char *name, Body body) {
  return guarded(CP_FAILED, [&] {
    pb::Message *m = messageOf(node);
    const FieldDescriptor *field = m->GetDescriptor()->FindFieldByName(name);
    if (!field) return CP_NO_FIELD;
    return body(m, m->GetReflection(), field);
  });
}

/// Stores `v`, an integer of any type, or a double, in a numeric field.
template <typename Number>
cp_status putNumber(pb::Message *m, const pb::Reflection *r, const FieldDescriptor *field, Number v) {
  const bool many = field->is_repeated();
  constexpr bool real = std::is_floating_point<Number>::value;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_FLOAT:
      many ? r->AddFloat(m, field, static_cast<float>(v)) : r->SetFloat(m, field, static_cast<float>(v));
      return CP_OK;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      many ? r->AddDouble(m, field, static_cast<double>(v)) : r->SetDouble(m, field, static_cast<double>(v));
      return CP_OK;
    default: break;
  }
  if (real) return CP_WRONG_KIND;
  const bool negative = v < Number(0);
  const uint64_t bits = static_cast<uint64_t>(v);
  const int64_t integer = static_cast<int64_t>(v);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      if (negative ? integer < INT32_MIN : bits > INT32_MAX) return CP_OUT_OF_RANGE;
      many ? r->AddInt32(m, field, integer) : r->SetInt32(m, field, integer);
      return CP_OK;
    case FieldDescriptor::CPPTYPE_INT64:
      if (!negative && bits > INT64_MAX) return CP_OUT_OF_RANGE;
      many ? r->AddInt64(m, field, integer) : r->SetInt64(m, field, integer);
      return CP_OK;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (negative || bits > UINT32_MAX) return CP_OUT_OF_RANGE;
      many ? r->AddUInt32(m, field, bits) : r->SetUInt32(m, field, bits);
      return CP_OK;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (negative) return CP_OUT_OF_RANGE;
      many ? r->AddUInt64(m, field, bits) : r->SetUInt64(m, field, bits);
      return CP_OK;
    default: return CP_WRONG_KIND;
  }
}

}  // namespace

extern "C" cp_message *cp_message_create(const cp_schema *schema, const char *type) {
  return guarded<cp_message *>(nullptr, [&] { return cortado::fresh(schema, type, Reporter{nullptr, nullptr, ""}).release(); });
}

extern "C" cp_node *cp_message_root(cp_message *message) {
  return reinterpret_cast<cp_node *>(message->message.get());
}

extern "C" cp_status cp_put_int(cp_node *node, const char *name, int64_t value) {
  return put(node, name, [&](auto m, auto r, auto field) { return putNumber(m, r, field, value); });
}

extern "C" cp_status cp_put_uint(cp_node *node, const char *name, uint64_t value) {
  return put(node, name, [&](auto m, auto r, auto field) { return putNumber(m, r, field, value); });
}

extern "C" cp_status cp_put_real(cp_node *node, const char *name, double value) {
  return put(node, name, [&](auto m, auto r, auto field) {
    // A whole number may go into an integer field.
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_FLOAT && field->cpp_type() != FieldDescriptor::CPPTYPE_DOUBLE) {
      if (!(std::floor(value) == value && std::fabs(value) < 9e15)) return CP_WRONG_KIND;
      return putNumber(m, r, field, static_cast<int64_t>(value));
    }
    return putNumber(m, r, field, value);
  });
}

extern "C" cp_status cp_put_bool(cp_node *node, const char *name, bool value) {
  return put(node, name, [&](auto m, auto r, auto field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_BOOL) return CP_WRONG_KIND;
    field->is_repeated() ? r->AddBool(m, field, value) : r->SetBool(m, field, value);
    return CP_OK;
  });
}

extern "C" cp_status cp_put_text(cp_node *node, const char *name, const uint8_t *bytes, size_t count) {
  return put(node, name, [&](auto m, auto r, auto field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return CP_WRONG_KIND;
    std::string text(reinterpret_cast<const char *>(bytes), count);
    field->is_repeated() ? r->AddString(m, field, std::move(text)) : r->SetString(m, field, std::move(text));
    return CP_OK;
  });
}

extern "C" cp_status cp_put_enum(cp_node *node, const char *name, const char *value, int32_t number) {
  return put(node, name, [&](auto m, auto r, auto field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return CP_WRONG_KIND;
    const pb::EnumValueDescriptor *found = field->enum_type()->FindValueByName(value);
    if (!found) found = field->enum_type()->FindValueByNumber(number);
    if (!found) return CP_OUT_OF_RANGE;
    field->is_repeated() ? r->AddEnum(m, field, found) : r->SetEnum(m, field, found);
    return CP_OK;
  });
}

extern "C" cp_status cp_put_message(cp_node *node, const char *name, cp_node **out) {
  return put(node, name, [&](auto m, auto r, auto field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return CP_WRONG_KIND;
    pb::Message *sub = field->is_repeated() ? r->AddMessage(m, field) : r->MutableMessage(m, field);
    *out = reinterpret_cast<cp_node *>(sub);
    return CP_OK;
  });
}

extern "C" cp_status cp_put_unknown(cp_node *node, const uint8_t *bytes, size_t count) {
  return guarded(CP_FAILED, [&] {
    pb::Message *m = messageOf(node);
    if (count > INT_MAX) return CP_OUT_OF_RANGE;
    pb::io::CodedInputStream input(bytes, static_cast<int>(count));
    return m->GetReflection()->MutableUnknownFields(m)->MergeFromCodedStream(&input) ? CP_OK : CP_FAILED;
  });
}
