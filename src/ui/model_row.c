/* One surface: what it is, its numbers and its verdict. */
#include "model_row.h"

#include "ui_tools.h"
#include "verdict_view.h"

#include <glib/gi18n.h>

struct _HilumModelRow {
  GtkListBoxRow parent_instance;
  GtkDrawingArea *swatch;
  GtkLabel *name, *verdict, *headline, *numbers;
};

G_DEFINE_FINAL_TYPE(HilumModelRow, hilum_model_row, GTK_TYPE_LIST_BOX_ROW)

static void show_numbers(HilumModelRow *self, const HilumSurfaceCheck *check, double voxel_ml)
{
  const double surface_ml = check->report.volume_mm3 / 1000;
  const double apart = voxel_ml > 0 ? 100 * (surface_ml - voxel_ml) / voxel_ml : 0;
  g_autofree char *triangles = hilum_count_dup_text(check->triangles);
  g_autofree char *numbers = g_strdup_printf(
      g_dngettext(NULL, "%.1f ml (voxels %+.1f %%) · %.1f cm² · %s triangles · %u part",
                  "%.1f ml (voxels %+.1f %%) · %.1f cm² · %s triangles · %u parts", check->report.shells),
      surface_ml, apart, check->report.area_mm2 / 100, triangles, check->report.shells);
  hilum_label_update(self->numbers, numbers);
}

void hilum_model_row_show(HilumModelRow *self, HilumWorkspace *workspace, uint8_t label,
                          HilumSurfaceChecks *checks, double voxel_ml)
{
  const HilumStructureLook *look = hilum_workspace_get_look(workspace, label);
  const HilumSurfaceCheck *check = hilum_surface_checks_get(checks, label);
  hilum_swatch_set_color(self->swatch,
                         (uint32_t)look->rgb[0] << 16 | (uint32_t)look->rgb[1] << 8 | look->rgb[2]);
  hilum_label_update(self->name, look->name);
  hilum_verdict_show(checks, label, hilum_workspace_get_thin_mm(workspace), self->verdict, self->headline);
  if (check->depth >= HILUM_SURFACE_MEASURED) {
    show_numbers(self, check, voxel_ml);
    return;
  }
  if (!hilum_workspace_is_shown(workspace, label)) hilum_label_update(self->headline, _("hidden"));
  g_autofree char *count =
      hilum_count_dup_text(hilum_mesh_get_triangle_count(hilum_workspace_get_mesh(workspace, label)));
  g_autofree char *numbers = g_strdup_printf(_("%s triangles"), count);
  hilum_label_update(self->numbers, numbers);
}

static void hilum_model_row_class_init(HilumModelRowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/model_row.ui");
  gtk_widget_class_bind_template_child(widget, HilumModelRow, swatch);
  gtk_widget_class_bind_template_child(widget, HilumModelRow, name);
  gtk_widget_class_bind_template_child(widget, HilumModelRow, verdict);
  gtk_widget_class_bind_template_child(widget, HilumModelRow, headline);
  gtk_widget_class_bind_template_child(widget, HilumModelRow, numbers);
}

static void hilum_model_row_init(HilumModelRow *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}

HilumModelRow *hilum_model_row_new(void)
{
  return g_object_new(HILUM_TYPE_MODEL_ROW, NULL);
}
