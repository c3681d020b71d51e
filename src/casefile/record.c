/* Records: taken from a case, made into a case. Main thread, but for the reference counting. */
#include "hilum/casefile/record.h"

#include "journal_private.h"

#include "hilum/casefile/error.h"

#include <string.h>

static void phase_clear(gpointer data)
{
  HilumRecordPhase *phase = data;
  g_free(phase->name);
  g_clear_pointer(&phase->source, hilum_source_unref);
  g_clear_pointer(&phase->volume, hilum_volume_unref);
  g_clear_pointer(&phase->findings, g_array_unref);
}

static void structure_clear(gpointer data)
{
  hilum_structure_traits_clear(&((HilumRecordStructure *)data)->traits);
}

static void view_clear(gpointer data)
{
  HilumRecordView *view = data;
  g_free(view->key);
  g_free(view->value);
}

static void step_unref(gpointer step)
{
  hilum_step_record_unref(step);
}

HilumCaseRecord *hilum_case_record_new(void)
{
  HilumCaseRecord *record = g_new0(HilumCaseRecord, 1);
  g_atomic_ref_count_init(&record->refs);
  record->phases = g_array_new(FALSE, TRUE, sizeof(HilumRecordPhase));
  g_array_set_clear_func(record->phases, phase_clear);
  record->structures = g_array_new(FALSE, TRUE, sizeof(HilumRecordStructure));
  g_array_set_clear_func(record->structures, structure_clear);
  record->view = g_array_new(FALSE, TRUE, sizeof(HilumRecordView));
  g_array_set_clear_func(record->view, view_clear);
  record->exports = hilum_exports_new();
  record->steps = g_ptr_array_new_with_free_func(step_unref);
  return record;
}

HilumCaseRecord *hilum_case_record_ref(HilumCaseRecord *record)
{
  g_atomic_ref_count_inc(&record->refs);
  return record;
}

void hilum_case_record_unref(HilumCaseRecord *record)
{
  if (!g_atomic_ref_count_dec(&record->refs)) return;
  g_array_unref(record->phases);
  g_array_unref(record->structures);
  g_array_unref(record->view);
  g_ptr_array_unref(record->exports);
  g_ptr_array_unref(record->steps);
  g_clear_pointer(&record->journal, hilum_journal_unref);
  g_clear_pointer(&record->labels, hilum_label_snapshot_unref);
  for (int f = 0; f < HILUM_PATIENT_FIELDS; f++)
    g_free(record->patient[f]);
  g_free(record->path);
  g_free(record);
}

/* --- from a case --- */

static int compare_view(gconstpointer a, gconstpointer b)
{
  return strcmp(((const HilumRecordView *)a)->key, ((const HilumRecordView *)b)->key);
}

static HilumRecordPhase capture_phase(HilumPhase *phase)
{
  HilumVolume *volume = hilum_phase_get_original(phase);
  HilumRecordPhase copy = {.name = g_strdup(hilum_phase_get_name(phase)),
                           .source = hilum_source_ref(hilum_phase_get_source(phase)),
                           .volume = volume ? hilum_volume_ref(volume) : NULL,
                           .alignment = *hilum_phase_get_alignment(phase),
                           .findings = hilum_findings_new(),
                           .verdict = hilum_phase_get_verdict(phase)};
  size_t n;
  const HilumFinding *findings = hilum_phase_get_findings(phase, &n);
  for (size_t i = 0; i < n; i++)
    hilum_findings_add(copy.findings, findings[i].verdict, findings[i].code, "%s", findings[i].message);
  return copy;
}

static void capture_history(HilumCaseRecord *record, HilumHistory *history)
{
  const size_t n = hilum_history_get_undo_depth(history) + hilum_history_get_redo_depth(history);
  record->n_done = (guint)hilum_history_get_undo_depth(history);
  for (size_t i = 0; i < n; i++) {
    HilumStepRecord *step = hilum_history_dup_step_record(history, i);
    if (step) {
      g_ptr_array_add(record->steps, step);
    } else { /* a command that no file can hold: neither is what leads through it */
      g_ptr_array_set_size(record->steps, 0);
      record->n_done = 0;
      break;
    }
  }
  record->history_state = record->history_saved = hilum_history_get_state(history);
  record->history_last = hilum_history_get_last_state(history);
}

