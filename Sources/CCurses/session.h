/// What the parts of the shim share.
#pragma once
#include "CCurses.h"
#include <ncurses.h>

/// Codes of the sequences that are not in terminfo, above curses' own KEY_MAX.
enum { KEY_PASTE_BEGIN = 0x2000, KEY_PASTE_END, KEY_SGR_MOUSE, KEY_OSC, KEY_PRIVATE_REPLY, KEY_LATE_REPLY };

/// The window keys are read from: a pad, because reading from a window would refresh it.
extern WINDOW *cur_input;
/// The self-pipe: signal numbers from handlers, 0 from `cur_wake`.
extern int cur_pipe[2];
extern bool cur_is_direct;

/// The terminfo entry just loaded by setupterm, with 24-bit colours, in the form the TERMINFO variable takes
/// ("hex:..."); NULL when that is not possible. Free it.
char *cur_direct_color_entry(const char *name);
