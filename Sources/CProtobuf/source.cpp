// Places in text files.
#include <algorithm>

#include "internal.hpp"

namespace cortado {

SourceText::SourceText(const uint8_t *bytes, size_t count)
    : text(reinterpret_cast<const char *>(bytes), count), starts{0}, hasTabs(text.find('\t') != std::string::npos) {
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\n') starts.push_back(i + 1);
  }
}

int SourceText::column(int line, int column) const {
  if (!hasTabs || line < 0 || static_cast<size_t>(line) >= starts.size()) return column;
  size_t at = starts[line];
  for (int seen = 0; seen < column && at < text.size() && text[at] != '\n'; at++) {
    seen = text[at] == '\t' ? seen / 8 * 8 + 8 : seen + 1;
  }
  return static_cast<int>(at - starts[line]);
}

bool SourceText::findBefore(const std::string &word, int *line, int *column) const {
  if (word.empty() || *line < 0 || static_cast<size_t>(*line) >= starts.size()) return false;
  const size_t end = starts[*line] + this->column(*line, *column);
  // A match that ends after `end` would be a later word.
  if (end < word.size()) return false;
  const size_t at = text.rfind(word, end - word.size());
  if (at == std::string::npos) return false;
  *line = static_cast<int>(std::upper_bound(starts.begin(), starts.end(), at) - starts.begin()) - 1;
  *column = static_cast<int>(at - starts[*line]);
  return true;
}

}  // namespace cortado