static void capture_who(HilumCaseRecord *record, HilumCase *self)
{
  record->path = g_strdup(self->path);
  for (int f = 0; f < HILUM_PATIENT_FIELDS; f++)
    record->patient[f] = g_strdup(self->patient[f]);
  record->side = self->side;
  g_ptr_array_unref(record->exports);
  record->exports = hilum_exports_copy(self->exports);
  for (guint i = 0; i < hilum_case_get_phase_count(self); i++) {
    HilumRecordPhase copy = capture_phase(hilum_case_get_phase(self, i));
    g_array_append_val(record->phases, copy);
  }
}

HilumCaseRecord *hilum_case_capture_picture(HilumCase *self, GError **error)
{
  g_autoptr(HilumLabelMap) nothing = hilum_label_map_new(hilum_label_map_get_grid(self->labels), error);
  if (!nothing) return NULL;
  HilumCaseRecord *record = hilum_case_record_new();
  capture_who(record, self);
  record->labels = hilum_label_map_snapshot(nothing);
  return record;
}

HilumCaseRecord *hilum_case_capture(HilumCase *self, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  if (hilum_history_is_grouping(self->history)) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY,
                        "A step is still being made; save again when it is finished.");
    return NULL;
  }
  if (!self->labels) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE,
                        "There is nothing to save yet; open a study first.");
    return NULL;
  }
  HilumCaseRecord *record = hilum_case_record_new();
  capture_who(record, self);
  GListModel *list = G_LIST_MODEL(self->structures);
  for (guint i = 0; i < g_list_model_get_n_items(list); i++) {
    g_autoptr(HilumStructure) s = g_list_model_get_item(list, i);
    HilumRecordStructure copy = {hilum_structure_get_label(s), hilum_structure_dup_traits(s),
                                 hilum_structure_get_opacity(s), hilum_structure_get_visible(s)};
    g_array_append_val(record->structures, copy);
  }
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init(&iter, self->view);
  while (g_hash_table_iter_next(&iter, &key, &value)) {
    HilumRecordView copy = {g_strdup(key), g_strdup(value)};
    g_array_append_val(record->view, copy);
  }
  g_array_sort(record->view, compare_view);
  record->labels = hilum_label_map_snapshot(self->labels);
  capture_history(record, self->history);
  if (self->journal) {
    record->journal = hilum_journal_ref(self->journal);
    record->journal_seq = hilum_journal_get_seq(self->journal);
  }
  record->touched = self->touched;
  return record;
}

void hilum_case_mark_saved(HilumCase *self, HilumCaseRecord *record, const char *path)
{
  g_return_if_fail(HILUM_IS_CASE(self) && record != NULL && path != NULL);
  g_autofree char *absolute = g_canonicalize_filename(path, NULL);
  hilum_case_set_path(self, absolute);
  self->touched_saved = record->touched;
  if (record->journal && record->journal == self->journal) {
    hilum_journal_saved(self->journal, absolute, record->content_sha256, record->journal_seq);
    self->rescued = false;
  }
  hilum_history_mark_saved_state(self->history, record->history_state);
  hilum_case_notify_modified(self);
}

bool hilum_case_save(HilumCase *self, const char *path, const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumCaseRecord) record = hilum_case_capture(self, error);
  if (!record || !hilum_case_record_write(record, path, progress, error)) return false;
  hilum_case_mark_saved(self, record, path);
  return true;
}

/* --- to a case --- */

static void put_structures(HilumCase *self, const HilumCaseRecord *record)
{
  for (guint i = 0; i < record->structures->len; i++) {
    const HilumRecordStructure *s = &g_array_index(record->structures, HilumRecordStructure, i);
    g_autoptr(HilumStructure) structure = hilum_structure_new(s->label, &s->traits);
    hilum_structure_set_visible(structure, s->visible);
    hilum_structure_set_opacity(structure, s->opacity);
    hilum_case_insert_structure(self, structure, G_MAXUINT);
  }
}

/* The labels of a file are the map's first state: no step of the history leads behind it. */
static bool put_labels(HilumCase *self, HilumLabelSnapshot *labels, GError **error)
{
  g_autoptr(HilumLabelSnapshot) empty = hilum_label_map_snapshot(self->labels);
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_snapshots(empty, labels, error);
  return delta && hilum_case_swap_labels(self, delta, true, error);
}

static void put_history(HilumCase *self, const HilumCaseRecord *record)
{
  const guint n = record->steps->len;
  g_autofree HilumHistoryStep **steps = g_new0(HilumHistoryStep *, n + 1);
  for (guint i = 0; i < n; i++)
    steps[i] = hilum_step_record_to_step(g_ptr_array_index(record->steps, i), self, i < record->n_done);
  hilum_history_restore(self->history, steps, record->n_done, n, record->history_state, record->history_last,
                        record->history_saved);
}

