#define _GNU_SOURCE
#include "CPtyKit.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

enum { KEPT = 1 << 20 };

struct pty_session {
  VTerm *terminal;
  VTermScreen *screen;
  int master, slave;
  pid_t pid;
  bool alternate, cursor_visible, reaped, mute, double_width_boxes;
  int status;
  char *output;
  size_t output_count;
};

static int on_property(VTermProp property, VTermValue *value, void *user) {
  pty_session *s = user;
  if (property == VTERM_PROP_ALTSCREEN) s->alternate = value->boolean;
  if (property == VTERM_PROP_CURSORVISIBLE) s->cursor_visible = value->boolean;
  return 1;
}

static VTermScreenCallbacks callbacks = {.settermprop = on_property};

static void become(pty_session *s, const char *path, char *const argv[], char *const envp[]) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  setsid();
  ioctl(s->slave, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; fd++) dup2(s->slave, fd);
  for (int fd = 3; fd < 256; fd++) close(fd);
  execve(path, argv, envp);
  _exit(127);
}

pty_session *pty_spawn(const char *path, char *const argv[], char *const envp[], int rows, int columns) {
  pty_session *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  s->cursor_visible = true;
  s->output = malloc(KEPT);
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  if (s->output == NULL || openpty(&s->master, &s->slave, NULL, NULL, &size) != 0) {
    free(s->output);
    free(s);
    return NULL;
  }
  fcntl(s->master, F_SETFD, FD_CLOEXEC);
  fcntl(s->slave, F_SETFD, FD_CLOEXEC);
  s->pid = fork();
  if (s->pid == 0) become(s, path, argv, envp);
  fcntl(s->master, F_SETFL, O_NONBLOCK);
  s->terminal = vterm_new(rows, columns);
  vterm_set_utf8(s->terminal, 1);
  s->screen = vterm_obtain_screen(s->terminal);
  vterm_screen_set_callbacks(s->screen, &callbacks, s);
  vterm_screen_enable_altscreen(s->screen, 1);
  vterm_screen_reset(s->screen, 1);
  return s;
}

static long milliseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pty_send(pty_session *s, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t n = write(s->master, bytes, count);
    if (n <= 0) return;
    bytes += n;
    count -= (size_t)n;
  }
}

/// What the emulated terminal answers to queries, changed as the test wants it.
static void send_answers(pty_session *s) {
  char answer[256];
  size_t n;
  while ((n = vterm_output_read(s->terminal, answer, sizeof answer)) > 0) {
    if (s->mute) continue;
    if (s->double_width_boxes && n >= 6 && memcmp(answer, "\033[1;2R", 6) == 0) answer[4] = '3';
    pty_send(s, answer, n);
  }
}

int pty_pump(pty_session *s, int milliseconds) {
  struct pollfd output = {.fd = s->master, .events = POLLIN};
  if (s->master < 0 || poll(&output, 1, milliseconds) <= 0) return 0;
  char buffer[65536];
  ssize_t n = read(s->master, buffer, sizeof buffer);
  if (n <= 0) return n < 0 && errno == EAGAIN ? 0 : -1;
  size_t room = KEPT - s->output_count, kept = (size_t)n < room ? (size_t)n : room;
  memcpy(s->output + s->output_count, buffer, kept);
  s->output_count += kept;
  vterm_input_write(s->terminal, buffer, (size_t)n);
  send_answers(s);
  return (int)n;
}

size_t pty_output(pty_session *s, const char **bytes) {
  *bytes = s->output;
  return s->output_count;
}

void pty_resize(pty_session *s, int rows, int columns) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  vterm_set_size(s->terminal, rows, columns);
  ioctl(s->master, TIOCSWINSZ, &size);
}

static int32_t number_of(const VTermColor *color, bool is_default) {
  if (is_default) return -1;
  if (VTERM_COLOR_IS_INDEXED(color)) return color->indexed.idx;
  return 0x1000000 | color->rgb.red << 16 | color->rgb.green << 8 | color->rgb.blue;
}

pty_cell pty_cell_at(pty_session *s, int row, int column) {
  pty_cell out = {0};
  VTermScreenCell cell;
  VTermPos at = {row, column};
  if (!vterm_screen_get_cell(s->screen, at, &cell)) return out;
  for (int i = 0; i < 6 && i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++) out.scalars[i] = cell.chars[i];
  out.width = (int8_t)cell.width;
  out.bold = cell.attrs.bold;
  out.underline = cell.attrs.underline != 0;
  out.reverse = cell.attrs.reverse;
  out.foreground = number_of(&cell.fg, VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
  out.background = number_of(&cell.bg, VTERM_COLOR_IS_DEFAULT_BG(&cell.bg));
  return out;
}

void pty_cursor(pty_session *s, int *row, int *column, bool *visible) {
  VTermPos at;
  vterm_state_get_cursorpos(vterm_obtain_state(s->terminal), &at);
  *row = at.row;
  *column = at.col;
  *visible = s->cursor_visible;
}

bool pty_alternate_screen(pty_session *s) { return s->alternate; }

bool pty_is_cooked(pty_session *s) {
  struct termios modes;
  return tcgetattr(s->slave, &modes) == 0 && (modes.c_lflag & ICANON) && (modes.c_lflag & ECHO);
}

pid_t pty_pid(pty_session *s) { return s->pid; }

bool pty_wait(pty_session *s, int milliseconds, int *status) {
  long end = milliseconds_now() + milliseconds;
  while (!s->reaped) {
    if (waitpid(s->pid, &s->status, WNOHANG) == s->pid) {
      s->reaped = true;
      break;
    }
    if (milliseconds_now() > end) return false;
    if (s->master >= 0) pty_pump(s, 5);
    else usleep(5000);
  }
  while (s->master >= 0 && pty_pump(s, 0) > 0) {}
  *status = s->status;
  return true;
}

void pty_hang_up(pty_session *s) {
  close(s->master);
  close(s->slave);
  s->master = s->slave = -1;
}

void pty_answers(pty_session *s, bool on) { s->mute = !on; }
void pty_double_width_boxes(pty_session *s, bool on) { s->double_width_boxes = on; }

void pty_free(pty_session *s) {
  if (!s->reaped) {
    kill(s->pid, SIGKILL);
    kill(s->pid, SIGCONT);
    waitpid(s->pid, &s->status, 0);
  }
  if (s->master >= 0) close(s->master);
  if (s->slave >= 0) close(s->slave);
  vterm_free(s->terminal);
  free(s->output);
  free(s);
}
