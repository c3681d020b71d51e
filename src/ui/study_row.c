/* One volume of a catalog, with a tick. */
#include "study_row.h"

#include "ui_tools.h"

#include <glib/gi18n.h>
#include <string.h>

struct _HilumStudyRow {
  GtkListBoxRow parent_instance;
  GtkCheckButton *check;
  GtkLabel *title, *detail, *findings, *verdict;
  GtkWidget *gap;
  GtkButton *accept;
  const HilumSeriesInfo *info;
};

enum { TOGGLED, ACCEPT_GAP, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumStudyRow, hilum_study_row, GTK_TYPE_LIST_BOX_ROW)

const HilumSeriesInfo *hilum_study_row_get_info(HilumStudyRow *self)
{
  return self->info;
}

bool hilum_study_row_get_ticked(HilumStudyRow *self)
{
  return gtk_check_button_get_active(self->check);
}

void hilum_study_row_set_ticked(HilumStudyRow *self, bool ticked)
{
  gtk_check_button_set_active(self->check, ticked && self->info->verdict != HILUM_VERDICT_REFUSED);
}

static void check_toggled(HilumStudyRow *self)
{
  g_signal_emit(self, signals[TOGGLED], 0);
}

static void accept_clicked(HilumStudyRow *self)
{
  g_signal_emit(self, signals[ACCEPT_GAP], 0);
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

static const char *phase_name(const char *phase)
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

bool hilum_study_row_matches(HilumStudyRow *self, const char *words)
{
  const HilumSeriesInfo *info = self->info;
  g_autofree char *patient = hilum_person_name_dup_shown(info->patient_name);
  g_autofree char *date = hilum_date_dup_text(info->study_date);
  g_autofree char *all = g_strjoin(
      "\n", patient, info->patient_name, info->patient_id, info->study_description, info->series_description,
      info->modality, info->body_part, info->phase, phase_name(info->phase), info->study_date, date, NULL);
  g_autofree char *folded = g_utf8_casefold(all, -1);
  g_autofree char *wanted = g_utf8_casefold(words, -1);
  g_auto(GStrv) each = g_strsplit_set(wanted, " \t", -1);
  for (size_t n = 0; each[n]; n++)
    if (!strstr(folded, each[n])) return false;
  return true;
}

static char *dup_detail(const HilumSeriesInfo *info)
{
  const HilumGrid *grid = &info->grid;
  g_autofree char *date = hilum_date_dup_text(info->study_date);
  g_autofree char *size =
      info->verdict == HILUM_VERDICT_REFUSED
          ? g_strdup_printf(_("%zu images"), info->n_files)
          : g_strdup_printf(_("%d × %d × %d · %.3g × %.3g × %.3g mm"), grid->dims[0], grid->dims[1],
                            grid->dims[2], grid->spacing_mm[0], grid->spacing_mm[1], grid->spacing_mm[2]);
  const char *phase = phase_name(info->phase);
  return g_strdup_printf("%s%s%s%s%s · %s", date, *date ? " · " : "", info->modality, *phase ? " · " : "",
                         phase, size);
}

void hilum_study_row_refresh(HilumStudyRow *self)
{
  static const char *const classes[] = {"verdict-ok", "verdict-warning", "verdict-refused"};
  const HilumSeriesInfo *info = self->info;
  const char *name = *info->series_description ? info->series_description : _("Series without a description");
  g_autofree char *title =
      info->series_number >= 0 ? g_strdup_printf("%d  %s", info->series_number, name) : g_strdup(name);
  g_autofree char *detail = dup_detail(info);
  gtk_label_set_text(self->title, title);
  gtk_label_set_text(self->detail, detail);
  gtk_label_set_text(self->verdict, info->verdict == HILUM_VERDICT_OK        ? _("ok")
                                    : info->verdict == HILUM_VERDICT_WARNING ? _("warning")
                                                                             : _("refused"));
  for (size_t n = 0; n < G_N_ELEMENTS(classes); n++)
    gtk_widget_remove_css_class(GTK_WIDGET(self->verdict), classes[n]);
  gtk_widget_add_css_class(GTK_WIDGET(self->verdict), classes[info->verdict]);
  gtk_widget_set_sensitive(GTK_WIDGET(self->check), info->verdict != HILUM_VERDICT_REFUSED);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->check), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_autoptr(GString) findings = g_string_new(NULL);
  for (size_t n = 0; n < info->n_findings; n++)
    g_string_append_printf(findings, "%s%s", n ? "\n" : "", info->findings[n].message);
  gtk_label_set_text(self->findings, findings->str);
  gtk_widget_set_visible(GTK_WIDGET(self->findings), findings->len > 0);
  gtk_widget_set_visible(self->gap, may_accept_gap(info));
}

static void hilum_study_row_class_init(HilumStudyRowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  signals[TOGGLED] =
      g_signal_new("toggled", HILUM_TYPE_STUDY_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ACCEPT_GAP] = g_signal_new("accept-gap", HILUM_TYPE_STUDY_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/study_row.ui");
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

HilumStudyRow *hilum_study_row_new(const HilumSeriesInfo *info)
{
  HilumStudyRow *self = g_object_new(HILUM_TYPE_STUDY_ROW, NULL);
  self->info = info;
  hilum_study_row_refresh(self);
  return self;
}
