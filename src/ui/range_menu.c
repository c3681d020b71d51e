/* Suggested ranges as a menu. */
#include "range_menu.h"

#include "hilum/casefile/case.h"
#include "hilum/segment/range.h"

#include <glib/gi18n.h>
#include <math.h>

/* Soft tissue and contrast: Otsu over a whole CT would only tell air from body. */
#define TISSUE_LO (-200.0)
#define TISSUE_HI 1000.0

static const char *active_kind(HilumWorkspace *workspace)
{
  HilumCase *the_case = hilum_workspace_get_case(workspace);
  HilumStructure *structure =
      the_case ? hilum_case_get_structure(the_case, hilum_workspace_get_active(workspace)) : NULL;
  return structure ? hilum_structure_kind_id(hilum_structure_get_kind(structure)) : "";
}

static const char *active_phase(HilumWorkspace *workspace)
{
  HilumCase *the_case = hilum_workspace_get_case(workspace);
  HilumPhase *phase =
      the_case ? hilum_case_get_phase(the_case, (guint)hilum_workspace_get_active_phase(workspace)) : NULL;
  return phase ? hilum_phase_get_kind(phase) : "";
}

static bool is_hu(HilumVolume *volume)
{
  return volume && g_str_equal(hilum_volume_get_unit(volume), "HU");
}

static void append_presets(GMenu *menu, HilumWorkspace *workspace)
{
  const char *kind = active_kind(workspace), *phase = active_phase(workspace);
  const HilumRangePreset *p;
  g_autoptr(GMenu) section = g_menu_new();
  for (size_t n = 0; (p = hilum_range_preset_at(n)); n++) {
    if (!g_str_equal(p->kind, kind) || !g_str_equal(p->phase, phase)) continue;
    /* GTK's menus have no tooltips: where a number comes from stands in its line. */
    g_autofree char *label =
        g_strdup_printf(_("%s: %.0f to %.0f HU (%s)"), _(p->title), p->lo, p->hi, _(p->source));
    g_autofree char *action = g_strdup_printf("range.preset('%s')", p->id);
    g_menu_append(section, label, action);
  }
  if (g_menu_model_get_n_items(G_MENU_MODEL(section)) == 0) return;
  g_menu_append_section(menu, _("Typical values, to start from"), G_MENU_MODEL(section));
}

GMenuModel *hilum_range_menu_new(HilumWorkspace *workspace)
{
  GMenu *menu = g_menu_new();
  HilumVolume *volume = hilum_workspace_get_active_volume(workspace);
  if (!volume) return G_MENU_MODEL(menu);
  g_autoptr(GMenu) here = g_menu_new(), classes = g_menu_new();
  g_menu_append(here, _("The tissue at the crosshair (split in two within 6 mm)"), "range.suggest");
  g_menu_append(here, _("What the structure holds (5 to 95 %)"), "range.own");
  g_menu_append_section(menu, NULL, G_MENU_MODEL(here));
  g_menu_append(classes, _("Two classes: brighter"), "range.otsu((2, 2))");
  g_menu_append(classes, _("Three classes: brightest"), "range.otsu((3, 3))");
  g_menu_append(classes, _("Three classes: middle"), "range.otsu((3, 2))");
  g_menu_append(classes, _("Four classes: brightest"), "range.otsu((4, 4))");
  g_menu_append_section(menu, is_hu(volume) ? _("Otsu, from -200 to 1000 HU") : _("Otsu"),
                        G_MENU_MODEL(classes));
  if (is_hu(volume)) append_presets(menu, workspace);
  return G_MENU_MODEL(menu);
}

bool hilum_range_menu_otsu(HilumVolume *volume, int n_classes, int which, double *lo, double *hi)
{
  double first, last;
  hilum_volume_get_range(volume, &first, &last);
  if (is_hu(volume)) {
    first = MAX(first, TISSUE_LO);
    last = MIN(last, TISSUE_HI);
  }
  return hilum_otsu_range(volume, NULL, first, last, n_classes, which, lo, hi, NULL, NULL);
}
