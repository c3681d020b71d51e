/* The commands of a case: labels, the list of structures, the traits of a structure, how a phase lies, the
 * side. A command borrows its case, which owns the history that owns the command. */
#include "case_private.h"

#include "hilum/casefile/error.h"

#include <string.h>

/* --- labels --- */

typedef struct {
  HilumCommand base;
  HilumCase *owner;
  HilumLabelDelta *delta;
} LabelsCommand;

static bool labels_apply(HilumCommand *command, GError **error)
{
  LabelsCommand *c = (LabelsCommand *)command;
  return hilum_case_swap_labels(c->owner, c->delta, true, error);
}

static bool labels_revert(HilumCommand *command, GError **error)
{
  LabelsCommand *c = (LabelsCommand *)command;
  return hilum_case_swap_labels(c->owner, c->delta, false, error);
}

static size_t labels_bytes(const HilumCommand *command)
{
  return sizeof(LabelsCommand) + hilum_label_delta_get_bytes(((const LabelsCommand *)command)->delta);
}

static void labels_free(HilumCommand *command)
{
  hilum_label_delta_unref(((LabelsCommand *)command)->delta);
  g_free(command);
}

static const HilumCommandClass labels_class = {labels_apply, labels_revert, NULL, labels_bytes, labels_free};

HilumCommand *hilum_command_new_labels(HilumCase *self, const char *label, HilumLabelDelta *delta)
{
  LabelsCommand *c = g_new0(LabelsCommand, 1);
  c->base = (HilumCommand){&labels_class, g_strdup(label)};
  c->owner = self;
  c->delta = hilum_label_delta_ref(delta);
  return &c->base;
}

/* --- the list of structures --- */

typedef struct {
  HilumCommand base;
  HilumCase *owner;
  HilumStructure *structure;
  bool add;
  guint position;
} ListCommand;

static void list_run(ListCommand *c, bool add)
{
  if (add)
    hilum_case_insert_structure(c->owner, c->structure, c->position);
  else
    c->position = hilum_case_take_out_structure(c->owner, c->structure);
}

static bool list_apply(HilumCommand *command, GError **error)
{
  (void)error;
  list_run((ListCommand *)command, ((ListCommand *)command)->add);
  return true;
}

static bool list_revert(HilumCommand *command, GError **error)
{
  (void)error;
  list_run((ListCommand *)command, !((ListCommand *)command)->add);
  return true;
}

static void list_free(HilumCommand *command)
{
  g_object_unref(((ListCommand *)command)->structure);
  g_free(command);
}

static const HilumCommandClass list_class = {list_apply, list_revert, NULL, NULL, list_free};

HilumCommand *hilum_command_new_list(HilumCase *self, const char *label, HilumStructure *structure, bool add)
{
  ListCommand *c = g_new0(ListCommand, 1);
  c->base = (HilumCommand){&list_class, g_strdup(label)};
  c->owner = self;
  c->structure = g_object_ref(structure);
  c->add = add;
  c->position = G_MAXUINT;
  return &c->base;
}

/* --- traits --- */

typedef struct {
  HilumCommand base;
  HilumCase *owner;
  HilumStructure *structure;
  HilumStructureTraits before, after;
  bool mergeable;
} TraitsCommand;

static void traits_set(TraitsCommand *c, const HilumStructureTraits *traits)
{
  if (hilum_structure_set_traits(c->structure, traits))
    hilum_case_emit_structure_changed(c->owner, c->structure);
}

static bool traits_apply(HilumCommand *command, GError **error)
{
  (void)error;
  traits_set((TraitsCommand *)command, &((TraitsCommand *)command)->after);
  return true;
}

static bool traits_revert(HilumCommand *command, GError **error)
{
  (void)error;
  traits_set((TraitsCommand *)command, &((TraitsCommand *)command)->before);
  return true;
}

static bool traits_try_merge(HilumCommand *command, HilumCommand *next)
{
  TraitsCommand *a = (TraitsCommand *)command, *b = (TraitsCommand *)next;
  if (!a->mergeable || !b->mergeable || a->structure != b->structure ||
      strcmp(command->label, next->label) != 0)
    return false;
  HilumStructureTraits swap = a->after; /* b frees what a had */
  a->after = b->after;
  b->after = swap;
  return true;
}

static void traits_free(HilumCommand *command)
{
  TraitsCommand *c = (TraitsCommand *)command;
  hilum_structure_traits_clear(&c->before);
  hilum_structure_traits_clear(&c->after);
  g_object_unref(c->structure);
  g_free(c);
}

