/* The commands of a case: labels, the list of structures, the traits of a structure, how a phase lies, the
 * side. A command borrows its case, which owns the history that owns the command. It names structures by
 * their label, not by their object: what the history leads to is the same either way, and so a command that
 * was read from a file needs no object to belong to. Commands from files are not trusted: each checks that
 * the case is as it must be before it changes anything. */
#include "step_private.h"

#include "hilum/casefile/error.h"

#include <string.h>

static bool refuse(GError **error, const char *why)
{
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY,
              "This step does not fit the case: %s.", why);
  return false;
}

static HilumStructureTraits copy_traits(const HilumStructureTraits *traits)
{
  HilumStructureTraits copy = *traits;
  copy.name = g_strdup(traits->name);
  return copy;
}

/* --- labels --- */

typedef struct {
  HilumCommand base;
  HilumCase *owner;
  HilumLabelDelta *delta;
  bool in_group; /* part of a stroke: the next one is joined to it */
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

/* A stroke is made of hundreds of deltas; undo wants one. */
static bool labels_try_merge(HilumCommand *command, HilumCommand *next)
{
  LabelsCommand *a = (LabelsCommand *)command, *b = (LabelsCommand *)next;
  if (!a->in_group || !b->in_group) return false;
  HilumLabelDelta *both = hilum_label_delta_join(a->delta, b->delta);
  hilum_label_delta_unref(a->delta);
  a->delta = both;
  return true;
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

static HilumCommandRecord *labels_describe(const HilumCommand *command)
{
  HilumCommandRecord *record = hilum_command_record_new(HILUM_COMMAND_LABELS, command->label);
  record->delta = hilum_label_delta_ref(((const LabelsCommand *)command)->delta);
  return record;
}

static const HilumCommandClass labels_class = {labels_apply, labels_revert, labels_try_merge,
                                               labels_bytes, labels_free,   labels_describe};

HilumCommand *hilum_command_new_labels(HilumCase *self, const char *label, HilumLabelDelta *delta)
{
  LabelsCommand *c = g_new0(LabelsCommand, 1);
  c->base = (HilumCommand){&labels_class, g_strdup(label)};
  c->owner = self;
  c->delta = hilum_label_delta_ref(delta);
  c->in_group = hilum_history_is_grouping(self->history);
  return &c->base;
}

/* --- the list of structures --- */

typedef struct {
  HilumCommand base;
  HilumCase *owner;
  uint8_t label;
  HilumStructure *structure; /* as last seen; what comes back if it is out of the list */
  bool out;
  bool add;
  guint position;
} ListCommand;

static bool list_insert(ListCommand *c, GError **error)
{
  if (!c->out || c->owner->by_label[c->label]) return refuse(error, "its structure is there already");
  if (hilum_case_find_structure(c->owner, hilum_structure_get_name(c->structure)))
    return refuse(error, "another structure has its name");
  hilum_case_insert_structure(c->owner, c->structure, c->position);
  c->out = false;
  return true;
}

static bool list_take_out(ListCommand *c, GError **error)
{
  HilumStructure *structure = c->owner->by_label[c->label];
  if (!structure) return refuse(error, "its structure is not there");
  if (c->owner->labels && hilum_label_map_count(c->owner->labels, c->label) > 0)
    return refuse(error, "its structure still has voxels");
  g_set_object(&c->structure, structure);
  c->out = true;
  c->position = hilum_case_take_out_structure(c->owner, structure);
  return true;
}

static bool list_apply(HilumCommand *command, GError **error)
{
  ListCommand *c = (ListCommand *)command;
  return c->add ? list_insert(c, error) : list_take_out(c, error);
}

static bool list_revert(HilumCommand *command, GError **error)
{
  ListCommand *c = (ListCommand *)command;
  return c->add ? list_take_out(c, error) : list_insert(c, error);
}

static void list_free(HilumCommand *command)
{
  g_object_unref(((ListCommand *)command)->structure);
  g_free(command);
}

static HilumCommandRecord *list_describe(const HilumCommand *command)
{
  const ListCommand *c = (const ListCommand *)command;
  HilumStructure *structure = c->structure;
  HilumCommandRecord *record = hilum_command_record_new(HILUM_COMMAND_LIST, command->label);
  record->structure = c->label;
  record->add = c->add;
  record->position = c->position;
  record->visible = hilum_structure_get_visible(structure);
  record->opacity = hilum_structure_get_opacity(structure);
  record->after = hilum_structure_dup_traits(structure);
  return record;
}

static const HilumCommandClass list_class = {list_apply, list_revert, NULL, NULL, list_free, list_describe};

HilumCommand *hilum_command_new_list(HilumCase *self, const char *label, HilumStructure *structure, bool add)
{
  ListCommand *c = g_new0(ListCommand, 1);
  c->base = (HilumCommand){&list_class, g_strdup(label)};
  c->owner = self;
  c->label = hilum_structure_get_label(structure);
  c->structure = g_object_ref(structure);
  c->out = add;
  c->add = add;
  c->position = G_MAXUINT;
  return &c->base;
}

/* --- traits --- */

typedef struct {
  HilumCommand base;
  HilumCase *owner;
  uint8_t label;
  HilumStructureTraits before, after;
  bool mergeable;
} TraitsCommand;

static bool traits_set(TraitsCommand *c, const HilumStructureTraits *traits, GError **error)
{
  HilumStructure *structure = c->owner->by_label[c->label];
  if (!structure) return refuse(error, "its structure is not there");
  HilumStructure *namesake = hilum_case_find_structure(c->owner, traits->name);
  if (namesake && namesake != structure) return refuse(error, "another structure has its name");
  if (hilum_structure_set_traits(structure, traits)) hilum_case_emit_structure_changed(c->owner, structure);
  return true;
}

static bool traits_apply(HilumCommand *command, GError **error)
{
  return traits_set((TraitsCommand *)command, &((TraitsCommand *)command)->after, error);
}

static bool traits_revert(HilumCommand *command, GError **error)
{
  return traits_set((TraitsCommand *)command, &((TraitsCommand *)command)->before, error);
}

static bool traits_try_merge(HilumCommand *command, HilumCommand *next)
{
  TraitsCommand *a = (TraitsCommand *)command, *b = (TraitsCommand *)next;
  if (!a->mergeable || !b->mergeable || a->label != b->label || strcmp(command->label, next->label) != 0)
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
  g_free(c);
}

static HilumCommandRecord *traits_describe(const HilumCommand *command)
{
  const TraitsCommand *c = (const TraitsCommand *)command;
  HilumCommandRecord *record = hilum_command_record_new(HILUM_COMMAND_TRAITS, command->label);
  record->structure = c->label;
  record->before = copy_traits(&c->before);
  record->after = copy_traits(&c->after);
  return record;
}

static const HilumCommandClass traits_class = {traits_apply, traits_revert, traits_try_merge,
                                               NULL,         traits_free,   traits_describe};

HilumCommand *hilum_command_new_traits(HilumCase *self, const char *label, HilumStructure *structure,
                                       const HilumStructureTraits *after, bool mergeable)
{
  TraitsCommand *c = g_new0(TraitsCommand, 1);
  c->base = (HilumCommand){&traits_class, g_strdup(label)};
  c->owner = self;
  c->label = hilum_structure_get_label(structure);
  c->before = hilum_structure_dup_traits(structure);
  c->after = copy_traits(after);
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
  if (!original && c->owner->without_images) {
    hilum_phase_set_alignment(c->phase, alignment, NULL);
    return true;
  }
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

static HilumCommandRecord *alignment_describe(const HilumCommand *command)
{
  const AlignmentCommand *c = (const AlignmentCommand *)command;
  guint position = 0;
  if (!g_list_store_find(c->owner->phases, c->phase, &position)) return NULL;
  HilumCommandRecord *record = hilum_command_record_new(HILUM_COMMAND_ALIGNMENT, command->label);
  record->phase = position;
  record->lay_before = c->before;
  record->lay_after = c->after;
  return record;
}

static const HilumCommandClass alignment_class = {
    alignment_apply, alignment_revert, alignment_try_merge, NULL, alignment_free, alignment_describe};

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

static HilumCommandRecord *side_describe(const HilumCommand *command)
{
  HilumCommandRecord *record = hilum_command_record_new(HILUM_COMMAND_SIDE, command->label);
  record->side_before = ((const SideCommand *)command)->before;
  record->side_after = ((const SideCommand *)command)->after;
  return record;
}

static const HilumCommandClass side_class = {side_apply, side_revert, NULL, NULL, side_free, side_describe};

HilumCommand *hilum_command_new_side(HilumCase *self, HilumSide side)
{
  SideCommand *c = g_new0(SideCommand, 1);
  c->base = (HilumCommand){&side_class, g_strdup("Set side")};
  c->owner = self;
  c->before = self->side;
  c->after = side;
  return &c->base;
}

/* --- from a file --- */

static HilumCommand *list_from_record(HilumCase *self, const HilumCommandRecord *record, bool done)
{
  g_autoptr(HilumStructure) structure = hilum_structure_new(record->structure, &record->after);
  hilum_structure_set_visible(structure, record->visible);
  hilum_structure_set_opacity(structure, record->opacity);
  HilumCommand *command = hilum_command_new_list(self, record->label, structure, record->add);
  ListCommand *c = (ListCommand *)command;
  c->position = record->position;
  c->out = record->add != done;
  return command;
}

HilumCommand *hilum_command_new_from_record(HilumCase *self, const HilumCommandRecord *record, bool done)
{
  switch (record->kind) {
  case HILUM_COMMAND_LABELS:
    return hilum_command_new_labels(self, record->label, record->delta);
  case HILUM_COMMAND_LIST:
    return list_from_record(self, record, done);
  case HILUM_COMMAND_TRAITS: {
    TraitsCommand *c = g_new0(TraitsCommand, 1);
    c->base = (HilumCommand){&traits_class, g_strdup(record->label)};
    c->owner = self;
    c->label = record->structure;
    c->before = copy_traits(&record->before);
    c->after = copy_traits(&record->after);
    return &c->base;
  }
  case HILUM_COMMAND_ALIGNMENT: {
    HilumPhase *phase = hilum_case_get_phase(self, record->phase);
    HilumCommand *command = hilum_command_new_alignment(self, record->label, phase, &record->lay_after, NULL);
    ((AlignmentCommand *)command)->before = record->lay_before;
    return command;
  }
  case HILUM_COMMAND_SIDE:
  default: {
    HilumCommand *command = hilum_command_new_side(self, record->side_after);
    ((SideCommand *)command)->before = record->side_before;
    g_free(command->label);
    command->label = g_strdup(record->label);
    return command;
  }
  }
}
