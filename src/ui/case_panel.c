/* Left: phases above, structures below. */
#include "case_panel.h"

#include "fusion_bar.h"
#include "hilum/casefile/case.h"
#include "phase_row.h"
#include "structure_row.h"
#include "ui_tools.h"

struct _HilumCasePanel {
  GtkWidget parent_instance;
  GtkListBox *phases, *structures;
  HilumFusionBar *fusion_bar;
  GtkMenuButton *add_button;
  GtkWidget *menu, *phase_menu;
  HilumWorkspace *workspace;
  bool updating;
};

G_DEFINE_FINAL_TYPE(HilumCasePanel, hilum_case_panel, GTK_TYPE_WIDGET)

static GtkWidget *make_phase_row(gpointer item, gpointer data)
{
  return GTK_WIDGET(hilum_phase_row_new(item));
}

static GtkWidget *make_structure_row(gpointer item, gpointer data)
{
  HilumCasePanel *self = data;
  return GTK_WIDGET(hilum_structure_row_new(hilum_workspace_get_case(self->workspace), item));
}

static void select_active(HilumCasePanel *self)
{
  self->updating = true;
  GtkListBoxRow *phase =
      gtk_list_box_get_row_at_index(self->phases, (int)hilum_workspace_get_active_phase(self->workspace));
  gtk_list_box_select_row(self->phases, phase);
  uint8_t active = hilum_workspace_get_active(self->workspace);
  GtkListBoxRow *row, *found = NULL;
  for (int n = 0; (row = gtk_list_box_get_row_at_index(self->structures, n)); n++)
    if (hilum_structure_get_label(hilum_structure_row_get_structure(HILUM_STRUCTURE_ROW(row))) == active)
      found = row;
  gtk_list_box_select_row(self->structures, found);
  self->updating = false;
}

static void bind_case(HilumCasePanel *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  self->updating = true;
  gtk_widget_set_sensitive(GTK_WIDGET(self->add_button), the_case != NULL);
  gtk_list_box_bind_model(self->phases, the_case ? hilum_case_get_phases(the_case) : NULL, make_phase_row,
                          self, NULL);
  gtk_list_box_bind_model(self->structures, the_case ? hilum_case_get_structures(the_case) : NULL,
                          make_structure_row, self, NULL);
  self->updating = false;
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumCasePanel *self)
{
  if (changes & HILUM_CHANGE_CASE) bind_case(self);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_ACTIVE | HILUM_CHANGE_STRUCTURES))
    select_active(self);
}

static void phase_selected(GtkListBox *list, GtkListBoxRow *row, HilumCasePanel *self)
{
  if (row && !self->updating)
    hilum_workspace_set_active_phase(self->workspace, (size_t)gtk_list_box_row_get_index(row));
}

static void structure_selected(GtkListBox *list, GtkListBoxRow *row, HilumCasePanel *self)
{
  if (!row || self->updating) return;
  HilumStructure *structure = hilum_structure_row_get_structure(HILUM_STRUCTURE_ROW(row));
  hilum_workspace_set_active(self->workspace, hilum_structure_get_label(structure));
}

/* The menu acts on the selected structure, so a right click selects first. */
static void structure_menu(GtkGestureClick *gesture, int n_press, double x, double y, HilumCasePanel *self)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_y(self->structures, (int)y);
  if (!row || !self->menu) return;
  gtk_list_box_select_row(self->structures, row);
  gtk_popover_set_pointing_to(GTK_POPOVER(self->menu), &(GdkRectangle){(int)x, (int)y, 1, 1});
  gtk_popover_popup(GTK_POPOVER(self->menu));
}

/* The same for phases. */
static void phase_menu(GtkGestureClick *gesture, int n_press, double x, double y, HilumCasePanel *self)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_y(self->phases, (int)y);
  if (!row || !self->phase_menu) return;
  gtk_list_box_select_row(self->phases, row);
  gtk_popover_set_pointing_to(GTK_POPOVER(self->phase_menu), &(GdkRectangle){(int)x, (int)y, 1, 1});
  gtk_popover_popup(GTK_POPOVER(self->phase_menu));
}

static gboolean phase_key(GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
                          HilumCasePanel *self)
{
  const bool menu = key == GDK_KEY_Menu || (key == GDK_KEY_F10 && state & GDK_SHIFT_MASK);
  if (!menu || !self->phase_menu) return FALSE;
  gtk_popover_set_pointing_to(GTK_POPOVER(self->phase_menu), NULL);
  gtk_popover_popup(GTK_POPOVER(self->phase_menu));
  return TRUE;
}

