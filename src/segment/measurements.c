/* Measures every structure and every pair. */
#include "hilum/segment/measurements.h"

static size_t pair_count(size_t n)
{
  return n < 2 ? 0 : n * (n - 1) / 2;
}

/* The part of the progress for item `n` of `all` between two fractions. */
static HilumProgress part_of(const HilumProgress *progress, double begin, double end, size_t n, size_t all)
{
  const double width = (end - begin) / (double)MAX(all, 1);
  return hilum_progress_part(progress, begin + width * (double)n, begin + width * (double)(n + 1), NULL);
}

static bool measure_values(const HilumMeasureRequest *request, HilumMeasuredStructure *s,
                           const HilumProgress *progress, GError **error)
{
  s->partial = (HilumPartialVolume){NAN, 0};
  s->values = g_new0(HilumStructureValues, MAX(request->n_phases, 1));
  for (size_t p = 0; p < request->n_phases; p++) {
    const HilumVolume *volume = request->volumes[p];
    HilumProgress part = part_of(progress, 0, 0.5, p, request->n_phases);
    if (volume != NULL &&
        !hilum_structure_values(request->labels, s->label, volume, &s->values[p], &part, error))
      return false;
  }
  const HilumVolume *volume = request->phase < request->n_phases ? request->volumes[request->phase] : NULL;
  HilumProgress part = hilum_progress_part(progress, 0.5, 1, NULL);
  return volume == NULL ||
         hilum_structure_partial_volume(request->labels, s->label, volume, &s->partial, &part, error);
}

static bool measure_structure(const HilumMeasureRequest *request, const HilumMeasureSubject *subject,
                              HilumMeasuredStructure *s, const HilumProgress *progress, GError **error)
{
  *s = (HilumMeasuredStructure){
      .label = subject->label, .name = g_strdup(subject->name), .kind = g_strdup(subject->kind)};
  const HilumVolume *volume = request->phase < request->n_phases ? request->volumes[request->phase] : NULL;
  HilumProgress part = hilum_progress_part(progress, 0, 0.3, NULL);
  if (!hilum_structure_stats(request->labels, s->label, volume, &s->stats, &part, error)) return false;
  part = hilum_progress_part(progress, 0.3, 0.5, NULL);
  if (!hilum_structure_shape(request->labels, s->label, &s->shape, &part, error)) return false;
  part = hilum_progress_part(progress, 0.5, 1, NULL);
  return measure_values(request, s, &part, error);
}

static bool measure_distances(const HilumMeasureRequest *request, HilumMeasurements *m,
                              const HilumProgress *progress, GError **error)
{
  const size_t pairs = pair_count(m->n_structures);
  m->distances = g_new0(HilumMeasuredDistance, MAX(pairs, 1));
  for (size_t a = 0; a < m->n_structures; a++)
    for (size_t b = a + 1; b < m->n_structures; b++) {
      HilumMeasuredDistance *d = &m->distances[m->n_distances];
      HilumProgress part = part_of(progress, 0.6, 1, m->n_distances, pairs);
      *d = (HilumMeasuredDistance){.a = a, .b = b};
      if (!hilum_structure_distance(request->labels, m->structures[a].label, m->structures[b].label,
                                    &d->distance_mm, &d->point_a_mm, &d->point_b_mm, &part, error))
        return false;
      m->n_distances++;
    }
  return true;
}

static HilumMeasurements *start(const HilumMeasureRequest *request)
{
  HilumMeasurements *m = g_new0(HilumMeasurements, 1);
  g_atomic_ref_count_init(&m->refs);
  m->structures = g_new0(HilumMeasuredStructure, MAX(request->n_subjects, 1));
  m->n_phases = request->n_phases;
  m->phase = request->phase;
  m->label_serial = hilum_label_snapshot_get_serial(request->labels);
  m->phase_names = g_new0(char *, m->n_phases + 1);
  m->units = g_new0(char *, m->n_phases + 1);
  for (size_t p = 0; p < m->n_phases; p++) {
    const HilumVolume *volume = request->volumes[p];
    m->phase_names[p] = g_strdup(request->phase_names != NULL ? request->phase_names[p] : "");
    m->units[p] = g_strdup(volume != NULL ? hilum_volume_get_unit(volume) : "");
  }
  return m;
}

HilumMeasurements *hilum_measurements_new(const HilumMeasureRequest *request, const HilumProgress *progress,
                                          GError **error)
{
  g_return_val_if_fail(request != NULL && request->labels != NULL, NULL);
  g_autoptr(HilumMeasurements) m = start(request);
  for (size_t n = 0; n < request->n_subjects; n++) {
    const HilumMeasureSubject *subject = &request->subjects[n];
    if (hilum_label_snapshot_count(request->labels, subject->label) == 0) continue;
    HilumProgress part = part_of(progress, 0, 0.6, n, request->n_subjects);
    if (!measure_structure(request, subject, &m->structures[m->n_structures++], &part, error)) return NULL;
  }
  if (!measure_distances(request, m, progress, error)) return NULL;
  return g_steal_pointer(&m);
}

HilumMeasurements *hilum_measurements_ref(HilumMeasurements *m)
{
  g_atomic_ref_count_inc(&m->refs);
  return m;
}

void hilum_measurements_unref(HilumMeasurements *m)
{
  if (m == NULL || !g_atomic_ref_count_dec(&m->refs)) return;
  for (size_t n = 0; n < m->n_structures; n++) {
    HilumMeasuredStructure *s = &m->structures[n];
    for (size_t p = 0; p < m->n_phases && s->values != NULL; p++)
      hilum_structure_values_clear(&s->values[p]);
    g_free(s->values);
    g_free(s->name);
    g_free(s->kind);
  }
  g_free(m->structures);
  g_free(m->distances);
  g_strfreev(m->phase_names);
  g_strfreev(m->units);
  g_free(m);
}

const HilumStructureValues *hilum_measurements_get_values(const HilumMeasurements *m, size_t structure)
{
  if (m->phase >= m->n_phases) return NULL;
  const HilumStructureValues *values = &m->structures[structure].values[m->phase];
  return values->voxels > 0 ? values : NULL;
}

const HilumMeasuredDistance *hilum_measurements_get_distance(const HilumMeasurements *m, size_t a, size_t b)
{
  if (a == b || a >= m->n_structures || b >= m->n_structures) return NULL;
  const size_t lo = MIN(a, b), hi = MAX(a, b);
  return &m->distances[pair_count(m->n_structures) - pair_count(m->n_structures - lo) + hi - lo - 1];
}
