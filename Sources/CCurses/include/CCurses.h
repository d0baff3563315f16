/// The terminal, by way of ncursesw, for one thread of one process.
///
/// Curses itself is seen by the .c files only: its macros would spread over every importer.
#pragma once
#if !__has_include(<ncurses.h>)
#error "the headers of ncursesw are missing: sudo apt-get install libncursesw5-dev"
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CUR_OK = 0, CUR_NOT_A_TERMINAL, CUR_UNKNOWN_TERMINAL, CUR_NO_CURSOR_MOVEMENT, CUR_SYSTEM };

/// A colour: CUR_DEFAULT, a palette number 0...255, or CUR_RGB | 0xRRGGBB (only where `direct_color` is set).
enum { CUR_DEFAULT = -1, CUR_RGB = 0x1000000 };
enum { CUR_BOLD = 1, CUR_DIM = 2, CUR_UNDERLINE = 4, CUR_REVERSE = 8 };

/// One character cell. `width` 2 takes this cell and the next, which then has width 0 and is skipped.
typedef struct {
  uint32_t scalars[5]; ///< base character and combining marks, 0-terminated when fewer than 5
  int32_t foreground, background;
  uint8_t attributes, width;
} cur_cell;

typedef struct {
  bool color;        ///< false: attributes only
  bool direct_color; ///< ask for 24-bit colours
  bool bracketed_paste;
} cur_options;

typedef struct {
  int colors; ///< palette size, 0 without colour, 0x1000000 with direct colour
  bool direct_color, utf8;
} cur_facts;

typedef enum {
  CUR_NO_EVENT = 0, CUR_CHARACTER, CUR_KEY, CUR_MOUSE, CUR_RESIZE, CUR_PASTE_BEGIN, CUR_PASTE_END, CUR_SIGNAL,
  CUR_WAKE, CUR_END_OF_INPUT
} cur_kind;

enum {
  CUR_KEY_UP = 1, CUR_KEY_DOWN, CUR_KEY_LEFT, CUR_KEY_RIGHT, CUR_KEY_HOME, CUR_KEY_END, CUR_KEY_PAGE_UP,
  CUR_KEY_PAGE_DOWN, CUR_KEY_ENTER, CUR_KEY_BACKSPACE, CUR_KEY_DELETE, CUR_KEY_INSERT, CUR_KEY_TAB, CUR_KEY_BACKTAB,
  CUR_KEY_ESCAPE, CUR_KEY_F0 = 100
};
enum { CUR_MOUSE_PRESS = 1, CUR_MOUSE_RELEASE, CUR_MOUSE_DRAG, CUR_MOUSE_WHEEL_UP, CUR_MOUSE_WHEEL_DOWN };

/// `code`: the scalar of CUR_CHARACTER (control characters included), a CUR_KEY_..., a CUR_MOUSE_..., a signal number.
typedef struct {
  cur_kind kind;
  uint32_t code;
  int32_t column, row;
} cur_event;

/// Opens the screen on standard input and output and takes over the terminal's modes and signals. One screen at a time.
int cur_open(const cur_options *options, cur_facts *facts);
/// Gives the terminal back as it was. Also happens at exit, on fatal signals and on crashes. May be called twice.
void cur_close(void);
/// Gives the terminal back, stops the process as Ctrl-Z does, and takes the terminal again when it is continued.
void cur_suspend(void);
/// Sets the terminal's modes again after the process was stopped and continued from outside.
void cur_resume(void);

void cur_size(int *rows, int *columns);
/// Draws `count` cells from (row, column) to the right; what leaves the screen is dropped.
void cur_put(int row, int column, const cur_cell *cells, int count);
void cur_show_cursor(bool visible, int row, int column);
/// Sends what changed since the last flush, nothing when nothing changed; `synchronized` wraps it in mode 2026.
void cur_flush(bool synchronized);
/// Makes the next flush send every cell again.
void cur_repaint(void);

/// The next event if there is one; never blocks.
bool cur_next_event(cur_event *event);
/// Blocks until there may be an event, at most `milliseconds` (-1: without limit).
void cur_wait(int milliseconds);
/// Ends `cur_wait` with a CUR_WAKE event. The only function that may be called from another thread.
void cur_wake(void);
void cur_mouse(bool on);

/// Bytes past curses, for queries and the clipboard.
void cur_write(const void *bytes, size_t count);
/// Reads raw bytes that arrive within `milliseconds`; 0 when none did.
size_t cur_read(void *bytes, size_t capacity, int milliseconds);
/// Puts bytes back that were read by `cur_read` but were meant for the input.
void cur_unread(const void *bytes, size_t count);
/// Swallows an answer `ESC [ 1 ; 2 R` or `ESC [ 1 ; 3 R` to a cursor query that comes too late to be waited for.
void cur_expect_late_answers(void);
