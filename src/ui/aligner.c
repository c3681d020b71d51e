/* Registration, nudges and putting back: a job computes alignment and volume, the main thread makes a step.
 */
#include "aligner.h"

#include "window_private.h"

#include <glib/gi18n.h>
#include <string.h>

/* What is registered around the kidney: its outline is what aligns it. */
#define MARGIN_MM 10

struct HilumAligner {
  HilumWindow *window;
  HilumCase *pending_case; /* referenced; NULL: nothing pending */
  guint pending_phase;
  HilumAlignment pending;
  bool nudging; /* a job is under way */
  guint nudged_phase;
  HilumAlignment wanted; /* while nudging: where all nudges so far lead */
};

typedef struct {
  HilumWindow *window;
  HilumCase *the_case;
  guint phase;
  bool search; /* register first; else only resample */
  char *name, *step;
  HilumVolume *fixed, *original;
  HilumLabelSnapshot *labels;
  uint8_t around;          /* label to register around; 0: the whole field */
  HilumAlignment was, aim; /* of the phase when the job began; of the result unless `search` */
} Run;

typedef struct {
  HilumAlignment alignment;
  HilumVolume *shown;
} Moved;

static void run_free(gpointer data)
{
  Run *run = data;
  g_object_unref(run->window);
  g_object_unref(run->the_case);
  g_free(run->name);
  g_free(run->step);
  hilum_volume_unref(run->fixed);
  hilum_volume_unref(run->original);
  g_clear_pointer(&run->labels, hilum_label_snapshot_unref);
  g_free(run);
}

static void moved_free(gpointer data)
{
  hilum_volume_unref(((Moved *)data)->shown);
  g_free(data);
}

/* Inputs of a job on `phase`; NULL, after telling the user, if there are none. */
static Run *run_new(HilumAligner *self, guint phase)
{
  HilumCase *the_case = hilum_window_get_case(self->window);
  g_autoptr(GError) error = NULL;
  if (!the_case || phase == 0 || !hilum_case_require_volume(the_case, phase, &error) ||
      !hilum_case_require_volume(the_case, 0, &error)) {
    if (error) hilum_window_show_error(self->window, error);
    return NULL;
  }
  HilumPhase *moving = hilum_case_get_phase(the_case, phase);
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(self->window);
  run->the_case = g_object_ref(the_case);
  run->phase = phase;
  run->name = g_strdup(hilum_phase_get_name(moving));
  run->fixed = hilum_volume_ref(hilum_case_require_volume(the_case, 0, NULL));
  run->original = hilum_volume_ref(hilum_phase_get_original(moving));
  run->was = run->aim = *hilum_phase_get_alignment(moving);
  return run;
}

/* --- worker --- */

static bool search(const Run *run, HilumAlignment *found, const HilumProgress *progress, GError **error)
{
  HilumRegisterOptions options = {.metric = HILUM_REGISTER_MUTUAL_INFORMATION, .start = &run->was.transform};
  HilumRegisterResult result;
  g_autoptr(HilumMask) mask = NULL;
  if (run->around) {
    mask = hilum_alignment_region(run->labels, run->around, MARGIN_MM, progress, error);
    if (!mask) return false;
    options.mask = mask;
  }
  if (!hilum_register_rigid(run->fixed, run->original, &options, &result, progress, error)) return false;
  *found = hilum_alignment_from_result(&result, options.metric);
  return true;
}

static gpointer work(gpointer data, const HilumProgress *progress, GError **error)
{
  const Run *run = data;
  HilumAlignment alignment = run->aim;
  HilumProgress searching = hilum_progress_part(progress, 0, 0.9, _("Registering"));
  HilumProgress placing = hilum_progress_part(progress, run->search ? 0.9 : 0, 1, NULL);
  if (run->search && !search(run, &alignment, &searching, error)) return NULL;
  HilumVolume *shown = hilum_alignment_resample(run->name, run->original, hilum_volume_get_grid(run->fixed),
                                                &alignment, &placing, error);
  if (!shown) return NULL;
  Moved *moved = g_new0(Moved, 1);
  moved->alignment = alignment;
  moved->shown = shown;
  return moved;
}

/* --- main thread --- */

static bool same_place(const HilumAlignment *a, const HilumAlignment *b)
{
  return a->method == b->method && memcmp(&a->transform, &b->transform, sizeof a->transform) == 0;
}

/* The case is still open, and nobody moved the phase meanwhile. */
static bool still_fits(const Run *run)
{
  if (hilum_window_get_case(run->window) != run->the_case) return false;
  HilumPhase *phase = hilum_case_get_phase(run->the_case, run->phase);
  return phase && same_place(hilum_phase_get_alignment(phase), &run->was);
}

static bool make_step(const Run *run, const Moved *moved)
{
  g_autoptr(GError) error = NULL;
  if (hilum_case_set_alignment(run->the_case, run->phase, &moved->alignment, moved->shown, run->step, &error))
    return true;
  hilum_window_show_error(run->window, error);
  return false;
}

static void tell_registered(const Run *run, const HilumAlignment *alignment)
{
  HilumPhase *phase = hilum_case_get_phase(run->the_case, run->phase);
  g_autofree char *text = g_strdup_printf(
      _("%s was registered to %s: moved %.1f mm, residual %.1f mm. Compare both before you rely on it."),
      run->name, hilum_phase_get_name(hilum_case_get_phase(run->the_case, 0)),
      hilum_phase_get_moved_mm(phase), alignment->residual_mm);
  hilum_window_show_offer(run->window, text, _("Undo"), "win.undo");
}