/* Space would select the row; here it shows and hides, as everywhere. */
static gboolean list_key(GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
                         HilumCasePanel *self)
{
  bool menu = key == GDK_KEY_Menu || (key == GDK_KEY_F10 && state & GDK_SHIFT_MASK);
  if (menu && self->menu) {
    gtk_popover_set_pointing_to(GTK_POPOVER(self->menu), NULL);
    gtk_popover_popup(GTK_POPOVER(self->menu));
    return TRUE;
  }
  if (key != GDK_KEY_space && key != GDK_KEY_KP_Space) return FALSE;
  GtkWidget *focus = gtk_root_get_focus(gtk_widget_get_root(GTK_WIDGET(self)));
  if (!GTK_IS_LIST_BOX_ROW(focus)) return FALSE; /* a button of the row wants it */
  gtk_widget_activate_action(GTK_WIDGET(self),
                             state & GDK_SHIFT_MASK ? "win.isolate-structure" : "win.toggle-structure", NULL);
  return TRUE;
}

void hilum_case_panel_set_workspace(HilumCasePanel *self, HilumWorkspace *workspace)
{
  g_return_if_fail(!self->workspace);
  self->workspace = g_object_ref(workspace);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  hilum_fusion_bar_set_workspace(self->fusion_bar, workspace);
  bind_case(self);
}

void hilum_case_panel_set_phase_menu(HilumCasePanel *self, GMenuModel *menu)
{
  self->phase_menu = gtk_popover_menu_new_from_model(menu);
  gtk_popover_set_has_arrow(GTK_POPOVER(self->phase_menu), FALSE);
  gtk_widget_set_halign(self->phase_menu, GTK_ALIGN_START);
  gtk_widget_set_parent(self->phase_menu, GTK_WIDGET(self->phases));
}

void hilum_case_panel_set_structure_menu(HilumCasePanel *self, GMenuModel *menu)
{
  self->menu = gtk_popover_menu_new_from_model(menu);
  gtk_popover_set_has_arrow(GTK_POPOVER(self->menu), FALSE);
  gtk_widget_set_halign(self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent(self->menu, GTK_WIDGET(self->structures));
}

static void hilum_case_panel_dispose(GObject *object)
{
  HilumCasePanel *self = HILUM_CASE_PANEL(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  g_clear_pointer(&self->menu, gtk_widget_unparent);
  g_clear_pointer(&self->phase_menu, gtk_widget_unparent);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_case_panel_parent_class)->dispose(object);
}

static void hilum_case_panel_class_init(HilumCasePanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_case_panel_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/case_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumCasePanel, phases);
  gtk_widget_class_bind_template_child(widget, HilumCasePanel, structures);
  gtk_widget_class_bind_template_child(widget, HilumCasePanel, add_button);
  gtk_widget_class_bind_template_child(widget, HilumCasePanel, fusion_bar);
  gtk_widget_class_bind_template_callback(widget, phase_selected);
  gtk_widget_class_bind_template_callback(widget, structure_selected);
}

static void hilum_case_panel_init(HilumCasePanel *self)
{
  g_type_ensure(HILUM_TYPE_FUSION_BAR); /* before the template names it */
  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_widget_add_css_class(gtk_widget_get_first_child(GTK_WIDGET(self->add_button)), "flat-wide");

  GtkGesture *click = gtk_gesture_click_new();
  gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(click), GDK_BUTTON_SECONDARY);
  g_signal_connect(click, "pressed", G_CALLBACK(structure_menu), self);
  gtk_widget_add_controller(GTK_WIDGET(self->structures), GTK_EVENT_CONTROLLER(click));

  GtkEventController *keys = gtk_event_controller_key_new();
  gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_CAPTURE);
  g_signal_connect(keys, "key-pressed", G_CALLBACK(list_key), self);
  gtk_widget_add_controller(GTK_WIDGET(self->structures), keys);

  click = gtk_gesture_click_new();
  gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(click), GDK_BUTTON_SECONDARY);
  g_signal_connect(click, "pressed", G_CALLBACK(phase_menu), self);
  gtk_widget_add_controller(GTK_WIDGET(self->phases), GTK_EVENT_CONTROLLER(click));
  keys = gtk_event_controller_key_new();
  gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_CAPTURE);
  g_signal_connect(keys, "key-pressed", G_CALLBACK(phase_key), self);
  gtk_widget_add_controller(GTK_WIDGET(self->phases), keys);
}
