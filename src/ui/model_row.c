/* One surface: what it is, its numbers and its verdict. */
#include "model_row.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumModelRow {
  GtkListBoxRow parent_instance;
  GtkDrawingArea *swatch;
  GtkLabel *name, *verdict, *numbers;
};

G_DEFINE_FINAL_TYPE(HilumModelRow, hilum_model_row, GTK_TYPE_LIST_BOX_ROW)

static const char *defect(const HilumMeshReport *report)
{
  if (!report->closed) return _("open");
  if (!report->manifold) return _("not manifold");
  if (!report->oriented || !report->outward) return _("turned inside out");
  return _("degenerate");
}

void hilum_model_row_show(HilumModelRow *self, const HilumStructureLook *look, HilumMesh *mesh,
                          const HilumMeshReport *report, double voxel_ml)
{
  hilum_swatch_set_color(self->swatch,
                         (uint32_t)look->rgb[0] << 16 | (uint32_t)look->rgb[1] << 8 | look->rgb[2]);
  hilum_label_update(self->name, look->name);
  g_autofree char *triangles = hilum_count_dup_text(hilum_mesh_get_triangle_count(mesh));
  GtkWidget *verdict = GTK_WIDGET(self->verdict);
  gtk_widget_remove_css_class(verdict, "verdict-ok");
  gtk_widget_remove_css_class(verdict, "verdict-refused");
  if (!report) {
    g_autofree char *text = g_strdup_printf(_("%s triangles · measuring…"), triangles);
    hilum_label_update(self->numbers, text);
    hilum_label_update(self->verdict, "");
    return;
  }
  bool clean = hilum_mesh_report_is_clean(report);
  gtk_widget_add_css_class(verdict, clean ? "verdict-ok" : "verdict-refused");
  hilum_label_update(self->verdict, clean ? _("closed") : defect(report));
  double surface_ml = report->volume_mm3 / 1000;
  double apart = voxel_ml > 0 ? 100 * (surface_ml - voxel_ml) / voxel_ml : 0;
  g_autofree char *numbers = g_strdup_printf(
      g_dngettext(NULL, "%.1f ml (voxels %+.1f %%) · %.1f cm² · %s triangles · %u part",
                  "%.1f ml (voxels %+.1f %%) · %.1f cm² · %s triangles · %u parts", report->shells),
      surface_ml, apart, report->area_mm2 / 100, triangles, report->shells);
  hilum_label_update(self->numbers, numbers);
}

static void hilum_model_row_class_init(HilumModelRowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/model_row.ui");
  gtk_widget_class_bind_template_child(widget, HilumModelRow, swatch);
  gtk_widget_class_bind_template_child(widget, HilumModelRow, name);
  gtk_widget_class_bind_template_child(widget, HilumModelRow, verdict);
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
