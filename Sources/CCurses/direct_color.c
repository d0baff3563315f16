// A terminfo entry with 24-bit colours for terminals whose own entry has a palette only.
//
// Terminals announce 24-bit colour by COLORTERM, hardly ever by TERM, and curses believes terminfo alone. So the loaded
// entry is compiled again (term(5), the format with 32-bit numbers) with other setaf/setab, and given to newterm by way
// of the TERMINFO variable, which may hold an entry in hexadecimal.
#include "session.h"
#include <stdlib.h>
#include <string.h>
#include <term.h>

// Numbers below 256 stay palette numbers: themes mix both kinds.
#define COLOR_STRING(base, bright, extended)                                                                           \
  "\033[%?%p1%{8}%<%t" base "%p1%d%e%p1%{16}%<%t" bright "%p1%{8}%-%d%e%p1%{256}%<%t" extended ";5;%p1%d%e" extended  \
  ";2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m"
static const char foreground_string[] = COLOR_STRING("3", "9", "38");
static const char background_string[] = COLOR_STRING("4", "10", "48");

enum { CAPACITY = 32768, MAGIC_32_BIT_NUMBERS = 01036 };

typedef struct {
  unsigned char bytes[CAPACITY];
  size_t count;
  bool overflow;
} entry;

static void put(entry *e, const void *bytes, size_t count) {
  if (e->count + count > CAPACITY) {
    e->overflow = true;
    return;
  }
  memcpy(e->bytes + e->count, bytes, count);
  e->count += count;
}

static void put_byte(entry *e, int value) {
  unsigned char byte = (unsigned char)value;
  put(e, &byte, 1);
}

static void put_int16(entry *e, int value) {
  put_byte(e, value & 255);
  put_byte(e, value >> 8 & 255);
}

static void put_int32(entry *e, int value) {
  put_int16(e, value & 0xffff);
  put_int16(e, (int)((unsigned)value >> 16));
}

static void align(entry *e) {
  if (e->count % 2 == 1) put_byte(e, 0);
}

/// The standard names end where the obsolete termcap ones begin.
static int standard_count(NCURSES_CONST char *const *names) {
  int n = 0;
  while (names[n] != NULL && strncmp(names[n], "OT", 2) != 0) n++;
  return n;
}

static int number_named(const char *name) {
  if (strcmp(name, "colors") == 0) return 0x1000000;
  if (strcmp(name, "pairs") == 0) return 0x10000;
  int value = tigetnum(name);
  return value == -2 ? -1 : value;
}

static const char *string_named(const char *name) {
  if (strcmp(name, "setaf") == 0) return foreground_string;
  if (strcmp(name, "setab") == 0) return background_string;
  if (strcmp(name, "initc") == 0 || strcmp(name, "oc") == 0) return NULL; // the palette stays the user's
  const char *value = tigetstr(name);
  return value == (char *)-1 ? NULL : value;
}

static bool write_entry(entry *e, const char *name) {
  int flags = standard_count(boolnames), numbers = standard_count(numnames), strings = standard_count(strnames);
  size_t table = 0;
  for (int i = 0; i < strings; i++) {
    const char *value = string_named(strnames[i]);
    if (value != NULL) table += strlen(value) + 1;
  }
  if (table > 0x7fff) return false;
  put_int16(e, MAGIC_32_BIT_NUMBERS);
  put_int16(e, (int)strlen(name) + 1);
  put_int16(e, flags);
  put_int16(e, numbers);
  put_int16(e, strings);
  put_int16(e, (int)table);
  put(e, name, strlen(name) + 1);
  for (int i = 0; i < flags; i++) put_byte(e, strcmp(boolnames[i], "ccc") != 0 && tigetflag(boolnames[i]) == 1);
  align(e);
  for (int i = 0; i < numbers; i++) put_int32(e, number_named(numnames[i]));
  int offset = 0;
  for (int i = 0; i < strings; i++) {
    const char *value = string_named(strnames[i]);
    put_int16(e, value == NULL ? -1 : offset);
    if (value != NULL) offset += (int)strlen(value) + 1;
  }
  for (int i = 0; i < strings; i++) {
    const char *value = string_named(strnames[i]);
    if (value != NULL) put(e, value, strlen(value) + 1);
  }
  // Extended part: the flag RGB, which tells curses that colour numbers are 0xRRGGBB.
  align(e);
  int extended[] = {1, 0, 0, 1, 4}; // flags, numbers, strings, items in the table, bytes of the table
  for (int i = 0; i < 5; i++) put_int16(e, extended[i]);
  put_byte(e, 1);
  align(e);
  put_int16(e, 0);
  put(e, "RGB", 4);
  return !e->overflow;
}

char *cur_direct_color_entry(const char *name) {
  static const char digits[] = "0123456789ABCDEF";
  entry *e = calloc(1, sizeof *e);
  char *text = malloc(2 * CAPACITY + 5);
  bool ok = e != NULL && text != NULL && write_entry(e, name);
  if (ok) {
    char *out = text + 4;
    memcpy(text, "hex:", 4);
    for (size_t i = 0; i < e->count; i++) {
      *out++ = digits[e->bytes[i] >> 4];
      *out++ = digits[e->bytes[i] & 15];
    }
    *out = 0;
  }
  free(e);
  if (ok) return text;
  free(text);
  return NULL;
}
