/* One volume in the study browser's list. */
#include "study_item.h"

#include "ui_tools.h"

#include <glib/gi18n.h>
#include <string.h>

struct _HilumStudyItem {
  GObject parent_instance;
  const HilumSeriesInfo *info;
  guint index;
  bool ticked;
  HilumPictureState picture_state;
  GdkTexture *picture;
  char *folded; /* what is searched, made at the first search */
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumStudyItem, hilum_study_item, G_TYPE_OBJECT)

const HilumSeriesInfo *hilum_study_item_get_info(HilumStudyItem *self)
{
  return self->info;
}

guint hilum_study_item_get_index(HilumStudyItem *self)
{
  return self->index;
}

bool hilum_study_item_get_ticked(HilumStudyItem *self)
{
  return self->ticked;
}

void hilum_study_item_refresh(HilumStudyItem *self)
{
  g_signal_emit(self, signals[CHANGED], 0);
}

void hilum_study_item_set_ticked(HilumStudyItem *self, bool ticked)
{
  ticked = ticked && self->info->verdict != HILUM_VERDICT_REFUSED;
  if (ticked == self->ticked) return;
  self->ticked = ticked;
  hilum_study_item_refresh(self);
}

/* --- searching --- */

const char *hilum_study_phase_name(const char *phase)
{
  static const struct {
    const char *id, *name;
  } names[] = {{"arterial", N_("arterial phase")},
               {"nephrographic", N_("nephrographic phase")},
               {"excretory", N_("excretory phase")},
               {"unenhanced", N_("unenhanced")}};
  for (size_t n = 0; n < G_N_ELEMENTS(names); n++)
    if (g_str_equal(phase, names[n].id)) return _(names[n].name);
  return "";
}

static char *dup_searched(const HilumSeriesInfo *info)
{
  g_autofree char *patient = hilum_person_name_dup_shown(info->patient_name);
  g_autofree char *date = hilum_date_dup_text(info->study_date);
  g_autofree char *all =
      g_strjoin("\n", patient, info->patient_name, info->patient_id, info->study_description,
                info->series_description, info->modality, info->body_part, info->phase,
                hilum_study_phase_name(info->phase), info->study_date, date, NULL);
  return g_utf8_casefold(all, -1);
}

bool hilum_study_item_matches(HilumStudyItem *self, const char *words)
{
  if (!*words) return true;
  if (!self->folded) self->folded = dup_searched(self->info);
  g_autofree char *wanted = g_utf8_casefold(words, -1);
  g_auto(GStrv) each = g_strsplit_set(wanted, " \t", -1);
  for (size_t n = 0; each[n]; n++)
    if (!strstr(self->folded, each[n])) return false;
  return true;
}

/* --- the picture --- */

HilumPictureState hilum_study_item_get_picture_state(HilumStudyItem *self)
{
  return self->picture_state;
}

GdkTexture *hilum_study_item_get_picture(HilumStudyItem *self)
{
  return self->picture;
}

void hilum_study_item_set_picture(HilumStudyItem *self, HilumPictureState state, GdkTexture *picture)
{
  self->picture_state = state;
  g_set_object(&self->picture, picture);
  hilum_study_item_refresh(self);
}

/* --- life --- */

static void hilum_study_item_finalize(GObject *object)
{
  HilumStudyItem *self = HILUM_STUDY_ITEM(object);
  g_clear_object(&self->picture);
  g_free(self->folded);
  G_OBJECT_CLASS(hilum_study_item_parent_class)->finalize(object);
}

static void hilum_study_item_class_init(HilumStudyItemClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = hilum_study_item_finalize;
  signals[CHANGED] =
      g_signal_new("changed", HILUM_TYPE_STUDY_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void hilum_study_item_init(HilumStudyItem *self) {}

HilumStudyItem *hilum_study_item_new(const HilumSeriesInfo *info, guint index)
{
  HilumStudyItem *self = g_object_new(HILUM_TYPE_STUDY_ITEM, NULL);
  self->info = info;
  self->index = index;
  return self;
}