static void forget_pending(HilumAligner *self)
{
  g_clear_object(&self->pending_case);
}

static void registered(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Run *run = user_data;
  HilumAligner *self = run->window->aligner;
  if (error || !self || !still_fits(run)) {
    if (error) hilum_window_show_error(run->window, error);
    if (result) moved_free(result);
    return;
  }
  Moved *moved = result;
  if (moved->alignment.verdict == HILUM_REGISTER_RELIABLE) {
    if (make_step(run, moved)) tell_registered(run, &moved->alignment);
  } else {
    self->pending_case = g_object_ref(run->the_case);
    self->pending_phase = run->phase;
    self->pending = moved->alignment;
    g_autofree char *text = g_strdup_printf(_("%s was not moved: %s"), run->name,
                                            hilum_register_verdict_sentence(moved->alignment.verdict));
    hilum_window_show_offer(run->window, text, _("Use it all the same"), "win.use-registration");
  }
  moved_free(moved);
  hilum_window_update(run->window);
}

/* The parenchyma, if some was segmented. */
static uint8_t kidney_label(HilumCase *the_case)
{
  GListModel *list = hilum_case_get_structures(the_case);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) s = g_list_model_get_item(list, n);
    if (hilum_structure_get_kind(s) == HILUM_STRUCTURE_PARENCHYMA && hilum_structure_get_voxels(s) > 0)
      return hilum_structure_get_label(s);
  }
  return 0;
}

void hilum_aligner_register(HilumAligner *self, guint phase)
{
  forget_pending(self);
  Run *run = run_new(self, phase);
  if (!run) return;
  run->search = true;
  run->around = kidney_label(run->the_case);
  run->labels = hilum_case_dup_labels(run->the_case);
  const char *to = hilum_phase_get_name(hilum_case_get_phase(run->the_case, 0));
  run->step = g_strdup_printf(_("Register %s to %s"), run->name, to);
  g_autofree char *label = g_strdup_printf(_("Registering %s to %s…"), run->name, to);
  hilum_job_list_start(hilum_window_get_jobs(self->window), false, label, work, run, run_free, moved_free,
                       registered, run);
}

bool hilum_aligner_has_pending(HilumAligner *self)
{
  return self->pending_case != NULL && self->pending_case == hilum_window_get_case(self->window);
}

static void placed(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Run *run = user_data;
  if (error) hilum_window_show_error(run->window, error);
  if (!error && still_fits(run)) make_step(run, result);
  if (result) moved_free(result);
}

static void start_placing(HilumAligner *self, Run *run, HilumJobDone done)
{
  g_autofree char *label = g_strdup_printf(_("Moving %s…"), run->name);
  hilum_job_list_start(hilum_window_get_jobs(self->window), false, label, work, run, run_free, moved_free,
                       done, run);
}

void hilum_aligner_use_pending(HilumAligner *self)
{
  Run *run = hilum_aligner_has_pending(self) ? run_new(self, self->pending_phase) : NULL;
  if (run) {
    run->aim = self->pending;
    run->step = g_strdup_printf(_("Register %s to %s"), run->name,
                                hilum_phase_get_name(hilum_case_get_phase(run->the_case, 0)));
    start_placing(self, run, placed);
  }
  forget_pending(self);
}

void hilum_aligner_reset(HilumAligner *self, guint phase)
{
  Run *run = run_new(self, phase);
  if (!run) return;
  run->aim = hilum_alignment_scanner();
  run->step = g_strdup_printf(_("Put back %s"), run->name);
  start_placing(self, run, placed);
}

/* --- nudges --- */

static void start_nudging(HilumAligner *self, guint phase);

static void nudged(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Run *run = user_data;
  HilumAligner *self = run->window->aligner;
  const bool good = !error && self && still_fits(run) && make_step(run, result);
  if (error) hilum_window_show_error(run->window, error);
  if (result) moved_free(result);
  if (!self) return;
  self->nudging = false;
  if (good && !same_place(&self->wanted, &run->aim)) start_nudging(self, run->phase);
}

static void start_nudging(HilumAligner *self, guint phase)
{
  Run *run = run_new(self, phase);
  if (!run) return;
  run->aim = self->wanted;
  run->step = g_strdup_printf(_("Nudge %s"), run->name);
  self->nudging = true;
  self->nudged_phase = phase;
  start_placing(self, run, nudged);
}

void hilum_aligner_nudge(HilumAligner *self, guint phase, HilumRigidParameters move, HilumVec3 centre_mm)
{
  HilumCase *the_case = hilum_window_get_case(self->window);
  HilumPhase *moving = the_case && phase > 0 ? hilum_case_get_phase(the_case, phase) : NULL;
  if (!moving || (self->nudging && self->nudged_phase != phase)) return;
  const HilumAlignment *from = self->nudging ? &self->wanted : hilum_phase_get_alignment(moving);
  self->wanted = hilum_alignment_nudged(from, move, centre_mm);
  if (!self->nudging) start_nudging(self, phase);
}

HilumAligner *hilum_aligner_new(HilumWindow *window)
{
  HilumAligner *self = g_new0(HilumAligner, 1);
  self->window = window;
  return self;
}

void hilum_aligner_free(HilumAligner *self)
{
  forget_pending(self);
  g_free(self);
}
