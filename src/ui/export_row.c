/* One structure that can be exported. */
#include "export_row.h"

#include "ui_tools.h"
#include "verdict_view.h"

#include <glib/gi18n.h>

struct _HilumExportRow {
  GtkWidget parent_instance;
  GtkCheckButton *tick;
  GtkLabel *name, *tag, *headline, *details;
  GtkButton *show;
  GtkExpander *more;
  HilumStructure *structure;
  HilumSurfaceChecks *checks;
};

enum { TOGGLED, SHOW_PLACE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumExportRow, hilum_export_row, GTK_TYPE_WIDGET)

HilumStructure *hilum_export_row_get_structure(HilumExportRow *self)
{
  return self->structure;
}

uint8_t hilum_export_row_get_label(HilumExportRow *self)
{
  return self->structure ? hilum_structure_get_label(self->structure) : 0;
}

const char *hilum_export_row_get_name(HilumExportRow *self)
{
  return self->structure ? hilum_structure_get_name(self->structure) : _("United");
}

bool hilum_export_row_get_ticked(HilumExportRow *self)
{
  return !self->structure || gtk_check_button_get_active(self->tick);
}

void hilum_export_row_refresh(HilumExportRow *self, double thin_mm)
{
  const uint8_t label = hilum_export_row_get_label(self);
  const HilumSurfaceCheck *check = hilum_surface_checks_get(self->checks, label);
  const bool ticked = hilum_export_row_get_ticked(self);
  g_autofree char *details = hilum_surface_check_dup_details(check);
  HilumVec3 place_mm;
  gtk_widget_set_visible(GTK_WIDGET(self->tag), ticked);
  gtk_widget_set_visible(GTK_WIDGET(self->show), ticked);
  gtk_widget_set_visible(GTK_WIDGET(self->more), ticked);
  gtk_widget_set_sensitive(GTK_WIDGET(self->show), hilum_surface_check_get_place(check, &place_mm));
  hilum_verdict_show(self->checks, label, thin_mm, self->tag, self->headline);
  hilum_label_update(self->details, details);
}

static void tick_toggled(HilumExportRow *self)
{
  g_signal_emit(self, signals[TOGGLED], 0);
}

static void show_clicked(HilumExportRow *self)
{
  g_signal_emit(self, signals[SHOW_PLACE], 0);
}

static void hilum_export_row_dispose(GObject *object)
{
  HilumExportRow *self = HILUM_EXPORT_ROW(object);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->structure);
  g_clear_object(&self->checks);
  G_OBJECT_CLASS(hilum_export_row_parent_class)->dispose(object);
}

static void hilum_export_row_class_init(HilumExportRowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_export_row_dispose;
  signals[TOGGLED] =
      g_signal_new("toggled", HILUM_TYPE_EXPORT_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SHOW_PLACE] = g_signal_new("show-place", HILUM_TYPE_EXPORT_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/export_row.ui");
  gtk_widget_class_bind_template_child(widget, HilumExportRow, tick);
  gtk_widget_class_bind_template_child(widget, HilumExportRow, name);
  gtk_widget_class_bind_template_child(widget, HilumExportRow, tag);
  gtk_widget_class_bind_template_child(widget, HilumExportRow, headline);
  gtk_widget_class_bind_template_child(widget, HilumExportRow, details);
  gtk_widget_class_bind_template_child(widget, HilumExportRow, show);
  gtk_widget_class_bind_template_child(widget, HilumExportRow, more);
  gtk_widget_class_bind_template_callback(widget, tick_toggled);
  gtk_widget_class_bind_template_callback(widget, show_clicked);
}

static void hilum_export_row_init(HilumExportRow *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}

/* Each names its structure to whoever hears the dialog only. */
static void name_parts(HilumExportRow *self)
{
  const char *name = hilum_export_row_get_name(self);
  g_autofree char *show = g_strdup_printf(_("Show the place in %s"), name);
  g_autofree char *more = g_strdup_printf(_("Verdict on %s"), name);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->show), GTK_ACCESSIBLE_PROPERTY_LABEL, show, -1);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->more), GTK_ACCESSIBLE_PROPERTY_LABEL, more, -1);
}

static void show_structure(HilumExportRow *self)
{
  const bool visible = hilum_structure_get_visible(self->structure);
  g_autofree char *volume = hilum_volume_dup_text(hilum_structure_get_volume_ml(self->structure));
  g_autofree char *text = g_strdup_printf(visible ? "%s · %s" : _("%s · %s · hidden"),
                                          hilum_structure_get_name(self->structure), volume);
  gtk_check_button_set_label(self->tick, text);
  gtk_check_button_set_active(self->tick, visible);
}

HilumExportRow *hilum_export_row_new(HilumStructure *structure, HilumSurfaceChecks *checks)
{
  HilumExportRow *self = g_object_new(HILUM_TYPE_EXPORT_ROW, NULL);
  g_set_object(&self->structure, structure);
  self->checks = g_object_ref(checks);
  gtk_widget_set_visible(GTK_WIDGET(self->tick), structure != NULL);
  gtk_widget_set_visible(GTK_WIDGET(self->name), structure == NULL);
  gtk_label_set_text(self->name, structure ? "" : hilum_export_row_get_name(self));
  if (structure) show_structure(self);
  name_parts(self);
  return self;
}
