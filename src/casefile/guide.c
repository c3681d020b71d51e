/* A stage of a protocol on a case (hilum/casefile/guide.h). */
#include "hilum/casefile/guide.h"

#include "hilum/casefile/boundaries.h"

#include "hilum/casefile/error.h"

struct HilumGuideStage {
  GPtrArray *volumes; /* HilumVolume or NULL, one a phase */
  HilumLabelSnapshot *labels;
  GHashTable *label_of; /* case-folded name to label */
  HilumLabelWrite write;
  GArray *steps;
  char *title;
};

static void unref_volume(gpointer volume)
{
  hilum_volume_unref(volume);
}

/* --- main thread --- */

bool hilum_guide_add_structures(HilumCase *self, const HilumProtocol *protocol, GError **error)
{
  HilumHistory *history = hilum_case_get_history(self);
  hilum_history_begin_group(history, "Begin the guide");
  for (size_t n = 0; n < hilum_protocol_get_count(protocol); n++) {
    const char *name = hilum_protocol_get_stage(protocol, n)->structure;
    if (hilum_case_find_structure(self, name) != NULL) continue;
    if (hilum_case_add_structure(self, hilum_structure_kind_from_name(name), name, error) != NULL) continue;
    hilum_history_abort_group(history);
    return false;
  }
  hilum_history_end_group(history);
  return true;
}

char *hilum_guide_dup_title(const HilumProtocol *protocol, size_t stage)
{
  return g_strdup_printf("Guide: %s", hilum_protocol_get_stage(protocol, stage)->title);
}

typedef struct {
  GPtrArray *volumes, *kinds;
} Phases;

static Phases list_phases(HilumCase *self)
{
  Phases p = {g_ptr_array_new_with_free_func(unref_volume), g_ptr_array_new_with_free_func(g_free)};
  for (guint n = 0; n < hilum_case_get_phase_count(self); n++) {
    HilumPhase *phase = hilum_case_get_phase(self, n);
    HilumVolume *volume = hilum_phase_get_volume(phase);
    g_ptr_array_add(p.volumes, volume != NULL ? hilum_volume_ref(volume) : NULL);
    g_ptr_array_add(p.kinds, g_strdup(hilum_phase_get_kind(phase)));
  }
  return p;
}

static HilumProtocolRun describe(const Phases *p, const HilumVec3 *clicks_mm, const bool *clicked)
{
  return (HilumProtocolRun){.volumes = (HilumVolume *const *)p->volumes->pdata,
                            .kinds = (const char *const *)p->kinds->pdata,
                            .n_phases = p->volumes->len,
                            .clicks_mm = clicks_mm,
                            .clicked = clicked};
}

bool hilum_guide_find_phase(HilumCase *self, const HilumProtocol *protocol, size_t stage, guint *phase,
                            GError **error)
{
  const Phases p = list_phases(self);
  const HilumProtocolRun run = describe(&p, NULL, NULL);
  size_t found = 0;
  const bool good = hilum_protocol_find_phase(protocol, stage, &run, &found, error);
  if (good) *phase = (guint)found;
  g_ptr_array_unref(p.volumes);
  g_ptr_array_unref(p.kinds);
  return good;
}

/* Every stage that cannot be left out has a phase to look at. */
static bool fits(HilumCase *self, const HilumProtocol *protocol)
{
  guint phase;
  for (size_t n = 0; n < hilum_protocol_get_count(protocol); n++)
    if (hilum_protocol_get_stage(protocol, n)->click != HILUM_CLICK_OPTIONAL &&
        !hilum_guide_find_phase(self, protocol, n, &phase, NULL))
      return false;
  return true;
}

