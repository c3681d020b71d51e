/* Whose images these are. */
#include "patient_banner.h"

#include "hilum/casefile/case.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumPatientBanner {
  GtkWidget parent_instance;
  GtkLabel *name, *rest;
};

G_DEFINE_FINAL_TYPE(HilumPatientBanner, hilum_patient_banner, GTK_TYPE_WIDGET)

static const char *side_text(HilumSide side)
{
  switch (side) {
  case HILUM_SIDE_LEFT:
    return _("LEFT kidney");
  case HILUM_SIDE_RIGHT:
    return _("RIGHT kidney");
  case HILUM_SIDE_BOTH:
    return _("BOTH kidneys");
  default:
    return _("side not stated");
  }
}

static void append(GString *text, const char *part)
{
  if (part && *part) g_string_append_printf(text, "· %s ", part);
}

void hilum_patient_banner_update(HilumPatientBanner *self, HilumWorkspace *workspace)
{
  HilumCase *the_case = hilum_workspace_get_case(workspace);
  if (!the_case) {
    hilum_label_update(self->name, _("Hilum"));
    hilum_label_update(self->rest, "");
    return;
  }
  const HilumPatient *patient = hilum_case_get_patient(the_case);
  g_autoptr(GString) rest = g_string_new(NULL);
  if (*patient->id) {
    g_autofree char *id = g_strdup_printf(_("id %s"), patient->id);
    append(rest, id);
  }
  g_autofree char *date = hilum_date_dup_text(patient->study_date);
  append(rest, date);
  if (hilum_workspace_get_phase_count(workspace) > 0)
    append(rest, hilum_workspace_get_phase_name(workspace, hilum_workspace_get_active_phase(workspace)));
  append(rest, side_text(hilum_case_get_side(the_case)));
  hilum_label_update(self->name, *patient->name ? patient->name : _("No name"));
  hilum_label_update(self->rest, g_strchomp(rest->str));
}

static void hilum_patient_banner_dispose(GObject *object)
{
  hilum_widget_drop_children(GTK_WIDGET(object));
  G_OBJECT_CLASS(hilum_patient_banner_parent_class)->dispose(object);
}

static void hilum_patient_banner_class_init(HilumPatientBannerClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_patient_banner_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/patient_banner.ui");
  gtk_widget_class_bind_template_child(widget, HilumPatientBanner, name);
  gtk_widget_class_bind_template_child(widget, HilumPatientBanner, rest);
}

static void hilum_patient_banner_init(HilumPatientBanner *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
