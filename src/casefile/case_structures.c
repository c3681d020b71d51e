/* Structures of a case: every change is a command, every name is unique whatever its case. */
#include "case_private.h"

#include "hilum/casefile/error.h"

#include <string.h>

GListModel *hilum_case_get_structures(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return G_LIST_MODEL(self->structures);
}

HilumStructure *hilum_case_get_structure(HilumCase *self, uint8_t label)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return self->by_label[label];
}

HilumStructure *hilum_case_find_structure(HilumCase *self, const char *name)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  if (!name || !g_utf8_validate(name, -1, NULL)) return NULL;
  g_autofree char *stripped = g_strstrip(g_strdup(name));
  g_autofree char *wanted = hilum_structure_name_key(stripped);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    if (!self->by_label[l]) continue;
    g_autofree char *key = hilum_structure_name_key(hilum_structure_get_name(self->by_label[l]));
    if (strcmp(key, wanted) == 0) return self->by_label[l];
  }
  return NULL;
}

uint8_t hilum_case_get_free_label(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), 0);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (!self->by_label[l]) return (uint8_t)l;
  return 0;
}

bool hilum_case_check_name(HilumCase *self, const char *name, HilumStructure *except, char **clean,
                           GError **error)
{
  g_autofree char *stripped = NULL;
  const char *defect = hilum_structure_name_defect(name);
  if (!defect) {
    stripped = g_strstrip(g_strdup(name));
    HilumStructure *other = hilum_case_find_structure(self, stripped);
    if (other && other != except) defect = "another structure has it";
  }
  if (defect) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_NAME,
                "This name cannot be given to a structure: %s.", defect);
    return false;
  }
  *clean = g_steal_pointer(&stripped);
  return true;
}

void hilum_case_insert_structure(HilumCase *self, HilumStructure *structure, guint position)
{
  const uint8_t label = hilum_structure_get_label(structure);
  g_return_if_fail(self->by_label[label] == NULL);
  self->by_label[label] = structure;
  guint n = g_list_model_get_n_items(G_LIST_MODEL(self->structures));
  g_list_store_insert(self->structures, MIN(position, n), structure);
  hilum_case_update_counts(self);
}

guint hilum_case_take_out_structure(HilumCase *self, HilumStructure *structure)
{
  guint position = 0;
  g_return_val_if_fail(g_list_store_find(self->structures, structure, &position), 0);
  self->by_label[hilum_structure_get_label(structure)] = NULL;
  g_list_store_remove(self->structures, position);
  return position;
}

/* "Tumour", then "Tumour 2", "Tumour 3", ... */
static char *free_name(HilumCase *self, HilumStructureKind kind)
{
  const char *stem = hilum_structure_kind_name(kind);
  if (!hilum_case_find_structure(self, stem)) return g_strdup(stem);
  for (int n = 2;; n++) {
    g_autofree char *name = g_strdup_printf("%s %d", stem, n);
    if (!hilum_case_find_structure(self, name)) return g_steal_pointer(&name);
  }
}

/* So that neighbours in the list differ: the n-th structure without a colour of its own gets the n-th. */
static unsigned palette_index(HilumCase *self)
{
  unsigned n = 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    n += self->by_label[l] && hilum_structure_get_kind(self->by_label[l]) == HILUM_STRUCTURE_OTHER;
  return n;
}

HilumStructure *hilum_case_add_structure(HilumCase *self, HilumStructureKind kind, const char *name,
                                         GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  const uint8_t label = hilum_case_get_free_label(self);
  if (label == 0) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE,
                        "The case has 255 structures already; delete one to make room.");
    return NULL;
  }
  g_autofree char *clean = NULL;
  if (!name)
    clean = free_name(self, kind);
  else if (!hilum_case_check_name(self, name, NULL, &clean, error))
    return NULL;
  HilumStructureTraits traits = {
      clean, kind, hilum_structure_kind_color(kind, palette_index(self)), false, {0}};
  g_autoptr(HilumStructure) structure = hilum_structure_new(label, &traits);
  g_autofree char *step = g_strdup_printf("Add %s", clean);
  if (!hilum_history_do(self->history, hilum_command_new_list(self, step, structure, true), error))
    return NULL;
  return self->by_label[label];
}

static bool is_ours(HilumCase *self, HilumStructure *structure, GError **error)
{
  if (self->by_label[hilum_structure_get_label(structure)] == structure) return true;
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE,
              "“%s” is no longer part of the case.", hilum_structure_get_name(structure));
  return false;
}

/* The delta that clears every voxel of a label. */
static HilumLabelDelta *clear_delta(HilumCase *self, uint8_t label, GError **error)
{
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_case_dup_labels(self);
  g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(snapshot, label, error);
  if (!mask) return NULL;
  const HilumVoxelBox box = hilum_label_snapshot_bounds(snapshot, label);
  HilumLabelWrite write = {.label = label, .mode = HILUM_LABEL_REMOVE};
  return hilum_label_delta_new_from_mask(snapshot, mask, &box, &write, NULL, error);
}

