/* The phases of a case: what may join it, and how each is brought onto the grid of the first. */
#include "case_private.h"

#include "hilum/casefile/error.h"

#include <string.h>

GListModel *hilum_case_get_phases(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return G_LIST_MODEL(self->phases);
}

guint hilum_case_get_phase_count(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), 0);
  return g_list_model_get_n_items(G_LIST_MODEL(self->phases));
}

HilumPhase *hilum_case_get_phase(HilumCase *self, guint index)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  g_autoptr(HilumPhase) phase = g_list_model_get_item(G_LIST_MODEL(self->phases), index);
  return phase; /* the list keeps it */
}

static bool name_taken(HilumCase *self, const char *name)
{
  for (guint i = 0; i < hilum_case_get_phase_count(self); i++)
    if (strcmp(hilum_phase_get_name(hilum_case_get_phase(self, i)), name) == 0) return true;
  return false;
}

/* "Arterial", else the series description, else "Series 3"; numbered where that is taken. */
static char *phase_name(HilumCase *self, const HilumSource *source)
{
  g_autofree char *stem = g_strstrip(g_strdup(*source->kind ? source->kind : source->description));
  if (*source->kind) stem[0] = g_ascii_toupper(stem[0]);
  if (!*stem) {
    g_free(stem);
    stem = source->series_number >= 0 ? g_strdup_printf("Series %d", source->series_number)
                                      : g_strdup_printf("Volume %u", hilum_case_get_phase_count(self) + 1);
  }
  if (!name_taken(self, stem)) return g_steal_pointer(&stem);
  for (int n = 2;; n++) {
    g_autofree char *name = g_strdup_printf("%s %d", stem, n);
    if (!name_taken(self, name)) return g_steal_pointer(&name);
  }
}

/* May this volume join the phases that are here? */
static bool check_phase(HilumCase *self, const HilumSeriesInfo *info, GError **error)
{
  if (hilum_case_get_phase_count(self) == 0) return true;
  if (info && info->patient_id && *info->patient_id && *self->patient[HILUM_PATIENT_ID] &&
      strcmp(info->patient_id, self->patient[HILUM_PATIENT_ID]) != 0) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_PATIENT,
                        "These images belong to another patient than the case; they were not added.");
    return false;
  }
  for (guint i = 0; info && info->n_files > 0 && i < hilum_case_get_phase_count(self); i++) {
    HilumPhase *phase = hilum_case_get_phase(self, i);
    if (g_strcmp0(hilum_phase_get_series_uid(phase), info->series_uid) != 0 ||
        g_strcmp0(hilum_phase_get_sop_uid(phase, 0), info->sop_uids[0]) != 0)
      continue;
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN,
                "These images are part of the case already, as “%s”.", hilum_phase_get_name(phase));
    return false;
  }
  return true;
}

HilumPhase *hilum_case_append_phase(HilumCase *self, const char *name, HilumSource *source,
                                    HilumVolume *original, HilumVolume *shown,
                                    const HilumAlignment *alignment, GError **error)
{
  if (!self->labels) {
    self->labels = hilum_label_map_new(&source->grid, error);
    if (!self->labels) return NULL;
  }
  g_autofree char *made = name ? g_strdup(name) : phase_name(self, source);
  HilumPhase *first = hilum_case_get_phase(self, 0);
  g_autoptr(HilumPhase) phase = hilum_phase_new(made, source, original, shown, first, alignment);
  g_list_store_append(self->phases, phase);
  return phase; /* the list keeps it */
}

/* The volume on the reference's grid, by scanner coordinates; `ready` if a job made it already. */
static HilumVolume *bring_to_reference(HilumCase *self, const char *name, HilumVolume *volume,
                                       HilumVolume *ready, GError **error)
{
  HilumPhase *first = hilum_case_get_phase(self, 0);
  if (!first) return hilum_volume_ref(volume);
  const HilumGrid *reference = hilum_phase_get_grid(first);
  g_return_val_if_fail(!ready || hilum_alignment_same_grid(reference, hilum_volume_get_grid(ready)), NULL);
  if (ready) return hilum_volume_ref(ready);
  const HilumAlignment scanner = hilum_alignment_scanner();
  return hilum_alignment_resample(name, volume, reference, &scanner, NULL, error);
}

HilumPhase *hilum_case_add_phase_shown(HilumCase *self, const HilumSeriesInfo *info, HilumVolume *volume,
                                       HilumVolume *ready, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && volume != NULL, NULL);
  if (!check_phase(self, info, error)) return NULL;
  g_autoptr(HilumSource) source = hilum_source_new_from_series(info, volume);
  g_autofree char *name = phase_name(self, source);
  g_autoptr(HilumVolume) shown = bring_to_reference(self, name, volume, ready, error);
  if (!shown) return NULL;
  if (hilum_case_get_phase_count(self) == 0 && info && !self->patient_set) {
    HilumPatient patient = {info->patient_name, info->patient_id, info->birth_date,
                            info->sex,          info->study_date, info->study_description};
    hilum_case_fill_patient(self, &patient, false);
  }
  HilumPhase *phase = hilum_case_append_phase(self, name, source, volume, shown, NULL, error);
  if (!phase) return NULL;
  hilum_case_touch(self);
  hilum_case_emit_images_changed(self);
  return phase;
}

HilumPhase *hilum_case_add_phase(HilumCase *self, const HilumSeriesInfo *info, HilumVolume *volume,
                                 GError **error)
{
  return hilum_case_add_phase_shown(self, info, volume, NULL, error);
}

bool hilum_case_set_alignment(HilumCase *self, guint index, const HilumAlignment *alignment,
                              HilumVolume *shown, const char *step_name, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && alignment != NULL && step_name != NULL, false);
  if (!hilum_case_require_volume(self, index, error)) return false;
  HilumPhase *phase = hilum_case_get_phase(self, index), *first = hilum_case_get_phase(self, 0);
  if (phase == first) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_GRID,
                "“%s” cannot be moved: it is the first phase, which the structures lie on. Move the other "
                "phase to it.",
                hilum_phase_get_name(phase));
    return false;
  }
  g_return_val_if_fail(
      !shown || hilum_alignment_same_grid(hilum_phase_get_grid(first), hilum_volume_get_grid(shown)), false);
  return hilum_history_do(self->history,
                          hilum_command_new_alignment(self, step_name, phase, alignment, shown), error);
}

HilumVolume *hilum_case_require_volume(HilumCase *self, guint index, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  HilumPhase *phase = hilum_case_get_phase(self, index);
  if (!phase) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES,
                "The case has %u phases; there is no phase %u.", hilum_case_get_phase_count(self), index);
    return NULL;
  }
  HilumVolume *volume = hilum_phase_get_volume(phase);
  if (!volume)
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_MISSING_IMAGES,
                "The images of “%s” are missing; point to the folder that holds them.",
                hilum_phase_get_name(phase));
  return volume;
}
