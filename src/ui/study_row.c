/* One volume of a catalog in a list, with its picture and a tick. */
#include "study_row.h"

#include "ui_tools.h"

#include <glib/gi18n.h>
#include <string.h>

struct _HilumStudyRow {
  GtkWidget parent_instance;
  GtkPicture *picture;
  GtkWidget *no_picture;
  GtkCheckButton *check;
  GtkLabel *title, *detail, *findings, *verdict;
  GtkWidget *gap;
  GtkButton *accept;
  HilumStudyItem *item;
  bool updating;
};

enum { TOGGLED, ACCEPT_GAP, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumStudyRow, hilum_study_row, GTK_TYPE_WIDGET)

HilumStudyItem *hilum_study_row_get_item(HilumStudyRow *self)
{
  return self->item;
}

static void check_toggled(HilumStudyRow *self)
{
  if (self->updating || !self->item) return;
  hilum_study_item_set_ticked(self->item, gtk_check_button_get_active(self->check));
  g_signal_emit(self, signals[TOGGLED], 0);
}

static void accept_clicked(HilumStudyRow *self)
{
  if (self->item) g_signal_emit(self, signals[ACCEPT_GAP], 0);
}

/* Missing slices are the only reason to refuse it. */
static bool may_accept_gap(const HilumSeriesInfo *info)
{
  bool missing = false;
  for (size_t n = 0; n < info->n_findings; n++) {
    if (info->findings[n].verdict != HILUM_VERDICT_REFUSED) continue;
    if (!g_str_equal(info->findings[n].code, "missing-slices")) return false;
    missing = true;
  }
  return missing;
}

static char *dup_detail(const HilumSeriesInfo *info)
{
  const HilumGrid *grid = &info->grid;
  g_autofree char *date = hilum_date_dup_text(info->study_date);
  g_autofree char *size =
      info->verdict == HILUM_VERDICT_REFUSED
          ? g_strdup_printf(g_dngettext(NULL, "%zu image", "%zu images", info->n_files), info->n_files)
          : g_strdup_printf(_("%d × %d × %d · %.3g × %.3g × %.3g mm"), grid->dims[0], grid->dims[1],
                            grid->dims[2], grid->spacing_mm[0], grid->spacing_mm[1], grid->spacing_mm[2]);
  const char *phase = hilum_study_phase_name(info->phase);
  return g_strdup_printf("%s%s%s%s%s · %s", date, *date ? " · " : "", info->modality, *phase ? " · " : "",
                         phase, size);
}

static void show_verdict(HilumStudyRow *self, const HilumSeriesInfo *info)
{
  static const char *const classes[] = {"verdict-ok", "verdict-warning", "verdict-refused"};
  gtk_label_set_text(self->verdict, info->verdict == HILUM_VERDICT_OK        ? _("ok")
                                    : info->verdict == HILUM_VERDICT_WARNING ? _("warning")
                                                                             : _("refused"));
  for (size_t n = 0; n < G_N_ELEMENTS(classes); n++)
    gtk_widget_remove_css_class(GTK_WIDGET(self->verdict), classes[n]);
  gtk_widget_add_css_class(GTK_WIDGET(self->verdict), classes[info->verdict]);
  g_autoptr(GString) findings = g_string_new(NULL);
  for (size_t n = 0; n < info->n_findings; n++)
    g_string_append_printf(findings, "%s%s", n ? "\n" : "", info->findings[n].message);
  hilum_label_update(self->findings, findings->str);
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->findings), findings->str); /* lines are cut after the third */
  gtk_widget_set_visible(GTK_WIDGET(self->findings), findings->len > 0);
  gtk_widget_set_visible(self->gap, may_accept_gap(info));
}

static void show_item(HilumStudyRow *self)
{
  const HilumSeriesInfo *info = hilum_study_item_get_info(self->item);
  const char *name = *info->series_description ? info->series_description : _("Series without a description");
  g_autofree char *title =
      info->series_number >= 0 ? g_strdup_printf("%d  %s", info->series_number, name) : g_strdup(name);
  g_autofree char *detail = dup_detail(info);
  hilum_label_update(self->title, title);
  hilum_label_update(self->detail, detail);
  show_verdict(self, info);
  self->updating = true;
  gtk_check_button_set_active(self->check, hilum_study_item_get_ticked(self->item));
  self->updating = false;
  gtk_widget_set_sensitive(GTK_WIDGET(self->check), info->verdict != HILUM_VERDICT_REFUSED);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->check), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  GdkTexture *picture = hilum_study_item_get_picture(self->item);
  gtk_picture_set_paintable(self->picture, picture ? GDK_PAINTABLE(picture) : NULL);
  gtk_widget_set_visible(self->no_picture,
                         hilum_study_item_get_picture_state(self->item) == HILUM_PICTURE_NONE);
}

void hilum_study_row_set_item(HilumStudyRow *self, HilumStudyItem *item)
{
  if (self->item) g_signal_handlers_disconnect_by_data(self->item, self);
  g_set_object(&self->item, item);
  if (!item) {
    gtk_picture_set_paintable(self->picture, NULL);
    return;
  }
  g_signal_connect_swapped(item, "changed", G_CALLBACK(show_item), self);
  show_item(self);
}

static void hilum_study_row_dispose(GObject *object)
{
  HilumStudyRow *self = HILUM_STUDY_ROW(object);
  if (self->item) g_signal_handlers_disconnect_by_data(self->item, self);
  g_clear_object(&self->item);
  hilum_widget_drop_children(GTK_WIDGET(self));
  G_OBJECT_CLASS(hilum_study_row_parent_class)->dispose(object);
}

static void hilum_study_row_class_init(HilumStudyRowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_study_row_dispose;
  signals[TOGGLED] =
      g_signal_new("toggled", HILUM_TYPE_STUDY_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ACCEPT_GAP] = g_signal_new("accept-gap", HILUM_TYPE_STUDY_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/study_row.ui");
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, picture);
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, no_picture);
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, check);
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, title);
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, detail);
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, findings);
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, verdict);
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, gap);
  gtk_widget_class_bind_template_child(widget, HilumStudyRow, accept);
}

static void hilum_study_row_init(HilumStudyRow *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  g_signal_connect_swapped(self->check, "toggled", G_CALLBACK(check_toggled), self);
  g_signal_connect_swapped(self->accept, "clicked", G_CALLBACK(accept_clicked), self);
}

GtkWidget *hilum_study_row_new(void)
{
  return g_object_new(HILUM_TYPE_STUDY_ROW, NULL);
}
