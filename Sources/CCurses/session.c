// Opening, closing, and giving the terminal back on every way out.
#define _GNU_SOURCE
#include "session.h"
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

WINDOW *cur_input;
int cur_pipe[2] = {-1, -1};
bool cur_is_direct;

static SCREEN *screen;
static struct termios cooked;
static volatile sig_atomic_t is_open, fatal_signals;
static bool wants_paste, mouse_on;

// The bytes that undo every mode, ready made for the crash handler, which may not call curses.
static char farewell[512];
static size_t farewell_length;

// Standard error goes to memory while the screen is up, or one library warning would tear the frames.
static int real_stderr = -1, captured_stderr = -1;

static void send(const char *text) { cur_write(text, strlen(text)); }

void cur_write(const void *bytes, size_t count) {
  const char *p = bytes;
  while (count > 0) {
    ssize_t n = write(STDOUT_FILENO, p, count);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return; // the terminal is gone; the reader hears of it as end of input
    p += n;
    count -= (size_t)n;
  }
}

static void add_to_farewell(const char *text) {
  if (text == NULL || text == (char *)-1) return;
  size_t n = strlen(text);
  if (farewell_length + n > sizeof farewell) return;
  memcpy(farewell + farewell_length, text, n);
  farewell_length += n;
}

static void capture_stderr(void) {
  if (!isatty(STDERR_FILENO)) return;
  captured_stderr = memfd_create("stderr", MFD_CLOEXEC);
  real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (captured_stderr >= 0 && real_stderr >= 0) dup2(captured_stderr, STDERR_FILENO);
}

// Async-signal-safe: called from the crash handler too.
static void release_stderr(void) {
  if (captured_stderr < 0 || real_stderr < 0) return;
  dup2(real_stderr, STDERR_FILENO);
  char buffer[4096];
  ssize_t n;
  off_t at = 0;
  while ((n = pread(captured_stderr, buffer, sizeof buffer, at)) > 0) {
    at += n;
    if (write(STDERR_FILENO, buffer, (size_t)n) < 0) break;
  }
  close(captured_stderr);
  close(real_stderr);
  captured_stderr = real_stderr = -1;
}

// Async-signal-safe.
static void restore_in_emergency(void) {
  if (!is_open) return;
  is_open = 0;
  cur_write(farewell, farewell_length);
  tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
  release_stderr();
}

// MARK: Signals

static const int queued_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT, SIGSYS};
static struct sigaction previous[NSIG];
enum {
  QUEUED = sizeof queued_signals / sizeof *queued_signals,
  CRASHES = sizeof crash_signals / sizeof *crash_signals
};

static void on_queued_signal(int number) {
  int error = errno;
  // A second order to end comes when the first was not obeyed: then the loop hangs, and the handler ends the process.
  // Hangups do not count: the kernel and the shell both send one.
  if ((number == SIGINT || number == SIGTERM) && fatal_signals++ > 0) {
    restore_in_emergency();
    signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
  }
  unsigned char byte = (unsigned char)number;
  ssize_t n = write(cur_pipe[1], &byte, 1);
  (void)n;
  errno = error;
}

static void on_crash(int number, siginfo_t *info, void *context) {
  restore_in_emergency();
  // The handler that was there before (a backtracer) goes on; without one the default action ends the process.
  sigaction(number, &previous[number], NULL);
  if ((previous[number].sa_flags & SA_SIGINFO) && previous[number].sa_sigaction != NULL) {
    previous[number].sa_sigaction(number, info, context);
    return;
  }
  raise(number);
}

static void install_handlers(void) {
  struct sigaction queued = {.sa_handler = on_queued_signal, .sa_flags = SA_RESTART};
  sigfillset(&queued.sa_mask);
  for (int i = 0; i < QUEUED; i++) sigaction(queued_signals[i], &queued, &previous[queued_signals[i]]);

  static char stack[64 * 1024]; // a stack overflow leaves no room for the handler on its own stack
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack}, present;
  if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE)) sigaltstack(&alternate, NULL);
  struct sigaction crash = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  sigemptyset(&crash.sa_mask);
  for (int i = 0; i < CRASHES; i++) sigaction(crash_signals[i], &crash, &previous[crash_signals[i]]);
}

static void remove_handlers(void) {
  for (int i = 0; i < QUEUED; i++) sigaction(queued_signals[i], &previous[queued_signals[i]], NULL);
  for (int i = 0; i < CRASHES; i++) sigaction(crash_signals[i], &previous[crash_signals[i]], NULL);
}

// MARK: Modes

static void enter_modes(void) {
  if (wants_paste) send("\033[?2004h");
  if (mouse_on) send("\033[?1002h\033[?1006h");
}

static void leave_modes(void) {
  if (mouse_on) send("\033[?1006l\033[?1002l");
  if (wants_paste) send("\033[?2004l");
}

void cur_mouse(bool on) {
  if (on == mouse_on) return;
  leave_modes();
  mouse_on = on;
  enter_modes();
}

