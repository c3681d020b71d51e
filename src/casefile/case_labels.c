/* The label map of a case: changed by deltas only, with the voxel counts of the structures following. */
#include "case_private.h"

#include "hilum/casefile/error.h"

static guint labels_changed_signal(void)
{
  return g_signal_lookup("labels-changed", HILUM_TYPE_CASE);
}

HilumLabelMap *hilum_case_get_label_map(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return self->labels;
}

HilumLabelSnapshot *hilum_case_dup_labels(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return self->labels ? hilum_label_map_snapshot(self->labels) : NULL;
}

void hilum_case_update_counts(HilumCase *self)
{
  if (!self->labels) return;
  const double voxel_mm3 = hilum_grid_voxel_mm3(hilum_label_map_get_grid(self->labels));
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    HilumStructure *s = self->by_label[l];
    if (s && hilum_structure_set_voxels(s, hilum_label_map_count(self->labels, (uint8_t)l), voxel_mm3))
      hilum_case_emit_structure_changed(self, s);
  }
}

/* Voxels of a label that no structure has: only a step that was read from a file could do that. */
static bool has_strays(HilumCase *self)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (!self->by_label[l] && hilum_label_map_count(self->labels, (uint8_t)l) > 0) return true;
  return false;
}

bool hilum_case_swap_labels(HilumCase *self, HilumLabelDelta *delta, bool forward, GError **error)
{
  if (!hilum_label_map_apply(self->labels, delta, forward)) {
    g_set_error_literal(
        error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STALE,
        "The labels changed while this step was computed; nothing was changed, run it again.");
    return false;
  }
  if (has_strays(self)) {
    hilum_label_map_apply(self->labels, delta, !forward);
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY,
                        "This step does not fit the case: its structure is not there.");
    return false;
  }
  hilum_case_update_counts(self);
  g_signal_emit(self, labels_changed_signal(), 0);
  return true;
}

bool hilum_case_prepare_write(HilumCase *self, HilumStructure *structure, HilumLabelMode mode,
                              HilumLabelWrite *write, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure), false);
  if (hilum_structure_get_locked(structure)) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_LOCKED,
                "“%s” is locked; unlock it to change it.", hilum_structure_get_name(structure));
    return false;
  }
  *write = (HilumLabelWrite){.label = hilum_structure_get_label(structure), .mode = mode};
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    write->locked[l] = self->by_label[l] && hilum_structure_get_locked(self->by_label[l]);
  return true;
}

bool hilum_case_apply_labels(HilumCase *self, const char *step_name, HilumLabelDelta *delta, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && delta != NULL, false);
  if (!self->labels) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES,
                        "There are no images to label yet; open a study first.");
    return false;
  }
  if (hilum_label_delta_is_empty(delta)) return true;
  return hilum_history_do(self->history, hilum_command_new_labels(self, step_name, delta), error);
}

bool hilum_case_is_made_by(HilumCase *self, const HilumLabelWrite *write)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && write != NULL, false);
  if (write->mode == HILUM_LABEL_REPLACE) return true;
  return write->mode == HILUM_LABEL_ADD && self->labels &&
         hilum_label_map_count(self->labels, write->label) == 0;
}

bool hilum_case_apply_made_labels(HilumCase *self, const char *step_name, HilumLabelDelta *delta,
                                  HilumStructure *structure, const HilumStructureBoundary *made,
                                  GError **error)
{
  hilum_history_begin_group(self->history, step_name);
  const bool good = hilum_case_apply_labels(self, step_name, delta, error) &&
                    hilum_case_set_structure_boundary(self, structure, made, error);
  if (good)
    hilum_history_end_group(self->history);
  else
    hilum_history_abort_group(self->history);
  return good;
}

/* A locked structure keeps every voxel, and gains none, exactly when its mask is the same before and after.
 */
static bool check_locks(HilumCase *self, HilumLabelSnapshot *before, HilumLabelSnapshot *after,
                        GError **error)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    HilumStructure *s = self->by_label[l];
    if (!s || !hilum_structure_get_locked(s)) continue;
    g_autoptr(HilumMask) a = hilum_label_snapshot_dup_mask(before, (uint8_t)l, error);
    if (!a) return false;
    g_autoptr(HilumMask) b = hilum_label_snapshot_dup_mask(after, (uint8_t)l, error);
    if (!b) return false;
    if (hilum_mask_equal(a, b)) continue;
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_LOCKED,
                "“%s” is locked and would be changed; unlock it first.", hilum_structure_get_name(s));
    return false;
  }
  return true;
}

/* The name that came with the label if it can be had, else one that tells where it came from. */
static char *import_name(HilumCase *self, const char *wish, int label)
{
  char *clean = NULL;
  if (wish && hilum_case_check_name(self, wish, NULL, &clean, NULL)) return clean;
  if (wish && g_utf8_validate(wish, -1, NULL)) {
    g_autofree char *numbered = g_strdup_printf("%s (label %d)", wish, label);
    if (hilum_case_check_name(self, numbered, NULL, &clean, NULL)) return clean;
  }
  for (int n = label;; n += HILUM_LABEL_COUNT) {
    g_autofree char *plain = g_strdup_printf("Structure %d", n);
    if (hilum_case_check_name(self, plain, NULL, &clean, NULL)) return clean;
  }
}

/* Structures for labels that have voxels but no line in the list yet. */
static bool add_missing(HilumCase *self, HilumLabelSnapshot *labels, const char *const *names, GError **error)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    if (self->by_label[l] || hilum_label_snapshot_count(labels, (uint8_t)l) == 0) continue;
    g_autofree char *name = import_name(self, names ? names[l] : NULL, l);
    HilumStructureKind kind = hilum_structure_kind_from_name(name);
    HilumStructureTraits traits = {name, kind, hilum_structure_kind_color(kind, (unsigned)l), false, {0}};
    g_autoptr(HilumStructure) structure = hilum_structure_new((uint8_t)l, &traits);
    HilumCommand *command = hilum_command_new_list(self, "Add structure", structure, true);
    if (!hilum_history_do(self->history, command, error)) return false;
  }
  return true;
}

bool hilum_case_import_labels(HilumCase *self, const char *step_name, HilumLabelSnapshot *labels,
                              const char *const *names, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && labels != NULL, false);
  g_autoptr(HilumLabelSnapshot) before = hilum_case_dup_labels(self);
  if (!before) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES,
                        "There are no images to label yet; open a study first.");
    return false;
  }
  const HilumGrid *ours = hilum_label_snapshot_get_grid(before);
  const HilumGrid *theirs = hilum_label_snapshot_get_grid(labels);
  if (!hilum_grid_equal(ours, theirs, 0.01)) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_GRID,
                "The labels do not lie on the grid of the images: they have %d × %d × %d voxels and the "
                "images %d × %d × %d, or their position or spacing differs.",
                theirs->dims[0], theirs->dims[1], theirs->dims[2], ours->dims[0], ours->dims[1],
                ours->dims[2]);
    return false;
  }
  if (!check_locks(self, before, labels, error)) return false;
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_snapshots(before, labels, error);
  if (!delta) return false;

  hilum_history_begin_group(self->history, step_name);
  bool good =
      add_missing(self, labels, names, error) && hilum_case_apply_labels(self, step_name, delta, error);
  if (good)
    hilum_history_end_group(self->history);
  else
    hilum_history_abort_group(self->history);
  return good;
}
