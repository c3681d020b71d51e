/* Name, kind, colour and surface of one structure. */
#include "structure_dialog.h"

#include "hilum/casefile/error.h"
#include "ui_tools.h"

#include <glib/gi18n.h>
#include <math.h>

struct _HilumStructureDialog {
  GtkWindow parent_instance;
  GtkButton *cancel, *done;
  GtkEntry *name;
  GtkDropDown *kind;
  GtkColorButton *color;
  GtkCheckButton *follows;
  GtkLabel *range_label, *unit, *phase_label;
  GtkWidget *range;
  GtkEntry *lo, *hi;
  GtkDropDown *phase;
  GtkLabel *problem;
  HilumCase *the_case;
  HilumStructure *structure;
};

G_DEFINE_FINAL_TYPE(HilumStructureDialog, hilum_structure_dialog, GTK_TYPE_WINDOW)

/* An end of the range; empty: open. Either decimal sign is understood. */
static bool read_end(GtkEntry *entry, double open, double *end)
{
  g_autofree char *text = g_strstrip(g_strdup(gtk_editable_get_text(GTK_EDITABLE(entry))));
  char *rest = NULL;
  *end = open;
  if (!*text) return true;
  g_strdelimit(text, ",", '.');
  *end = g_ascii_strtod(text, &rest);
  return rest != text && !*rest && isfinite(*end);
}

/* All zero if the surface follows its labels. */
static bool read_boundary(HilumStructureDialog *self, HilumStructureBoundary *boundary, GError **error)
{
  *boundary = (HilumStructureBoundary){0};
  if (!gtk_check_button_get_active(self->follows)) return true;
  const bool good =
      read_end(self->lo, -INFINITY, &boundary->lo) && read_end(self->hi, INFINITY, &boundary->hi);
  boundary->phase = gtk_drop_down_get_selected(self->phase);
  if (good && hilum_structure_boundary_is_range(boundary)) return true;
  g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE,
                      _("The range needs a lowest or a highest value, the lowest below the highest."));
  return false;
}

static bool apply_boundary(HilumStructureDialog *self, GError **error)
{
  HilumStructureBoundary boundary;
  return read_boundary(self, &boundary, error) &&
         hilum_case_set_structure_boundary(self->the_case, self->structure, &boundary, error);
}

static bool apply(HilumStructureDialog *self, GError **error)
{
  const char *name = gtk_editable_get_text(GTK_EDITABLE(self->name));
  GdkRGBA rgba;
  gtk_color_chooser_get_rgba(GTK_COLOR_CHOOSER(self->color), &rgba);
  uint32_t color = hilum_rgba_to_color(&rgba);
  HilumStructureKind kind = (HilumStructureKind)gtk_drop_down_get_selected(self->kind);
  HilumStructure *structure = self->structure;
  if (g_strcmp0(name, hilum_structure_get_name(structure)) != 0 &&
      !hilum_case_rename_structure(self->the_case, structure, name, error))
    return false;
  if (kind != hilum_structure_get_kind(structure) &&
      !hilum_case_set_structure_kind(self->the_case, structure, kind, error))
    return false;
  if (color != hilum_structure_get_color(structure) &&
      !hilum_case_recolor_structure(self->the_case, structure, color, error))
    return false;
  return apply_boundary(self, error);
}

static void done_clicked(HilumStructureDialog *self)
{
  HilumHistory *history = hilum_case_get_history(self->the_case);
  g_autoptr(GError) error = NULL;
  hilum_history_begin_group(history, _("Edit structure"));
  if (apply(self, &error)) {
    hilum_history_end_group(history);
    gtk_window_destroy(GTK_WINDOW(self));
    return;
  }
  hilum_history_abort_group(history);
  gtk_label_set_text(self->problem, error->message);
  gtk_widget_show(GTK_WIDGET(self->problem));
}

