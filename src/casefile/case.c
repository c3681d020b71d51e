/* The case object: who, where on disk, and the signals that tell the window. */
#include "hilum/casefile/case.h"

#include "case_private.h"

#include "hilum/mesh/surface.h"

#include <string.h>

#define SMOOTHING_KEY "smoothing"

enum { PROP_PATH = 1, PROP_MODIFIED, PROP_SIDE, PROP_PATIENT_NAME, N_PROPS };
static GParamSpec *props[N_PROPS];
enum {
  SIGNAL_LABELS_CHANGED,
  SIGNAL_STRUCTURE_CHANGED,
  SIGNAL_IMAGES_CHANGED,
  SIGNAL_JOURNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumCase, hilum_case, G_TYPE_OBJECT)

/* --- modified --- */

bool hilum_case_get_modified(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), false);
  return self->touched != self->touched_saved || hilum_history_get_modified(self->history);
}

void hilum_case_notify_modified(HilumCase *self)
{
  const bool modified = hilum_case_get_modified(self);
  if (modified == self->was_modified) return;
  self->was_modified = modified;
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_MODIFIED]);
}

void hilum_case_touch(HilumCase *self)
{
  self->touched++;
  hilum_case_journal_touched(self);
  hilum_case_notify_modified(self);
}

/* --- signals for the other files --- */

void hilum_case_emit_structure_changed(HilumCase *self, HilumStructure *structure)
{
  g_signal_emit(self, signals[SIGNAL_STRUCTURE_CHANGED], 0, structure);
}

void hilum_case_emit_images_changed(HilumCase *self)
{
  g_signal_emit(self, signals[SIGNAL_IMAGES_CHANGED], 0);
}

/* --- who --- */

const char *hilum_side_name(HilumSide side)
{
  static const char *const names[] = {"unknown", "left", "right", "both"};
  return names[(unsigned)side < G_N_ELEMENTS(names) ? side : HILUM_SIDE_UNKNOWN];
}

const HilumPatient *hilum_case_get_patient(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return &self->patient_view;
}

void hilum_case_fill_patient(HilumCase *self, const HilumPatient *patient, bool only_empty)
{
  const char *values[HILUM_PATIENT_FIELDS] = {patient->name, patient->id,         patient->birth_date,
                                              patient->sex,  patient->study_date, patient->study_description};
  for (int f = 0; f < HILUM_PATIENT_FIELDS; f++) {
    if (only_empty && (*self->patient[f] || !values[f])) continue;
    char *value = values[f] ? g_utf8_make_valid(values[f], (gssize)strnlen(values[f], 1024)) : g_strdup("");
    g_free(self->patient[f]);
    self->patient[f] = value;
  }
  char **p = self->patient;
  self->patient_view = (HilumPatient){p[0], p[1], p[2], p[3], p[4], p[5]};
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_PATIENT_NAME]);
}

void hilum_case_set_patient(HilumCase *self, const HilumPatient *patient)
{
  g_return_if_fail(HILUM_IS_CASE(self) && patient != NULL);
  self->patient_set = true;
  hilum_case_fill_patient(self, patient, false);
  hilum_case_touch(self);
}

HilumSide hilum_case_get_side(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), HILUM_SIDE_UNKNOWN);
  return self->side;
}

void hilum_case_put_side(HilumCase *self, HilumSide side)
{
  if (self->side == side) return;
  self->side = side;
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_SIDE]);
}

void hilum_case_set_side(HilumCase *self, HilumSide side)
{
  g_return_if_fail(HILUM_IS_CASE(self) && (unsigned)side <= HILUM_SIDE_BOTH);
  if (self->side != side) hilum_history_do(self->history, hilum_command_new_side(self, side), NULL);
}

/* --- the rest --- */

HilumHistory *hilum_case_get_history(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return self->history;
}

const char *hilum_case_get_path(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return self->path;
}

void hilum_case_set_path(HilumCase *self, const char *path)
{
  g_return_if_fail(HILUM_IS_CASE(self));
  if (g_strcmp0(self->path, path) == 0) return;
  g_autofree char *old = self->path;
  self->path = g_strdup(path);
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_PATH]);
}

const char *hilum_case_get_view_value(HilumCase *self, const char *key)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && key != NULL, NULL);
  return g_hash_table_lookup(self->view, key);
}

