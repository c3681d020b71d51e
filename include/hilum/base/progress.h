/* Progress and cancellation as one small value that is passed down by pointer. NULL is always a valid
 * progress: it reports to nobody and is never cancelled. A callee that has parts makes sub-ranges on its
 * stack. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* `fraction` in 0..1 over the whole job; `what` is a short translated noun phrase or NULL. May be called from
 * any thread, several at once: an implementation stores atomically and returns at once. */
typedef void (*HilumProgressFunc)(double fraction, const char *what, void *data);

typedef struct {
  HilumProgressFunc func; /* NULL: nobody listens */
  void *data;
  GCancellable *cancellable; /* borrowed; NULL: cannot be cancelled */
  double begin, end;         /* this part's share of the whole; all-zero means 0..1 */
  const char *what;          /* borrowed; what is being done */
} HilumProgress;

/* The part of `parent` between fractions `begin` and `end` of it. `parent` may be NULL. */
HilumProgress hilum_progress_part(const HilumProgress *parent, double begin, double end, const char *what);

/* Reports `fraction` (0..1 of this part) and polls cancellation: false once cancelled. Cheap enough to call
 * per slice or brick. */
bool hilum_progress_step(const HilumProgress *progress, double fraction);

/* Polls cancellation only: true once cancelled. Safe and cheap in inner loops over rows. */
bool hilum_progress_cancelled(const HilumProgress *progress);

/* Returns true and sets G_IO_ERROR_CANCELLED if cancelled: `if (hilum_progress_fail(p, error)) return NULL;`
 */
bool hilum_progress_fail(const HilumProgress *progress, GError **error);

G_END_DECLS