const char *hilum_guide_suggest(HilumCase *self)
{
  static const char *const by_phases[] = {"ct-one-phase", "ct-two-phases", "ct-three-phases"};
  size_t n_phases = 0;
  bool relative = false;
  for (guint n = 0; n < hilum_case_get_phase_count(self); n++) {
    HilumVolume *volume = hilum_phase_get_volume(hilum_case_get_phase(self, n));
    if (volume == NULL) continue;
    n_phases++;
    relative |= !g_str_equal(hilum_volume_get_unit(volume), "HU");
  }
  if (relative) return "mr";
  for (size_t n = MIN(n_phases, G_N_ELEMENTS(by_phases)); n-- > 1;) {
    g_autoptr(HilumProtocol) protocol = hilum_protocol_load_builtin(by_phases[n], NULL);
    if (protocol != NULL && fits(self, protocol)) return by_phases[n];
  }
  return by_phases[0];
}

static GHashTable *map_labels(HilumCase *self)
{
  GHashTable *map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) s = g_list_model_get_item(list, n);
    g_hash_table_insert(map, g_utf8_casefold(hilum_structure_get_name(s), -1),
                        GUINT_TO_POINTER(hilum_structure_get_label(s)));
  }
  return map;
}

HilumGuideStage *hilum_guide_prepare(HilumCase *self, const HilumProtocol *protocol, size_t stage,
                                     const HilumVec3 *clicks_mm, const bool *clicked, GError **error)
{
  const HilumStage *shown = hilum_protocol_get_stage(protocol, stage);
  HilumStructure *structure = hilum_case_find_structure(self, shown->structure);
  if (structure == NULL) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE,
                "The structure “%s” that this stage makes is not in the case: begin the guide again.",
                shown->structure);
    return NULL;
  }
  Phases p = list_phases(self);
  const HilumProtocolRun run = describe(&p, clicks_mm, clicked);
  g_autoptr(HilumGuideStage) made = g_new0(HilumGuideStage, 1);
  made->title = hilum_guide_dup_title(protocol, stage);
  made->volumes = p.volumes;
  made->steps = hilum_protocol_make_steps(protocol, stage, &run, error);
  g_ptr_array_unref(p.kinds);
  if (made->steps == NULL ||
      !hilum_case_prepare_write(self, structure, HILUM_LABEL_REPLACE, &made->write, error))
    return NULL;
  made->labels = hilum_case_dup_labels(self);
  made->label_of = map_labels(self);
  return g_steal_pointer(&made);
}

void hilum_guide_stage_free(HilumGuideStage *stage)
{
  if (stage == NULL) return;
  g_clear_pointer(&stage->volumes, g_ptr_array_unref);
  g_clear_pointer(&stage->labels, hilum_label_snapshot_unref);
  g_clear_pointer(&stage->label_of, g_hash_table_unref);
  g_clear_pointer(&stage->steps, g_array_unref);
  g_free(stage->title);
  g_free(stage);
}

bool hilum_guide_commit(HilumCase *self, const HilumGuideStage *stage, HilumLabelDelta *delta,
                        const HilumMade *made, GError **error)
{
  return hilum_case_apply_found_labels(self, stage->title, delta, &stage->write, made, error);
}

/* --- any thread --- */

static uint8_t find_label(const char *name, void *data)
{
  g_autofree char *folded = g_utf8_casefold(name, -1);
  return (uint8_t)GPOINTER_TO_UINT(g_hash_table_lookup(data, folded));
}

HilumLabelDelta *hilum_guide_stage_run(const HilumGuideStage *stage, GArray *results, HilumMade *made,
                                       const HilumProgress *progress, GError **error)
{
  const HilumStepContext context = {.volumes = (HilumVolume *const *)stage->volumes->pdata,
                                    .n_volumes = stage->volumes->len,
                                    .labels = stage->labels,
                                    .label = stage->write.label,
                                    .find_label = find_label,
                                    .find_data = stage->label_of,
                                    .made = made};
  HilumProgress part = hilum_progress_part(progress, 0, 0.9, stage->title);
  g_autoptr(HilumMask) mask = hilum_steps_run(&context, (const HilumStep *)(const void *)stage->steps->data,
                                              stage->steps->len, results, &part, error);
  if (mask == NULL) return NULL;
  part = hilum_progress_part(progress, 0.9, 1, stage->title);
  return hilum_label_delta_new_from_mask(stage->labels, mask, NULL, &stage->write, &part, error);
}