static const HilumCommandClass traits_class = {traits_apply, traits_revert, traits_try_merge, NULL,
                                               traits_free};

HilumCommand *hilum_command_new_traits(HilumCase *self, const char *label, HilumStructure *structure,
                                       const HilumStructureTraits *after, bool mergeable)
{
  TraitsCommand *c = g_new0(TraitsCommand, 1);
  c->base = (HilumCommand){&traits_class, g_strdup(label)};
  c->owner = self;
  c->structure = g_object_ref(structure);
  c->before = hilum_structure_dup_traits(structure);
  c->after = *after;
  c->after.name = g_strdup(after->name);
  c->mergeable = mergeable;
  return &c->base;
}

/* --- alignment --- */

/* Keeps motions, not volumes: those are made again on undo, in part of a second, where keeping them would
 * push the user's strokes out of the history. */
typedef struct {
  HilumCommand base;
  HilumCase *owner;
  HilumPhase *phase;
  HilumAlignment before, after;
  HilumVolume *ready; /* for the first apply; may be NULL */
} AlignmentCommand;

static bool align(AlignmentCommand *c, const HilumAlignment *alignment, GError **error)
{
  HilumVolume *original = hilum_phase_get_original(c->phase);
  g_autoptr(HilumVolume) shown = g_steal_pointer(&c->ready);
  if (!original) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES,
                "“%s” cannot be moved while its images are missing.", hilum_phase_get_name(c->phase));
    return false;
  }
  if (!shown)
    shown = hilum_alignment_resample(hilum_phase_get_name(c->phase), original,
                                     hilum_phase_get_grid(hilum_case_get_phase(c->owner, 0)), alignment, NULL,
                                     error);
  if (!shown) return false;
  hilum_phase_set_alignment(c->phase, alignment, shown);
  hilum_case_emit_images_changed(c->owner);
  return true;
}

static bool alignment_apply(HilumCommand *command, GError **error)
{
  return align((AlignmentCommand *)command, &((AlignmentCommand *)command)->after, error);
}

static bool alignment_revert(HilumCommand *command, GError **error)
{
  return align((AlignmentCommand *)command, &((AlignmentCommand *)command)->before, error);
}

/* A row of nudges is one step. */
static bool alignment_try_merge(HilumCommand *command, HilumCommand *next)
{
  AlignmentCommand *a = (AlignmentCommand *)command, *b = (AlignmentCommand *)next;
  if (a->phase != b->phase || a->after.method != HILUM_ALIGNMENT_MANUAL ||
      b->after.method != HILUM_ALIGNMENT_MANUAL || strcmp(command->label, next->label) != 0)
    return false;
  a->after = b->after;
  return true;
}

static void alignment_free(HilumCommand *command)
{
  AlignmentCommand *c = (AlignmentCommand *)command;
  g_clear_pointer(&c->ready, hilum_volume_unref);
  g_object_unref(c->phase);
  g_free(c);
}

static const HilumCommandClass alignment_class = {alignment_apply, alignment_revert, alignment_try_merge,
                                                  NULL, alignment_free};

HilumCommand *hilum_command_new_alignment(HilumCase *self, const char *label, HilumPhase *phase,
                                          const HilumAlignment *after, HilumVolume *shown)
{
  AlignmentCommand *c = g_new0(AlignmentCommand, 1);
  c->base = (HilumCommand){&alignment_class, g_strdup(label)};
  c->owner = self;
  c->phase = g_object_ref(phase);
  c->before = *hilum_phase_get_alignment(phase);
  c->after = *after;
  c->ready = shown ? hilum_volume_ref(shown) : NULL;
  return &c->base;
}

/* --- side --- */

typedef struct {
  HilumCommand base;
  HilumCase *owner;
  HilumSide before, after;
} SideCommand;

static bool side_apply(HilumCommand *command, GError **error)
{
  (void)error;
  hilum_case_put_side(((SideCommand *)command)->owner, ((SideCommand *)command)->after);
  return true;
}

static bool side_revert(HilumCommand *command, GError **error)
{
  (void)error;
  hilum_case_put_side(((SideCommand *)command)->owner, ((SideCommand *)command)->before);
  return true;
}

static void side_free(HilumCommand *command)
{
  g_free(command);
}

static const HilumCommandClass side_class = {side_apply, side_revert, NULL, NULL, side_free};

HilumCommand *hilum_command_new_side(HilumCase *self, HilumSide side)
{
  SideCommand *c = g_new0(SideCommand, 1);
  c->base = (HilumCommand){&side_class, g_strdup("Set side")};
  c->owner = self;
  c->before = self->side;
  c->after = side;
  return &c->base;
}