void hilum_case_set_view_value(HilumCase *self, const char *key, const char *value)
{
  g_return_if_fail(HILUM_IS_CASE(self) && key != NULL && strlen(key) <= HILUM_VIEW_KEY_MAX);
  g_return_if_fail(!value || strlen(value) <= HILUM_VIEW_VALUE_MAX);
  if (value)
    g_hash_table_insert(self->view, g_strdup(key), g_strdup(value));
  else
    g_hash_table_remove(self->view, key);
}

int hilum_case_get_smoothing(HilumCase *self)
{
  const char *text = hilum_case_get_view_value(self, SMOOTHING_KEY);
  gint64 passes;
  return text && g_ascii_string_to_signed(text, 10, 0, HILUM_CASE_MOST_SMOOTHING, &passes, NULL)
             ? (int)passes
             : HILUM_SURFACE_SMOOTHING;
}

void hilum_case_set_smoothing(HilumCase *self, int passes)
{
  g_return_if_fail(passes >= 0 && passes <= HILUM_CASE_MOST_SMOOTHING);
  g_autofree char *text = g_strdup_printf("%d", passes);
  hilum_case_set_view_value(self, SMOOTHING_KEY, passes == HILUM_SURFACE_SMOOTHING ? NULL : text);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HilumCase *self = HILUM_CASE(object);
  switch (id) {
  case PROP_PATH:
    g_value_set_string(value, self->path);
    break;
  case PROP_MODIFIED:
    g_value_set_boolean(value, hilum_case_get_modified(self));
    break;
  case PROP_SIDE:
    g_value_set_uint(value, self->side);
    break;
  case PROP_PATIENT_NAME:
    g_value_set_string(value, self->patient[HILUM_PATIENT_NAME]);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject *object)
{
  HilumCase *self = HILUM_CASE(object);
  hilum_case_leave_journal(self);
  g_free(self->journal_trouble);
  g_signal_handlers_disconnect_by_data(self->history, self);
  g_object_unref(self->history); /* before the structures and the map that its commands know */
  g_object_unref(self->structures);
  g_object_unref(self->phases);
  g_clear_pointer(&self->labels, hilum_label_map_free);
  g_hash_table_unref(self->view);
  g_ptr_array_unref(self->exports);
  for (int f = 0; f < HILUM_PATIENT_FIELDS; f++)
    g_free(self->patient[f]);
  g_free(self->path);
  G_OBJECT_CLASS(hilum_case_parent_class)->finalize(object);
}

static void hilum_case_class_init(HilumCaseClass *klass)
{
  GObjectClass *object = G_OBJECT_CLASS(klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  object->get_property = get_property;
  object->finalize = finalize;
  props[PROP_PATH] = g_param_spec_string("path", NULL, NULL, NULL, flags);
  props[PROP_MODIFIED] = g_param_spec_boolean("modified", NULL, NULL, FALSE, flags);
  props[PROP_SIDE] = g_param_spec_uint("side", NULL, NULL, 0, HILUM_SIDE_BOTH, 0, flags);
  props[PROP_PATIENT_NAME] = g_param_spec_string("patient-name", NULL, NULL, NULL, flags);
  g_object_class_install_properties(object, N_PROPS, props);
  const GType type = G_TYPE_FROM_CLASS(klass);
  signals[SIGNAL_LABELS_CHANGED] =
      g_signal_new("labels-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_STRUCTURE_CHANGED] = g_signal_new("structure-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                   NULL, NULL, G_TYPE_NONE, 1, HILUM_TYPE_STRUCTURE);
  signals[SIGNAL_IMAGES_CHANGED] =
      g_signal_new("images-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_JOURNAL_CHANGED] =
      g_signal_new("journal-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void hilum_case_init(HilumCase *self)
{
  for (int f = 0; f < HILUM_PATIENT_FIELDS; f++)
    self->patient[f] = g_strdup("");
  char **p = self->patient;
  self->patient_view = (HilumPatient){p[0], p[1], p[2], p[3], p[4], p[5]};
  self->phases = g_list_store_new(HILUM_TYPE_PHASE);
  self->structures = g_list_store_new(HILUM_TYPE_STRUCTURE);
  self->history = hilum_history_new(0);
  self->view = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  self->exports = hilum_exports_new();
  g_signal_connect_swapped(self->history, "notify::modified", G_CALLBACK(hilum_case_notify_modified), self);
}

HilumCase *hilum_case_new(void)
{
  return g_object_new(HILUM_TYPE_CASE, NULL);
}
