/* A phase: a name, a source, the volume when its files are at hand, and how it lies on the reference. */
#include "hilum/casefile/phase.h"

#include "phase_private.h"

#include <math.h>
#include <string.h>

struct _HilumPhase {
  GObject parent;
  char *name;
  HilumSource *source;
  HilumVolume *original; /* NULL while missing */
  HilumVolume *shown;    /* on the reference's grid; may be the original */
  double window_center, window_width;
  HilumPhase *reference; /* the case's first phase, borrowed from it; NULL: this is it */
  HilumAlignment alignment;
  double moved_mm;
  GArray *findings; /* HilumFinding: the source's, then the alignment's */
  HilumVerdict verdict;
};

enum { PROP_NAME = 1, PROP_DESCRIPTION, PROP_MODALITY, PROP_AVAILABLE, PROP_MOVED_MM, N_PROPS };
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
  } else if (self->original && g_strcmp0(source->modality, "MR") == 0) {
    double lo = hilum_volume_get_quantile(self->original, 0.01);
    double hi = hilum_volume_get_quantile(self->original, 0.99);
    self->window_center = (lo + hi) / 2;
    self->window_width = hi > lo ? hi - lo : 1;
  }
}

/* --- findings --- */

static bool is_about_alignment(const char *code)
{
  static const char *const codes[] = {"frame-of-reference", "registered", "registration-unreliable",
                                      "aligned-by-hand",    "resampled",  NULL};
  return g_strv_contains(codes, code);
}

/* Of the series alone: what an older case file says of its alignment is found anew. */
static void copy_findings(HilumPhase *self)
{
  const HilumSource *source = self->source;
  HilumVerdict worst = HILUM_VERDICT_OK;
  bool all = true;
  for (guint i = 0; i < source->findings->len; i++) {
    const HilumFinding *f = &g_array_index(source->findings, HilumFinding, i);
    if (is_about_alignment(f->code)) {
      all = false;
      continue;
    }
    hilum_findings_add(self->findings, f->verdict, f->code, "%s", f->message);
    worst = MAX(worst, f->verdict);
  }
  self->verdict = all ? source->verdict : worst;
}

static void add_alignment_findings(HilumPhase *self)
{
  const HilumPhase *reference = self->reference;
  const HilumAlignment *a = &self->alignment;
  const char *to = reference->name;
  const guint before = self->findings->len;
  if (a->method == HILUM_ALIGNMENT_MANUAL) {
    hilum_findings_add(
        self->findings, HILUM_VERDICT_WARNING, "aligned-by-hand",
        "It was moved onto “%s” by hand, by %.1f mm in the middle; nothing measures how well it "
        "lies there.",
        to, self->moved_mm);
  } else if (a->method == HILUM_ALIGNMENT_REGISTERED && a->verdict != HILUM_REGISTER_RELIABLE) {
    hilum_findings_add(self->findings, HILUM_VERDICT_WARNING, "registration-unreliable",
                       "It was registered to “%s”, but that is not reliable: %s", to,
                       hilum_register_verdict_sentence(a->verdict));
  } else if (a->method == HILUM_ALIGNMENT_REGISTERED) {
    hilum_findings_add(self->findings, HILUM_VERDICT_OK, "registered",
                       "It was registered to “%s”: moved by %.1f mm in the middle, residual %.1f mm.", to,
                       self->moved_mm, a->residual_mm);
  } else if (strcmp(reference->source->frame_uid, self->source->frame_uid) != 0) {
    hilum_findings_add(self->findings, HILUM_VERDICT_WARNING, "frame-of-reference",
                       "It has another frame of reference than “%s”: it was placed by scanner coordinates, "
                       "which is not verified until it is registered. Check that both lie on each other "
                       "before measuring.",
                       to);
  }
  if (!hilum_alignment_same_grid(&self->source->grid, &reference->source->grid))
    hilum_findings_add(
        self->findings, HILUM_VERDICT_OK, "resampled",
        "Its images lie on another grid than “%s”; they are shown and segmented resampled onto "
        "that one.",
        to);
  for (guint i = before; i < self->findings->len; i++)
    self->verdict = MAX(self->verdict, g_array_index(self->findings, HilumFinding, i).verdict);
}

