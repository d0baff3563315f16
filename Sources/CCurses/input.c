// Keys, mouse, paste, signals and wakes, as one queue.
#define _GNU_SOURCE
#include "session.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

static bool is_gone(short events) { return (events & (POLLHUP | POLLERR | POLLNVAL)) != 0; }

/// Waits a moment for the next byte of a sequence that has begun.
static int next_of_sequence(wint_t *c) {
  wtimeout(cur_input, 25);
  int result = wget_wch(cur_input, c);
  wtimeout(cur_input, 0);
  return result;
}

/// `ESC [ <` button ; column ; row `M` or `m` (xterm's SGR mouse report).
static bool read_mouse(cur_event *event) {
  int value[3] = {0}, k = 0;
  wint_t c;
  while (next_of_sequence(&c) == OK) {
    if (c >= '0' && c <= '9') {
      if (value[k] < 100000) value[k] = value[k] * 10 + (int)(c - '0');
    } else if (c == ';' && k < 2) {
      k++;
    } else if (c == 'M' || c == 'm') {
      int button = value[0] & ~(4 | 8 | 16); // without shift, alt, ctrl
      uint32_t code = button == 0    ? (c == 'M' ? CUR_MOUSE_PRESS : CUR_MOUSE_RELEASE)
                      : button == 32 ? CUR_MOUSE_DRAG
                      : button == 64 ? CUR_MOUSE_WHEEL_UP
                      : button == 65 ? CUR_MOUSE_WHEEL_DOWN
                                     : 0;
      *event = (cur_event){.kind = CUR_MOUSE, .code = code, .column = value[1] - 1, .row = value[2] - 1};
      return code != 0;
    } else {
      return false;
    }
  }
  return false;
}

/// Drops the rest of an answer that came after its question was given up.
static void skip_reply(bool is_osc) {
  wint_t c;
  for (int n = 0; n < 256 && next_of_sequence(&c) == OK; n++) {
    if (is_osc ? (c == 7 || c == '\\') : (c >= '@' && c <= '~')) return;
  }
}

static uint32_t plain_key(wint_t c) {
  switch (c) {
  case '\r': case '\n': return CUR_KEY_ENTER;
  case '\t': return CUR_KEY_TAB;
  case 27: return CUR_KEY_ESCAPE;
  case 127: case 8: return CUR_KEY_BACKSPACE;
  default: return 0;
  }
}

static uint32_t curses_key(wint_t c) {
  switch (c) {
  case KEY_UP: return CUR_KEY_UP;
  case KEY_DOWN: return CUR_KEY_DOWN;
  case KEY_LEFT: return CUR_KEY_LEFT;
  case KEY_RIGHT: return CUR_KEY_RIGHT;
  case KEY_HOME: case KEY_FIND: case KEY_A1: return CUR_KEY_HOME;
  case KEY_END: case KEY_SELECT: case KEY_C1: return CUR_KEY_END;
  case KEY_PPAGE: case KEY_A3: return CUR_KEY_PAGE_UP;
  case KEY_NPAGE: case KEY_C3: return CUR_KEY_PAGE_DOWN;
  case KEY_ENTER: return CUR_KEY_ENTER;
  case KEY_BACKSPACE: return CUR_KEY_BACKSPACE;
  case KEY_DC: return CUR_KEY_DELETE;
  case KEY_IC: return CUR_KEY_INSERT;
  case KEY_BTAB: return CUR_KEY_BACKTAB;
  default: return c > KEY_F0 && c <= KEY_F(63) ? CUR_KEY_F0 + (uint32_t)(c - KEY_F0) : 0;
  }
}

/// False when the input meant nothing to us.
static bool translate(int result, wint_t c, cur_event *event) {
  uint32_t key = result == OK ? plain_key(c) : curses_key(c);
  if (key != 0) {
    *event = (cur_event){.kind = CUR_KEY, .code = key};
    return true;
  }
  if (result == OK) {
    *event = (cur_event){.kind = CUR_CHARACTER, .code = (uint32_t)c};
    return true;
  }
  switch (c) {
  case KEY_PASTE_BEGIN: *event = (cur_event){.kind = CUR_PASTE_BEGIN}; return true;
  case KEY_PASTE_END: *event = (cur_event){.kind = CUR_PASTE_END}; return true;
  case KEY_SGR_MOUSE: return read_mouse(event);
  case KEY_OSC: skip_reply(true); return false;
  case KEY_PRIVATE_REPLY: skip_reply(false); return false;
  default: return false;
  }
}

static bool next_from_pipe(cur_event *event) {
  unsigned char byte;
  if (read(cur_pipe[0], &byte, 1) != 1) return false;
  if (byte == 0) {
    *event = (cur_event){.kind = CUR_WAKE};
  } else if (byte == SIGWINCH) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
      resizeterm(size.ws_row, size.ws_col);
    *event = (cur_event){.kind = CUR_RESIZE};
  } else {
    *event = (cur_event){.kind = CUR_SIGNAL, .code = byte};
  }
  return true;
}

bool cur_next_event(cur_event *event) {
  if (next_from_pipe(event)) return true;
  wint_t c;
  int result;
  while ((result = wget_wch(cur_input, &c)) != ERR) {
    if (translate(result, c, event)) return true;
  }
  // ERR means nothing there, or a terminal that is gone: only poll can tell.
  struct pollfd input = {.fd = STDIN_FILENO};
  if (poll(&input, 1, 0) > 0 && is_gone(input.revents)) {
    *event = (cur_event){.kind = CUR_END_OF_INPUT};
    return true;
  }
  return false;
}

void cur_wait(int milliseconds) {
  struct pollfd sources[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = cur_pipe[0], .events = POLLIN}};
  poll(sources, 2, milliseconds); // EINTR is a signal, and that is in the pipe
}

void cur_wake(void) {
  unsigned char zero = 0;
  ssize_t n = write(cur_pipe[1], &zero, 1); // a full pipe wakes as well
  (void)n;
}

size_t cur_read(void *bytes, size_t capacity, int milliseconds) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  if (poll(&input, 1, milliseconds) <= 0) return 0;
  ssize_t n = read(STDIN_FILENO, bytes, capacity);
  return n > 0 ? (size_t)n : 0;
}

void cur_unread(const void *bytes, size_t count) {
  const unsigned char *p = bytes;
  while (count > 0) ungetch(p[--count]);
}