static void open_input(void) {
  cur_input = newpad(1, 1);
  keypad(cur_input, TRUE);
  nodelay(cur_input, TRUE);
  define_key("\033[<", KEY_SGR_MOUSE);
  define_key("\033[200~", KEY_PASTE_BEGIN);
  define_key("\033[201~", KEY_PASTE_END);
  define_key("\033]", KEY_OSC);
  define_key("\033[?", KEY_PRIVATE_REPLY);
}

void cur_expect_late_answers(void) {
  define_key("\033[1;2R", KEY_LATE_REPLY);
  define_key("\033[1;3R", KEY_LATE_REPLY);
}

// MARK: Open and close

/// newterm, with the direct-colour variant of the entry when asked for and possible.
static SCREEN *new_screen(const char *term, bool direct) {
  char *entry = direct ? cur_direct_color_entry(term) : NULL;
  if (entry == NULL) return newterm(NULL, stdout, stdin);
  const char *present = getenv("TERMINFO");
  char *kept = present ? strdup(present) : NULL;
  setenv("TERMINFO", entry, 1);
  SCREEN *result = newterm(NULL, stdout, stdin);
  if (kept) setenv("TERMINFO", kept, 1);
  else unsetenv("TERMINFO");
  free(kept);
  free(entry);
  cur_is_direct = result != NULL && tigetnum("colors") >= 0x1000000;
  return result != NULL ? result : newterm(NULL, stdout, stdin);
}

// A locale that this machine doesn't have, sent along by ssh or set for another machine: its encoding still counts.
static void use_known_encoding(void) {
  const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (int i = 0; i < 3; i++) {
    const char *value = getenv(names[i]);
    if (value == NULL || *value == 0) continue;
    if (strcasestr(value, "utf-8") || strcasestr(value, "utf8")) setlocale(LC_CTYPE, "C.UTF-8");
    return;
  }
}

int cur_open(const cur_options *options, cur_facts *facts) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return CUR_NOT_A_TERMINAL;
  if (tcgetattr(STDIN_FILENO, &cooked) != 0) return CUR_NOT_A_TERMINAL;
  // Only this category: numbers keep their point in every locale.
  if (setlocale(LC_CTYPE, "") == NULL) use_known_encoding();
  const char *term = getenv("TERM");
  int error = 0;
  // Not initscr: it ends the process when the terminal is unknown.
  if (term == NULL || *term == 0 || setupterm(term, STDOUT_FILENO, &error) != OK) return CUR_UNKNOWN_TERMINAL;
  const char *needed[] = {"cup", "clear"};
  for (int i = 0; i < 2; i++) {
    const char *capability = tigetstr(needed[i]);
    if (capability == NULL || capability == (char *)-1) return CUR_NO_CURSOR_MOVEMENT;
  }
  bool direct = options->color && options->direct_color && tigetnum("colors") >= 256;
  if (cur_pipe[0] < 0 && pipe2(cur_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return CUR_SYSTEM;

  cur_is_direct = false;
  screen = new_screen(term, direct);
  if (screen == NULL) return CUR_UNKNOWN_TERMINAL;
  set_term(screen);
  set_escdelay(25);
  raw();
  noecho();
  nonl();
  leaveok(stdscr, FALSE);
  scrollok(stdscr, FALSE);
  curs_set(0);
  keypad(stdscr, TRUE);
  *facts = (cur_facts){.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0};
  if (options->color && has_colors() && start_color() == OK && use_default_colors() == OK) facts->colors = COLORS;
  cur_is_direct = cur_is_direct && facts->colors >= 0x1000000;
  facts->direct_color = cur_is_direct;

  wants_paste = options->bracketed_paste;
  mouse_on = false;
  farewell_length = 0;
  add_to_farewell("\033[?2026l\033[?2004l\033[?1006l\033[?1002l");
  const char *undo[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
  for (int i = 0; i < 5; i++) add_to_farewell(tigetstr(undo[i]));

  static bool registered;
  if (!registered) registered = atexit(cur_close) == 0;
  open_input();
  fatal_signals = 0;
  is_open = 1;
  install_handlers();
  refresh(); // the alternate screen, now: probes must not be seen on the main one
  enter_modes();
  capture_stderr();
  return CUR_OK;
}

void cur_close(void) {
  if (!is_open) return;
  is_open = 0;
  leave_modes();
  endwin();
  tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked);
  remove_handlers();
  release_stderr();
  delwin(cur_input);
  cur_input = NULL;
}

void cur_suspend(void) {
  leave_modes();
  endwin();
  // The default action of SIGTSTP, unlike SIGSTOP, spares a process whose shell is gone.
  struct sigaction stop = {.sa_handler = SIG_DFL}, ours;
  sigaction(SIGTSTP, &stop, &ours);
  raise(SIGTSTP);
  sigaction(SIGTSTP, &ours, NULL);
  cur_resume();
}

void cur_resume(void) {
  reset_prog_mode();
  refresh();
  enter_modes();
  cur_repaint();
}
