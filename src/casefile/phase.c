/* A phase: a name, a source, and the volume when its files are at hand. */
#include "hilum/casefile/phase.h"

#include "phase_private.h"

#include <math.h>

struct _HilumPhase {
  GObject parent;
  char *name;
  HilumSource *source;
  HilumVolume *volume; /* NULL while missing */
  double window_center, window_width;
};

enum { PROP_NAME = 1, PROP_DESCRIPTION, PROP_MODALITY, PROP_AVAILABLE, N_PROPS };
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE(HilumPhase, hilum_phase, G_TYPE_OBJECT)

/* What the files say, if it makes sense; else MR between its first and last percent, and CT as for the
 * abdomen. */
static void choose_window(HilumPhase *self)
{
  const HilumSource *source = self->source;
  self->window_center = 40;
  self->window_width = 350;
  if (isfinite(source->window_center) && isfinite(source->window_width) && source->window_width > 0) {
    self->window_center = source->window_center;
    self->window_width = source->window_width;
  } else if (self->volume && g_strcmp0(source->modality, "MR") == 0) {
    double lo = hilum_volume_get_quantile(self->volume, 0.01);
    double hi = hilum_volume_get_quantile(self->volume, 0.99);
    self->window_center = (lo + hi) / 2;
    self->window_width = hi > lo ? hi - lo : 1;
  }
}

HilumPhase *hilum_phase_new(const char *name, HilumSource *source, HilumVolume *volume)
{
  HilumPhase *self = g_object_new(HILUM_TYPE_PHASE, NULL);
  self->name = g_strdup(name);
  self->source = hilum_source_ref(source);
  self->volume = volume ? hilum_volume_ref(volume) : NULL;
  choose_window(self);
  return self;
}

HilumSource *hilum_phase_get_source(HilumPhase *self)
{
  return self->source;
}

void hilum_phase_set_volume(HilumPhase *self, HilumSource *source, HilumVolume *volume)
{
  g_return_if_fail(self->volume == NULL);
  HilumSource *old = self->source;
  self->source = hilum_source_ref(source);
  hilum_source_unref(old);
  self->volume = hilum_volume_ref(volume);
  choose_window(self);
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_AVAILABLE]);
}

const char *hilum_phase_get_name(HilumPhase *self)
{
  return self->name;
}

const char *hilum_phase_get_description(HilumPhase *self)
{
  return self->source->description;
}

const char *hilum_phase_get_kind(HilumPhase *self)
{
  return self->source->kind;
}

const char *hilum_phase_get_modality(HilumPhase *self)
{
  return self->source->modality;
}

const char *hilum_phase_get_series_uid(HilumPhase *self)
{
  return self->source->series_uid;
}

const char *hilum_phase_get_study_uid(HilumPhase *self)
{
  return self->source->study_uid;
}

const char *hilum_phase_get_frame_of_reference_uid(HilumPhase *self)
{
  return self->source->frame_uid;
}

const char *hilum_phase_get_study_date(HilumPhase *self)
{
  return self->source->study_date;
}

const char *hilum_phase_get_transfer_syntax(HilumPhase *self)
{
  return self->source->transfer_syntax;
}

int hilum_phase_get_series_number(HilumPhase *self)
{
  return self->source->series_number;
}

const HilumGrid *hilum_phase_get_grid(HilumPhase *self)
{
  return &self->source->grid;
}

HilumVolume *hilum_phase_get_volume(HilumPhase *self)
{
  return self->volume;
}

void hilum_phase_get_window(HilumPhase *self, double *center, double *width)
{
  *center = self->window_center;
  *width = self->window_width;
}

HilumVerdict hilum_phase_get_verdict(HilumPhase *self)
{
  return self->source->verdict;
}

const HilumFinding *hilum_phase_get_findings(HilumPhase *self, size_t *n)
{
  *n = self->source->findings->len;
  return (const HilumFinding *)(void *)self->source->findings->data;
}

size_t hilum_phase_get_file_count(HilumPhase *self)
{
  return self->source->n_files;
}

const char *hilum_phase_get_file(HilumPhase *self, size_t index)
{
  return index < self->source->n_files ? self->source->files[index].path : NULL;
}

const char *hilum_phase_get_sop_uid(HilumPhase *self, size_t index)
{
  return index < self->source->n_files ? self->source->files[index].sop_uid : NULL;
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HilumPhase *self = HILUM_PHASE(object);
  switch (id) {
  case PROP_NAME:
    g_value_set_string(value, self->name);
    break;
  case PROP_DESCRIPTION:
    g_value_set_string(value, self->source->description);
    break;
  case PROP_MODALITY:
    g_value_set_string(value, self->source->modality);
    break;
  case PROP_AVAILABLE:
    g_value_set_boolean(value, self->volume != NULL);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject *object)
{
  HilumPhase *self = HILUM_PHASE(object);
  g_free(self->name);
  g_clear_pointer(&self->source, hilum_source_unref);
  g_clear_pointer(&self->volume, hilum_volume_unref);
  G_OBJECT_CLASS(hilum_phase_parent_class)->finalize(object);
}

static void hilum_phase_class_init(HilumPhaseClass *klass)
{
  GObjectClass *object = G_OBJECT_CLASS(klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  object->get_property = get_property;
  object->finalize = finalize;
  props[PROP_NAME] = g_param_spec_string("name", NULL, NULL, NULL, flags);
  props[PROP_DESCRIPTION] = g_param_spec_string("description", NULL, NULL, NULL, flags);
  props[PROP_MODALITY] = g_param_spec_string("modality", NULL, NULL, NULL, flags);
  props[PROP_AVAILABLE] = g_param_spec_boolean("available", NULL, NULL, FALSE, flags);
  g_object_class_install_properties(object, N_PROPS, props);
}

static void hilum_phase_init(HilumPhase *self)
{
  (void)self;
}
