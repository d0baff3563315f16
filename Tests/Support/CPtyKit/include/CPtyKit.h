/// A program on a pseudo terminal with an emulated screen behind it.
#pragma once
#if !__has_include(<vterm.h>)
#error "the headers of libvterm are missing: sudo apt-get install libvterm-dev"
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct pty_session pty_session;

/// A cell of the emulated screen. Colours: -1 default, a palette number, or 0x1000000 | 0xRRGGBB.
typedef struct {
  uint32_t scalars[6];
  int32_t foreground, background;
  int8_t width;
  bool bold, dim, underline, reverse;
} pty_cell;

/// Starts `path`; NULL when there is no pseudo terminal left. `argv` and `envp` end with NULL.
pty_session *pty_spawn(const char *path, char *const argv[], char *const envp[], int rows, int columns);
/// Kills the program when it still runs, and forgets everything.
void pty_free(pty_session *session);
/// Feeds what the program writes within so many milliseconds to the screen; bytes read, -1 at end of output.
int pty_pump(pty_session *session, int milliseconds);
void pty_send(pty_session *session, const char *bytes, size_t count);
void pty_resize(pty_session *session, int rows, int columns);
/// What the next bytes written by the program are, as they come, kept in the session up to 1 MiB.
size_t pty_output(pty_session *session, const char **bytes);
pty_cell pty_cell_at(pty_session *session, int row, int column);
void pty_cursor(pty_session *session, int *row, int *column, bool *visible);
bool pty_alternate_screen(pty_session *session);
/// Whether the line discipline edits and echoes, as a shell expects it.
bool pty_is_cooked(pty_session *session);
pid_t pty_pid(pty_session *session);
/// Waits for the end of the program; its wait status in `status`.
bool pty_wait(pty_session *session, int milliseconds, int *status);
/// Closes the terminal's side, as a lost connection does.
void pty_hang_up(pty_session *session);
/// Answers of the emulated terminal: false makes it mute, as terminals are that know no queries.
void pty_answers(pty_session *session, bool on);
/// Makes the cursor report say that box lines are two columns wide.
void pty_double_width_boxes(pty_session *session, bool on);