/* The range is there to be seen and edited where it is used. */
static void show_range(HilumStructureDialog *self)
{
  const bool follows = gtk_check_button_get_active(self->follows);
  const bool several = hilum_case_get_phase_count(self->the_case) > 1;
  gtk_widget_set_visible(GTK_WIDGET(self->range_label), follows);
  gtk_widget_set_visible(self->range, follows);
  gtk_widget_set_visible(GTK_WIDGET(self->phase_label), follows && several);
  gtk_widget_set_visible(GTK_WIDGET(self->phase), follows && several);
  HilumPhase *phase = hilum_case_get_phase(self->the_case, gtk_drop_down_get_selected(self->phase));
  HilumVolume *volume = phase ? hilum_phase_get_volume(phase) : NULL;
  gtk_label_set_text(self->unit, volume ? hilum_volume_get_unit(volume) : "");
}

static void set_end(GtkEntry *entry, double end)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  gtk_editable_set_text(GTK_EDITABLE(entry),
                        isfinite(end) ? g_ascii_formatd(text, sizeof text, "%.6g", end) : "");
}

static void load_boundary(HilumStructureDialog *self)
{
  const HilumStructureBoundary *boundary = hilum_structure_get_boundary(self->structure);
  const bool follows = hilum_structure_boundary_is_range(boundary);
  g_autoptr(GtkStringList) names = gtk_string_list_new(NULL);
  for (guint n = 0; n < hilum_case_get_phase_count(self->the_case); n++)
    gtk_string_list_append(names, hilum_phase_get_name(hilum_case_get_phase(self->the_case, n)));
  gtk_drop_down_set_model(self->phase, G_LIST_MODEL(names));
  gtk_check_button_set_active(self->follows, follows);
  if (follows) {
    set_end(self->lo, boundary->lo);
    set_end(self->hi, boundary->hi);
    gtk_drop_down_set_selected(self->phase, boundary->phase);
  }
  show_range(self);
  g_signal_connect_swapped(self->follows, "toggled", G_CALLBACK(show_range), self);
  g_signal_connect_swapped(self->phase, "notify::selected", G_CALLBACK(show_range), self);
}

void hilum_structure_dialog_edit(GtkWindow *parent, HilumCase *the_case, HilumStructure *structure)
{
  HilumStructureDialog *self = g_object_new(HILUM_TYPE_STRUCTURE_DIALOG, "transient-for", parent, NULL);
  self->the_case = g_object_ref(the_case);
  self->structure = g_object_ref(structure);
  gtk_editable_set_text(GTK_EDITABLE(self->name), hilum_structure_get_name(structure));
  gtk_drop_down_set_selected(self->kind, hilum_structure_get_kind(structure));
  GdkRGBA rgba = hilum_rgba_from_color(hilum_structure_get_color(structure));
  gtk_color_chooser_set_use_alpha(GTK_COLOR_CHOOSER(self->color), FALSE);
  gtk_color_chooser_set_rgba(GTK_COLOR_CHOOSER(self->color), &rgba);
  load_boundary(self);
  gtk_window_set_default_widget(GTK_WINDOW(self), GTK_WIDGET(self->done));
  gtk_window_present(GTK_WINDOW(self));
  gtk_widget_grab_focus(GTK_WIDGET(self->name));
}

static void hilum_structure_dialog_dispose(GObject *object)
{
  HilumStructureDialog *self = HILUM_STRUCTURE_DIALOG(object);
  g_clear_object(&self->structure);
  g_clear_object(&self->the_case);
  G_OBJECT_CLASS(hilum_structure_dialog_parent_class)->dispose(object);
}

static void hilum_structure_dialog_class_init(HilumStructureDialogClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_structure_dialog_dispose;
  gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/structure_dialog.ui");
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, cancel);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, done);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, name);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, kind);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, color);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, follows);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, range_label);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, range);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, lo);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, hi);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, unit);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, phase_label);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, phase);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, problem);
}

static void hilum_structure_dialog_init(HilumStructureDialog *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  g_signal_connect_swapped(self->cancel, "clicked", G_CALLBACK(gtk_window_destroy), self);
  g_signal_connect_swapped(self->done, "clicked", G_CALLBACK(done_clicked), self);
}