/* What follows from source and alignment. */
static void place(HilumPhase *self)
{
  g_array_set_size(self->findings, 0);
  copy_findings(self);
  self->moved_mm = 0;
  if (!self->reference) return;
  const HilumGrid *grid = &self->reference->source->grid;
  const HilumIndexPos middle = {(grid->dims[0] - 1) / 2.0, (grid->dims[1] - 1) / 2.0,
                                (grid->dims[2] - 1) / 2.0};
  self->moved_mm = hilum_alignment_moved_mm(&self->alignment, hilum_grid_to_mm(grid, middle));
  add_alignment_findings(self);
}

/* --- life --- */

HilumPhase *hilum_phase_new(const char *name, HilumSource *source, HilumVolume *original, HilumVolume *shown,
                            HilumPhase *reference, const HilumAlignment *alignment)
{
  HilumPhase *self = g_object_new(HILUM_TYPE_PHASE, NULL);
  self->name = g_strdup(name);
  self->source = hilum_source_ref(source);
  self->original = original ? hilum_volume_ref(original) : NULL;
  self->shown = shown ? hilum_volume_ref(shown) : NULL;
  self->alignment = alignment ? *alignment : hilum_alignment_scanner();
  self->reference = reference;
  choose_window(self);
  place(self);
  return self;
}

HilumSource *hilum_phase_get_source(HilumPhase *self)
{
  return self->source;
}

void hilum_phase_set_volume(HilumPhase *self, HilumSource *source, HilumVolume *original, HilumVolume *shown)
{
  g_return_if_fail(self->original == NULL);
  HilumSource *old = self->source;
  self->source = hilum_source_ref(source);
  hilum_source_unref(old);
  self->original = hilum_volume_ref(original);
  self->shown = hilum_volume_ref(shown);
  choose_window(self);
  place(self);
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_AVAILABLE]);
}

void hilum_phase_set_source(HilumPhase *self, HilumSource *source)
{
  HilumSource *old = self->source;
  self->source = hilum_source_ref(source);
  hilum_source_unref(old);
  place(self);
}

void hilum_phase_set_alignment(HilumPhase *self, const HilumAlignment *alignment, HilumVolume *shown)
{
  HilumVolume *old = self->shown;
  self->shown = shown ? hilum_volume_ref(shown) : NULL;
  if (old) hilum_volume_unref(old);
  self->alignment = *alignment;
  place(self);
  g_object_notify_by_pspec(G_OBJECT(self), props[PROP_MOVED_MM]);
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
  return self->shown;
}

HilumVolume *hilum_phase_get_original(HilumPhase *self)
{
  return self->original;
}

const HilumAlignment *hilum_phase_get_alignment(HilumPhase *self)
{
  return &self->alignment;
}

double hilum_phase_get_moved_mm(HilumPhase *self)
{
  return self->moved_mm;
}

void hilum_phase_get_window(HilumPhase *self, double *center, double *width)
{
  *center = self->window_center;
  *width = self->window_width;
}

HilumVerdict hilum_phase_get_verdict(HilumPhase *self)
{
  return self->verdict;
}

const HilumFinding *hilum_phase_get_findings(HilumPhase *self, size_t *n)
{
  *n = self->findings->len;
  return (const HilumFinding *)(void *)self->findings->data;
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
    g_value_set_boolean(value, self->original != NULL);
    break;
  case PROP_MOVED_MM:
    g_value_set_double(value, self->moved_mm);
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
  g_clear_pointer(&self->original, hilum_volume_unref);
  g_clear_pointer(&self->shown, hilum_volume_unref);
  g_array_unref(self->findings);
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
  props[PROP_MOVED_MM] = g_param_spec_double("moved-mm", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  g_object_class_install_properties(object, N_PROPS, props);
}

static void hilum_phase_init(HilumPhase *self)
{
  self->findings = hilum_findings_new();
}
