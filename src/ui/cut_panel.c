/* Where the models are cut open. The numbers follow the hand, and the hand the numbers: while one is written
 * here, the other says nothing. */
#include "cut_panel.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumCutPanel {
  GtkWidget parent_instance;
  GtkWidget *plane_box, *sphere_box, *free_box, *side_button, *results, *about_button;
  GtkSpinButton *offset, *around, *up, *radius, *margin;
  GtkGrid *table;
  HilumWorkspace *workspace;
  char *shown; /* what the table says, as it is copied */
  bool updating;
};

G_DEFINE_FINAL_TYPE(HilumCutPanel, hilum_cut_panel, GTK_TYPE_WIDGET)

static GtkWidget *make_cell(const char *text, bool number, const char *css_class)
{
  GtkWidget *label = gtk_label_new(text);
  gtk_label_set_xalign(GTK_LABEL(label), number ? 1 : 0);
  gtk_widget_set_hexpand(label, !number);
  if (!number) gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
  if (css_class) gtk_widget_add_css_class(label, css_class);
  if (number) gtk_widget_add_css_class(label, "numeric");
  gtk_widget_add_css_class(label, "small");
  return label;
}

static void add_row(HilumCutPanel *self, int row, uint8_t label, const HilumCapSize *size)
{
  const char *name = hilum_workspace_get_look(self->workspace, label)->name;
  g_autofree char *area = g_strdup_printf("%.1f", size->area_mm2);
  g_autofree char *length = g_strdup_printf("%.1f", size->length_mm);
  const char *cells[] = {name, area, length};
  for (int c = 0; c < 3; c++)
    gtk_grid_attach(self->table, make_cell(cells[c], c > 0, NULL), c, row, 1, 1);
  g_autofree char *spoken =
      g_strdup_printf(_("%s: section %s square millimetres, contours %s millimetres"), name, area, length);
  gtk_accessible_update_property(GTK_ACCESSIBLE(gtk_grid_get_child_at(self->table, 0, row)),
                                 GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void show_sections(HilumCutPanel *self)
{
  g_autofree char *text = hilum_workspace_dup_sections(self->workspace);
  gtk_widget_set_visible(self->results, text != NULL);
  if (g_strcmp0(text, self->shown) == 0) return;
  g_free(self->shown);
  self->shown = g_steal_pointer(&text);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->table))))
    gtk_grid_remove(self->table, child);
  if (!self->shown) return;
  static const char *const heads[] = {N_("Section"), N_("mm²"), N_("mm round")};
  for (int c = 0; c < 3; c++)
    gtk_grid_attach(self->table, make_cell(_(heads[c]), c > 0, "dim"), c, 0, 1, 1);
  int row = 0;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    HilumCapSize size;
    if (hilum_workspace_is_shown(self->workspace, (uint8_t)label) &&
        hilum_workspace_get_section(self->workspace, (uint8_t)label, &size))
      add_row(self, ++row, (uint8_t)label, &size);
  }
}

static void show_numbers(HilumCutPanel *self)
{
  const HilumClip *clip = hilum_workspace_get_clip(self->workspace);
  const bool plane = clip->kind == HILUM_CLIP_PLANE, sphere = clip->kind == HILUM_CLIP_SPHERE;
  gtk_widget_set_visible(self->plane_box, plane);
  gtk_widget_set_visible(self->sphere_box, sphere);
  gtk_widget_set_visible(self->free_box, plane || sphere);
  gtk_widget_set_visible(self->side_button, clip->kind != HILUM_CLIP_NONE);
  gtk_check_button_set_label(GTK_CHECK_BUTTON(self->side_button),
                             sphere ? _("Take the ball away, keep the rest") : _("Keep the other side"));
  self->updating = true;
  if (plane) {
    double around, up;
    hilum_clip_get_direction(clip, &around, &up);
    gtk_spin_button_set_value(self->offset,
                              hilum_clip_offset_mm(clip, hilum_workspace_get_cursor_mm(self->workspace)));
    gtk_spin_button_set_value(self->around, around);
    gtk_spin_button_set_value(self->up, up);
  }
  if (sphere) gtk_spin_button_set_value(self->radius, clip->radius_mm);
  self->updating = false;
}

static void update(HilumCutPanel *self)
{
  if (!gtk_widget_get_mapped(GTK_WIDGET(self))) return;
  show_numbers(self);
  show_sections(self);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumCutPanel *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_CLIP | HILUM_CHANGE_CURSOR | HILUM_CHANGE_STRUCTURES |
                 HILUM_CHANGE_MESHES))
    update(self);
}

/* --- written here --- */

static void offset_changed(GtkSpinButton *button, HilumCutPanel *self)
{
  if (self->updating || !self->workspace) return;
  HilumClip clip = *hilum_workspace_get_clip(self->workspace);
  hilum_clip_set_offset_mm(&clip, hilum_workspace_get_cursor_mm(self->workspace),
                           gtk_spin_button_get_value(button));
  hilum_workspace_set_clip(self->workspace, &clip);
}

static void direction_changed(GtkSpinButton *button, HilumCutPanel *self)
{
  if (self->updating || !self->workspace) return;
  HilumClip clip = *hilum_workspace_get_clip(self->workspace);
  hilum_clip_set_direction(&clip, gtk_spin_button_get_value(self->around),
                           gtk_spin_button_get_value(self->up));
  hilum_workspace_set_clip(self->workspace, &clip);
}

static void radius_changed(GtkSpinButton *button, HilumCutPanel *self)
{
  if (self->updating || !self->workspace) return;
  HilumClip clip = *hilum_workspace_get_clip(self->workspace);
  clip.radius_mm = gtk_spin_button_get_value(button);
  hilum_workspace_set_clip(self->workspace, &clip);
}

static void about_clicked(GtkButton *button, HilumCutPanel *self)
{
  gtk_widget_activate_action(GTK_WIDGET(self), "win.cut-about-structure", "d",
                             gtk_spin_button_get_value(self->margin));
}

/* --- life --- */

void hilum_cut_panel_set_workspace(HilumCutPanel *self, HilumWorkspace *workspace)
{
  g_return_if_fail(!self->workspace);
  self->workspace = g_object_ref(workspace);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
}

static void hilum_cut_panel_map(GtkWidget *widget)
{
  GTK_WIDGET_CLASS(hilum_cut_panel_parent_class)->map(widget);
  if (HILUM_CUT_PANEL(widget)->workspace) update(HILUM_CUT_PANEL(widget));
}

static void hilum_cut_panel_dispose(GObject *object)
{
  HilumCutPanel *self = HILUM_CUT_PANEL(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  g_clear_pointer(&self->shown, g_free);
  G_OBJECT_CLASS(hilum_cut_panel_parent_class)->dispose(object);
}

static void hilum_cut_panel_class_init(HilumCutPanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_cut_panel_dispose;
  widget->map = hilum_cut_panel_map;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/cut_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, plane_box);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, sphere_box);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, free_box);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, side_button);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, results);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, about_button);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, offset);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, around);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, up);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, radius);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, margin);
  gtk_widget_class_bind_template_child(widget, HilumCutPanel, table);
  gtk_widget_class_bind_template_callback(widget, offset_changed);
  gtk_widget_class_bind_template_callback(widget, direction_changed);
  gtk_widget_class_bind_template_callback(widget, radius_changed);
  gtk_widget_class_bind_template_callback(widget, about_clicked);
}

static void hilum_cut_panel_init(HilumCutPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
