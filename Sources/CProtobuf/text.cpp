// Printing as libprotobuf does, with two differences: floats are the shortest decimal that reads back as the same
// value, and UTF-8 stays legible.
#include <charconv>
#include <cstdio>

#include "internal.hpp"

using cortado::guarded;

namespace {

/// The fewest digits that read back as `value`, laid out as printf's %g does with at least `precision` digits.
template <typename Real>
std::string shortest(Real value, int precision) {
  if (value != value) return "nan";
  if (value == std::numeric_limits<Real>::infinity()) return "inf";
  if (value == -std::numeric_limits<Real>::infinity()) return "-inf";
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string text(buffer, end);  // -d.ddde+xx
  const size_t e = text.find('e');
  const int exponent = std::stoi(text.substr(e + 1));
  const bool negative = text[0] == '-';
  std::string digits;
  for (char c : text.substr(negative, e - negative)) {
    if (c != '.') digits += c;
  }
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= std::max(precision, count)) return text;
  std::string out = negative ? "-" : "";
  if (exponent < 0) return out + "0." + std::string(-exponent - 1, '0') + digits;
  if (exponent >= count - 1) return out + digits + std::string(exponent - count + 1, '0');
  return out + digits.substr(0, exponent + 1) + "." + digits.substr(exponent + 1);
}

/// Length of the UTF-8 sequence at `s[i]`, 0 when it is not one.
int sequence(const std::string &s, size_t i) {
  const unsigned char c = s[i];
  const int n = c >= 0xf0 && c <= 0xf4 ? 4 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xc2 && c < 0xe0 ? 2 : 0;
  if (!n || i + n > s.size()) return 0;
  for (int k = 1; k < n; k++) {
    if ((static_cast<unsigned char>(s[i + k]) & 0xc0) != 0x80) return 0;
  }
  return n;
}

std::string escaped(const std::string &s, bool keepUTF8) {
  std::string out = "\"";
  for (size_t i = 0; i < s.size(); i++) {
    const unsigned char c = s[i];
    switch (c) {
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      case '"': out += "\\\""; continue;
      case '\'': out += "\\'"; continue;
      case '\\': out += "\\\\"; continue;
      default: break;
    }
    const int n = keepUTF8 && c >= 0x80 ? sequence(s, i) : 0;
    if (n) {
      out.append(s, i, n);
      i += n - 1;
    } else if (c >= 0x20 && c < 0x7f) {
      out += static_cast<char>(c);
    } else {
      char octal[5];
      std::snprintf(octal, sizeof octal, "\\%03o", c);
      out += octal;
    }
  }
  return out + "\"";
}

struct Printer : pb::TextFormat::FastFieldValuePrinter {
  void PrintFloat(float value, pb::TextFormat::BaseTextGenerator *out) const override {
    out->PrintString(shortest(value, 6));
  }
  void PrintDouble(double value, pb::TextFormat::BaseTextGenerator *out) const override {
    out->PrintString(shortest(value, 15));
  }
  void PrintString(const std::string &value, pb::TextFormat::BaseTextGenerator *out) const override {
    out->PrintString(escaped(value, true));
  }
  void PrintBytes(const std::string &value, pb::TextFormat::BaseTextGenerator *out) const override {
    out->PrintString(escaped(value, false));
  }
};

}  // namespace

extern "C" bool cp_print_text(const cp_message *message, cp_bytes sink, void *context) {
  return guarded(false, [&] {
    pb::TextFormat::Printer printer;
    printer.SetUseShortRepeatedPrimitives(false);
    printer.SetHideUnknownFields(true);
    printer.SetDefaultFieldValuePrinter(new Printer);
    std::string text;
    if (!printer.PrintToString(*message->message, &text)) return false;
    sink(context, reinterpret_cast<const uint8_t *>(text.data()), text.size());
    return true;
  });
}