bool hilum_case_remove_structure(HilumCase *self, HilumStructure *structure, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure), false);
  if (!is_ours(self, structure, error)) return false;
  const char *name = hilum_structure_get_name(structure);
  if (hilum_structure_get_locked(structure)) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_LOCKED,
                "“%s” is locked; unlock it to delete it.", name);
    return false;
  }
  g_autoptr(HilumLabelDelta) delta = NULL;
  if (self->labels && hilum_label_map_count(self->labels, hilum_structure_get_label(structure)) > 0) {
    delta = clear_delta(self, hilum_structure_get_label(structure), error);
    if (!delta) return false;
  }
  g_autofree char *step = g_strdup_printf("Delete %s", name);
  hilum_history_begin_group(self->history, step);
  bool good = (!delta || hilum_case_apply_labels(self, step, delta, error)) &&
              hilum_history_do(self->history, hilum_command_new_list(self, step, structure, false), error);
  if (good)
    hilum_history_end_group(self->history);
  else
    hilum_history_abort_group(self->history);
  return good;
}

/* One command from the present traits to `after`; nothing if they are the same. */
static bool change_traits(HilumCase *self, HilumStructure *structure, const HilumStructureTraits *after,
                          const char *step, bool mergeable, GError **error)
{
  if (!is_ours(self, structure, error)) return false;
  if (strcmp(after->name, hilum_structure_get_name(structure)) == 0 &&
      after->kind == hilum_structure_get_kind(structure) &&
      after->color == hilum_structure_get_color(structure) &&
      after->locked == hilum_structure_get_locked(structure) &&
      hilum_structure_boundary_equal(&after->boundary, hilum_structure_get_boundary(structure)))
    return true;
  return hilum_history_do(self->history, hilum_command_new_traits(self, step, structure, after, mergeable),
                          error);
}

bool hilum_case_rename_structure(HilumCase *self, HilumStructure *structure, const char *name, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure), false);
  g_autofree char *clean = NULL;
  if (!hilum_case_check_name(self, name, structure, &clean, error)) return false;
  HilumStructureTraits traits = hilum_structure_dup_traits(structure);
  hilum_structure_traits_clear(&traits);
  traits.name = clean;
  g_autofree char *step = g_strdup_printf("Rename to %s", clean);
  return change_traits(self, structure, &traits, step, false, error);
}

bool hilum_case_recolor_structure(HilumCase *self, HilumStructure *structure, uint32_t color, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure), false);
  HilumStructureTraits traits = hilum_structure_dup_traits(structure);
  traits.color = color & 0xFFFFFF;
  g_autofree char *step = g_strdup_printf("Colour of %s", traits.name);
  bool good = change_traits(self, structure, &traits, step, true, error);
  hilum_structure_traits_clear(&traits);
  return good;
}

bool hilum_case_set_structure_kind(HilumCase *self, HilumStructure *structure, HilumStructureKind kind,
                                   GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure), false);
  HilumStructureTraits traits = hilum_structure_dup_traits(structure);
  traits.kind = (unsigned)kind < HILUM_STRUCTURE_KINDS ? kind : HILUM_STRUCTURE_OTHER;
  g_autofree char *step = g_strdup_printf("Kind of %s", traits.name);
  bool good = change_traits(self, structure, &traits, step, false, error);
  hilum_structure_traits_clear(&traits);
  return good;
}

bool hilum_case_lock_structure(HilumCase *self, HilumStructure *structure, bool locked, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure), false);
  HilumStructureTraits traits = hilum_structure_dup_traits(structure);
  traits.locked = locked;
  g_autofree char *step = g_strdup_printf("%s %s", locked ? "Lock" : "Unlock", traits.name);
  bool good = change_traits(self, structure, &traits, step, false, error);
  hilum_structure_traits_clear(&traits);
  return good;
}

bool hilum_case_set_structure_boundary(HilumCase *self, HilumStructure *structure,
                                       const HilumStructureBoundary *boundary, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure), false);
  const bool range = boundary && hilum_structure_boundary_is_range(boundary);
  if (range && boundary->phase >= hilum_case_get_phase_count(self)) {
    g_set_error(
        error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE,
        "The surface of “%s” cannot follow the grey values of phase %u: the case has %u, counted from "
        "0.",
        hilum_structure_get_name(structure), boundary->phase, hilum_case_get_phase_count(self));
    return false;
  }
  HilumStructureTraits traits = hilum_structure_dup_traits(structure);
  traits.boundary = range ? *boundary : (HilumStructureBoundary){0};
  g_autofree char *step = g_strdup_printf("Surface of %s", traits.name);
  bool good = change_traits(self, structure, &traits, step, false, error);
  hilum_structure_traits_clear(&traits);
  return good;
}

void hilum_case_set_structure_visible(HilumCase *self, HilumStructure *structure, bool visible)
{
  g_return_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure));
  if (hilum_structure_set_visible(structure, visible)) hilum_case_emit_structure_changed(self, structure);
}

void hilum_case_set_structure_opacity(HilumCase *self, HilumStructure *structure, double opacity)
{
  g_return_if_fail(HILUM_IS_CASE(self) && HILUM_IS_STRUCTURE(structure));
  if (hilum_structure_set_opacity(structure, opacity)) hilum_case_emit_structure_changed(self, structure);
}