HilumCase *hilum_case_new_from_record(HilumCaseRecord *record, HilumCaseImages *images, GError **error)
{
  g_return_val_if_fail(record != NULL, NULL);
  g_autoptr(HilumCase) self = hilum_case_new();
  char *const *p = record->patient;
  const HilumPatient patient = {p[0], p[1], p[2], p[3], p[4], p[5]};
  hilum_case_fill_patient(self, &patient, false);
  self->patient_set = true;
  self->side = record->side;
  for (guint i = 0; i < record->phases->len; i++) {
    const HilumRecordPhase *phase = &g_array_index(record->phases, HilumRecordPhase, i);
    g_autoptr(HilumVolume) shown = NULL;
    if (phase->volume) { /* a captured record, not one that was read */
      const HilumGrid *grid = &g_array_index(record->phases, HilumRecordPhase, 0).source->grid;
      shown = hilum_alignment_resample(phase->name, phase->volume, grid, &phase->alignment, NULL, error);
      if (!shown) return NULL;
    }
    if (!hilum_case_append_phase(self, phase->name, phase->source, phase->volume, shown, &phase->alignment,
                                 error))
      return NULL;
  }
  put_structures(self, record);
  if (!put_labels(self, record->labels, error)) return NULL;
  put_history(self, record);
  for (guint i = 0; i < record->view->len; i++) {
    const HilumRecordView *v = &g_array_index(record->view, HilumRecordView, i);
    hilum_case_set_view_value(self, v->key, v->value);
  }
  g_ptr_array_unref(self->exports);
  self->exports = hilum_exports_copy(record->exports);
  hilum_case_set_path(self, record->path);
  if (record->unsaved) hilum_case_touch(self);
  if (images) hilum_case_attach_images(self, images);
  return g_steal_pointer(&self);
}

static bool same_files(const HilumSource *a, const HilumSource *b)
{
  if (a->n_files != b->n_files) return false;
  for (size_t i = 0; i < a->n_files; i++)
    if (strcmp(a->files[i].path, b->files[i].path) != 0) return false;
  return true;
}

guint hilum_case_attach_images(HilumCase *self, HilumCaseImages *images)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && images != NULL, 0);
  guint came = 0;
  for (guint i = 0; i < MIN(hilum_case_get_phase_count(self), images->n); i++) {
    HilumPhase *phase = hilum_case_get_phase(self, i);
    if (hilum_phase_get_original(phase) || !images->volumes[i]) continue;
    if (!same_files(hilum_phase_get_source(phase), images->sources[i])) hilum_case_touch(self);
    hilum_phase_set_volume(phase, images->sources[i], images->volumes[i], images->shown[i]);
    came++;
  }
  if (came == 0) return 0;
  hilum_case_fill_patient(self, &images->patient, true);
  hilum_case_emit_images_changed(self);
  return came;
}

static GArray *join_findings(const GArray *a, const GArray *b)
{
  GArray *all = hilum_findings_new();
  const GArray *parts[] = {a, b};
  for (gsize p = 0; p < G_N_ELEMENTS(parts); p++)
    for (guint i = 0; i < parts[p]->len; i++) {
      const HilumFinding *f = &g_array_index(parts[p], HilumFinding, i);
      hilum_findings_add(all, f->verdict, f->code, "%s", f->message);
    }
  return all;
}

HilumCase *hilum_case_open(const char *path, const char *const *search, size_t n_search, GArray **findings,
                           const HilumProgress *progress, GError **error)
{
  const HilumProgress reading = hilum_progress_part(progress, 0, 0.2, NULL);
  const HilumProgress loading = hilum_progress_part(progress, 0.2, 1, NULL);
  HilumRecovery recovery;
  g_autoptr(HilumCaseRecord) record =
      hilum_case_record_recover(path, HILUM_RECOVER_READ, &recovery, &reading, error);
  if (!record) return NULL;
  g_autoptr(HilumCaseImages) images =
      hilum_case_record_load_images(record, search, n_search, &loading, error);
  HilumCase *self = images ? hilum_case_new_from_record(record, images, error) : NULL;
  if (self) {
    self->journal = g_steal_pointer(&recovery.journal); /* locked, and told when the case is saved */
    if (findings) *findings = join_findings(recovery.findings, images->findings);
  }
  hilum_recovery_clear(&recovery);
  return self;
}
