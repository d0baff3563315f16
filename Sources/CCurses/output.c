// Cells to curses.
#define _GNU_SOURCE
#include "session.h"
#include <wchar.h>

void cur_size(int *rows, int *columns) { getmaxyx(stdscr, *rows, *columns); }

static int curses_color(int32_t color) {
  if (color < 0) return -1;
  if ((color & CUR_RGB) == 0) {
    if (color < COLORS) return color;
    return COLORS == 8 && color < 16 ? color - 8 : -1; // bright names on a terminal without them
  }
  int rgb = color & 0xffffff;
  // The direct-colour entry takes numbers below 256 for the palette: the darkest blues get one step of green.
  return !cur_is_direct ? -1 : rgb < 256 ? rgb | 0x100 : rgb;
}

static attr_t curses_attributes(uint8_t set) {
  attr_t result = 0;
  if (set & CUR_BOLD) result |= WA_BOLD;
  if (set & CUR_DIM) result |= WA_DIM;
  if (set & CUR_UNDERLINE) result |= WA_UNDERLINE;
  if (set & CUR_REVERSE) result |= WA_REVERSE;
  return result;
}

void cur_put(int row, int column, const cur_cell *cells, int count) {
  int rows, columns;
  getmaxyx(stdscr, rows, columns);
  if (row < 0 || row >= rows || column < 0) return;
  for (int i = 0; i < count; i++) {
    const cur_cell *cell = &cells[i];
    int at = column + i, width = cell->width;
    if (width == 0) continue; // right half of a wide cell
    if (at + width > columns) return;
    wchar_t text[CCHARW_MAX + 1] = {0};
    for (int k = 0; k < CCHARW_MAX && cell->scalars[k] != 0; k++) text[k] = (wchar_t)cell->scalars[k];
    // A character the locale cannot show, or of another width here, would shift the rest of the line.
    bool fits = text[0] != 0 && wcwidth(text[0]) == width;
    if (!fits) text[0] = text[0] == 0 ? L' ' : L'?', text[1] = 0;
    int pair = 0;
    if (COLORS > 0 && (cell->foreground >= 0 || cell->background >= 0)) {
      pair = alloc_pair(curses_color(cell->foreground), curses_color(cell->background));
      if (pair < 0) pair = 0;
    }
    cchar_t out;
    if (setcchar(&out, text, curses_attributes(cell->attributes), 0, &pair) != OK) continue;
    mvadd_wch(row, at, &out);
    if (!fits && width == 2) {
      setcchar(&out, L" ", curses_attributes(cell->attributes), 0, &pair);
      mvadd_wch(row, at + 1, &out);
    }
  }
}

void cur_show_cursor(bool visible, int row, int column) {
  curs_set(visible ? 1 : 0);
  move(row, column);
}

void cur_flush(bool synchronized) {
  wnoutrefresh(stdscr);
  if (synchronized) cur_write("\033[?2026h", 8);
  doupdate();
  if (synchronized) cur_write("\033[?2026l", 8);
}

void cur_repaint(void) { clearok(curscr, TRUE); }
