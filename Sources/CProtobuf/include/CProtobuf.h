// libprotobuf behind C: schemas parsed at run time, text with located errors, binary, printing.
//
// No C++ exception leaves these functions. Every pointer that a callback gets is valid only during the call.
// A cp_schema may be used from several threads; a cp_message from one at a time.
#ifndef CPROTOBUF_H
#define CPROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cp_schema cp_schema;
typedef struct cp_message cp_message;
/// A message inside a cp_message that is being built; lives as long as that one.
typedef struct cp_node cp_node;

/// CP_RELATED tells a second place of what was reported before it.
typedef enum {
  CP_NOTE = 0,
  CP_WARNING = 1,
  CP_ERROR = 2,
  CP_UNKNOWN_FIELD = 3,
  CP_UNKNOWN_ENUM = 4,
  CP_RELATED = 5
} cp_severity;

/// News about `file`, lines and columns from 1, 0 where unknown.
/// CP_UNKNOWN_FIELD: `text` is the field, `scope` the message type. CP_UNKNOWN_ENUM: the value and the field.
typedef void (*cp_report)(void *context, cp_severity severity, const char *file, int32_t line, int32_t column,
                          const char *text, const char *scope);
typedef void (*cp_bytes)(void *context, const uint8_t *bytes, size_t count);
typedef void (*cp_name)(void *context, const char *name);

/// A .proto file in memory.
typedef struct {
  const char *name;
  const uint8_t *bytes;
  size_t count;
} cp_source;

// ---- Schema

/// Joins the built-in files (one file per package) and lays the custom files over the package "caffe", by name.
/// The messages of the built-in file "amct.proto", and the LayerParameter fields that use them, cannot be changed.
/// NULL after at least one CP_ERROR was reported.
cp_schema *cp_schema_create(const cp_source *builtin, size_t builtin_count, const cp_source *custom,
                            size_t custom_count, cp_report report, void *context);
void cp_schema_free(cp_schema *schema);
/// The package "caffe" as one .proto file.
bool cp_schema_text(const cp_schema *schema, cp_bytes sink, void *context);
/// False when there is no such message type. Names come without package.
bool cp_field_names(const cp_schema *schema, const char *type, cp_name sink, void *context);
/// The names of the values of every enum field called `field`, in any message.
void cp_enum_value_names(const cp_schema *schema, const char *field, cp_name sink, void *context);
/// The name of value `number` of an enum field; NULL when it has none.
const char *cp_enum_value_name(const cp_schema *schema, const char *type, const char *field, int32_t number);

typedef enum { CP_INT, CP_UINT, CP_REAL, CP_BOOL, CP_STRING, CP_BYTES, CP_ENUM, CP_MESSAGE } cp_kind;

/// What the schema says of one field; a default is what an absent field reads as.
typedef struct {
  cp_kind kind;
  bool repeated;
  bool has_default;      // said in the schema, not just the type's zero
  int32_t number;
  const char *type_name;  // of a message or enum field; lives as long as the schema, as the strings below
  int64_t int_value;      // also the number of an enum value
  uint64_t uint_value;
  double real_value;
  bool bool_value;
  const char *text;  // string and bytes, or the name of an enum value
  size_t text_count;
} cp_field;

bool cp_find_field(const cp_schema *schema, const char *type, const char *field, cp_field *out);

// ---- Reading

/// `last_wins`: an optional field may come twice, as AMCT allows in records. All unknown fields are reported, a syntax
/// error ends the reading. NULL after any CP_ERROR, CP_UNKNOWN_FIELD or CP_UNKNOWN_ENUM.
cp_message *cp_parse_text(const cp_schema *schema, const char *type, const char *file, const uint8_t *bytes,
                          size_t count, bool last_wins, cp_report report, void *context);
cp_message *cp_parse_binary(const cp_schema *schema, const char *type, const char *file, const uint8_t *bytes,
                            size_t count, cp_report report, void *context);
void cp_message_free(cp_message *message);

/// Called for every set field in order of field numbers. `line` is 0 for messages read from binary.
typedef struct {
  void *context;
  void (*begin)(void *context, const char *field, const char *type, int32_t line, int32_t column);
  void (*end)(void *context, const uint8_t *unknown, size_t unknown_count);
  void (*int_value)(void *context, const char *field, int64_t value, int32_t line, int32_t column);
  void (*uint_value)(void *context, const char *field, uint64_t value, int32_t line, int32_t column);
  void (*real_value)(void *context, const char *field, double value, int32_t line, int32_t column);
  void (*bool_value)(void *context, const char *field, bool value, int32_t line, int32_t column);
  void (*text_value)(void *context, const char *field, bool is_bytes, const uint8_t *bytes, size_t count, int32_t line,
                     int32_t column);
  void (*enum_value)(void *context, const char *field, const char *name, int32_t number, int32_t line, int32_t column);
} cp_visitor;

/// Walks the whole message, leaving out the numbers inside BlobProto (data, diff and the like). The pointers `field`,
/// `type` and enum names live as long as the schema.
bool cp_visit(const cp_message *message, const cp_visitor *visitor);

// ---- Building

typedef enum { CP_OK = 0, CP_NO_FIELD, CP_WRONG_KIND, CP_OUT_OF_RANGE, CP_FAILED } cp_status;

cp_message *cp_message_create(const cp_schema *schema, const char *type);
cp_node *cp_message_root(cp_message *message);
/// Each sets an optional field or adds to a repeated one. Numbers go into any numeric field that can hold them.
cp_status cp_put_int(cp_node *node, const char *field, int64_t value);
cp_status cp_put_uint(cp_node *node, const char *field, uint64_t value);
cp_status cp_put_real(cp_node *node, const char *field, double value);
cp_status cp_put_bool(cp_node *node, const char *field, bool value);
cp_status cp_put_text(cp_node *node, const char *field, const uint8_t *bytes, size_t count);
/// By name; by number when the schema lacks the name.
cp_status cp_put_enum(cp_node *node, const char *field, const char *name, int32_t number);
cp_status cp_put_message(cp_node *node, const char *field, cp_node **out);
cp_status cp_put_unknown(cp_node *node, const uint8_t *bytes, size_t count);

/// Text format: 2-space indent, an entry of a repeated field per line, floats as the shortest decimal that reads back.
bool cp_print_text(const cp_message *message, cp_bytes sink, void *context);
/// Wire format; false over 2 GiB.
bool cp_serialize(const cp_message *message, cp_bytes sink, void *context);

#ifdef __cplusplus
}
#endif
#endif
