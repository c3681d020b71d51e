/* Temporaries of atomic files that a killed program left. Private to src/base. */
#pragma once

/* Takes a fresh temporary for its writer: while `fd` is open, nobody sweeps it. */
void hilum_leftovers_hold(int fd);
/* Removes this user's temporaries in `folder` whose writer is gone. Best effort: says nothing. */
void hilum_leftovers_sweep(const char *folder);
