/* Right: the tools. */
#include "tool_panel.h"

#include "brush_settings.h"
#include "draw_settings.h"
#include "guide_panel.h"
#include "hilum/casefile/case.h"
#include "islands_settings.h"
#include "limits_settings.h"
#include "range_settings.h"
#include "step_settings.h"
#include "tool_grid.h"
#include "tool_table.h"
#include "ui_tools.h"
#include "window_settings.h"

#include <glib/gi18n.h>

struct _HilumToolPanel {
  GtkWidget parent_instance;
  HilumToolGrid *grid;
  GtkLabel *title, *status_title, *status, *hint, *badge;
  GtkStack *pages;
  GtkWidget *apply, *status_card, *badge_box;
  HilumWindowSettings *window_settings;
  HilumRangeSettings *range_settings;
  HilumBrushSettings *brush_settings;
  HilumIslandsSettings *islands_settings;
  HilumDrawSettings *draw_settings;
  HilumLimitsSettings *limits_settings;
  HilumStepSettings *step_settings;
  HilumGuidePanel *guide_panel;
  HilumWorkspace *workspace;
  HilumToolbox *toolbox;
  const HilumToolEntry *shown;
  gconstpointer shown_tool; /* only compared */
};

G_DEFINE_FINAL_TYPE(HilumToolPanel, hilum_tool_panel, GTK_TYPE_WIDGET)

/* What the panel shows without a tool. */
static const HilumToolEntry no_tool = {
    .id = "",
    .kind = -1,
    .page = "none",
    .title = N_("NO TOOL"),
    .hint =
        N_("Drag to set the window; click to move the crosshair. Choose a tool above, or press its digit.")};

static const HilumToolEntry *current(HilumToolPanel *self)
{
  const int index = hilum_tool_table_find(hilum_toolbox_get_id(self->toolbox));
  return index < 0 ? &no_tool : hilum_tool_table_get((size_t)index);
}

static bool writes(const HilumToolEntry *entry)
{
  return entry != &no_tool && entry->kind != HILUM_TOOL_WINDOW && entry->kind != HILUM_TOOL_GUIDE;
}

static char *dup_locked_names(HilumWorkspace *workspace)
{
  GString *names = g_string_new(NULL);
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    const HilumStructureLook *look = hilum_workspace_get_look(workspace, (uint8_t)label);
    if (look->used && look->locked) g_string_append_printf(names, "%s%s", names->len ? ", " : "", look->name);
  }
  return g_string_free(names, FALSE);
}

static void show_title(HilumToolPanel *self)
{
  const HilumToolEntry *view = current(self);
  uint8_t active = hilum_workspace_get_active(self->workspace);
  const char *name = active ? hilum_workspace_get_look(self->workspace, active)->name : NULL;
  g_autofree char *upper = writes(view) && name ? g_utf8_strup(name, -1) : NULL;
  g_autofree char *title =
      upper ? g_strdup_printf("%s → %s", _(view->title), upper) : g_strdup(_(view->title));
  hilum_label_update(self->title, title);
}

/* Smoothing all structures together asks for one that is shown and not locked. */
static char *dup_joint_obstacle(HilumToolPanel *self)
{
  HilumLabelWrite write;
  g_autoptr(GError) error = NULL;
  return hilum_workspace_prepare_clear(self->workspace, &write, &error) ? g_strdup("")
                                                                        : g_strdup(error->message);
}

/* What has no tool in the view has a badge all the same. "" for none; g_free(). */
static char *dup_badge(HilumToolPanel *self)
{
  double sigma_mm;
  bool outer;
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  if (tool) return g_strdup(hilum_tool_get_badge(tool));
  if (current(self) == &no_tool) return g_strdup("");
  if (g_str_equal(current(self)->id, "smooth") &&
      hilum_step_settings_is_joint(self->step_settings, &sigma_mm, &outer))
    return dup_joint_obstacle(self);
  char *obstacle = hilum_tool_dup_obstacle(self->workspace);
  if (obstacle || g_str_equal(current(self)->id, "combine")) return obstacle ? obstacle : g_strdup("");
  const uint8_t active = hilum_workspace_get_active(self->workspace);
  if (hilum_label_map_count(hilum_workspace_get_labels(self->workspace), active) > 0) return g_strdup("");
  return g_strdup_printf(_("%s has no voxels yet: there is nothing to change."),
                         hilum_workspace_get_look(self->workspace, active)->name);
}

static void show_status(HilumToolPanel *self)
{
  const HilumToolEntry *view = current(self);
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  g_autofree char *badge = dup_badge(self);
  const char *status = tool ? hilum_tool_get_status(tool) : "";
  bool busy = hilum_toolbox_is_busy(self->toolbox);
  hilum_label_update(self->status_title, busy ? _("Working…") : view->applies ? _("Preview") : _("How"));
  hilum_label_update(self->status, status);
  gtk_widget_set_visible(GTK_WIDGET(self->status), *status != 0);
  hilum_label_update(self->hint, _(view->hint));
  hilum_label_update(self->badge, badge);
  gtk_widget_set_visible(self->badge_box, *badge != 0);
  /* Without a preview the tool's own words say what to do. */
  gtk_widget_set_visible(GTK_WIDGET(self->hint), *status == 0 || (tool && hilum_tool_get_can_apply(tool)));
}

static void show_tool(HilumToolPanel *self)
{
  const HilumToolEntry *view = current(self);
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  const char *page = view->page;
  bool range = g_str_equal(page, "range"), brush = g_str_equal(page, "brush"),
       islands = g_str_equal(page, "islands"), draw = g_str_equal(page, "draw");
  if (g_strcmp0(gtk_stack_get_visible_child_name(self->pages), page) != 0)
    gtk_stack_set_visible_child_name(self->pages, page);
  hilum_range_settings_set_tool(self->range_settings, range ? tool : NULL);
  hilum_brush_settings_set_tool(self->brush_settings, brush ? tool : NULL);
  hilum_islands_settings_set_tool(self->islands_settings, islands ? tool : NULL);
  hilum_draw_settings_set_tool(self->draw_settings, draw ? tool : NULL);
  if (g_str_equal(page, "step")) hilum_step_settings_set_kind(self->step_settings, view->id);
  gtk_widget_set_visible(self->apply, view->applies);
  gtk_widget_set_visible(GTK_WIDGET(self->limits_settings), writes(view));
  hilum_tool_grid_set_current(self->grid, view->id);
  show_title(self);
}

/* A drag changes the status with every event; what belongs to another tool is set up once. */
static void toolbox_changed(HilumToolbox *toolbox, HilumToolPanel *self)
{
  HilumTool *tool = hilum_toolbox_get_tool(toolbox);
  if (current(self) != self->shown || tool != self->shown_tool) show_tool(self);
  self->shown = current(self);
  self->shown_tool = tool;
  show_status(self);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumToolPanel *self)
{
  const unsigned structures = HILUM_CHANGE_CASE | HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_ACTIVE;
  if (changes & (structures | HILUM_CHANGE_LABELS)) show_status(self);
  if (!(changes & (structures | HILUM_CHANGE_PHASE))) return;
  g_autofree char *locked = dup_locked_names(workspace);
  hilum_range_settings_update(self->range_settings, hilum_workspace_get_active_volume(workspace), locked);
  hilum_brush_settings_update(self->brush_settings, locked);
  show_title(self);
}

bool hilum_tool_panel_can_apply(HilumToolPanel *self)
{
  if (!current(self)->applies || hilum_workspace_get_active(self->workspace) == 0) return false;
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  if (tool) return hilum_tool_get_can_apply(tool);
  g_autofree char *badge = dup_badge(self);
  return *badge == 0 && !hilum_toolbox_is_busy(self->toolbox);
}

void hilum_tool_panel_apply(HilumToolPanel *self)
{
  if (!hilum_tool_panel_can_apply(self)) return;
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  if (tool) {
    hilum_tool_apply(tool);
    return;
  }
  HilumStep step;
  g_autofree char *title = NULL;
  double sigma_mm;
  bool outer;
  if (hilum_step_settings_is_joint(self->step_settings, &sigma_mm, &outer)) {
    hilum_toolbox_smooth_jointly(self->toolbox, sigma_mm, outer);
    return;
  }
  if (hilum_step_settings_make(self->step_settings, &step, &title))
    hilum_toolbox_run_step(self->toolbox, &step, title);
}

void hilum_tool_panel_open_more(HilumToolPanel *self)
{
  hilum_tool_grid_open_more(self->grid);
}

void hilum_tool_panel_set_guide(HilumToolPanel *self, HilumWorkspace *workspace, HilumGuideSession *guide)
{
  hilum_guide_panel_set_session(self->guide_panel, workspace, guide);
}

/* Whether it can be applied may have changed with it: the window asks again. */
static void step_chosen(HilumToolPanel *self)
{
  if (self->toolbox) g_signal_emit_by_name(self->toolbox, "changed");
}

void hilum_tool_panel_set_toolbox(HilumToolPanel *self, HilumWorkspace *workspace, HilumToolbox *toolbox)
{
  self->workspace = g_object_ref(workspace);
  self->toolbox = g_object_ref(toolbox);
  hilum_window_settings_set_workspace(self->window_settings, workspace);
  hilum_step_settings_set_workspace(self->step_settings, workspace);
  hilum_range_settings_set_workspace(self->range_settings, workspace);
  hilum_limits_settings_set_workspace(self->limits_settings, workspace);
  g_signal_connect(toolbox, "changed", G_CALLBACK(toolbox_changed), self);
  g_signal_connect_swapped(self->step_settings, "changed", G_CALLBACK(step_chosen), self);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  toolbox_changed(toolbox, self);
  workspace_changed(workspace, HILUM_CHANGE_ALL, self);
}

static void hilum_tool_panel_dispose(GObject *object)
{
  HilumToolPanel *self = HILUM_TOOL_PANEL(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  if (self->toolbox) g_signal_handlers_disconnect_by_data(self->toolbox, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->toolbox);
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_tool_panel_parent_class)->dispose(object);
}

static void hilum_tool_panel_class_init(HilumToolPanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_tool_panel_dispose;
  g_type_ensure(HILUM_TYPE_WINDOW_SETTINGS);
  g_type_ensure(HILUM_TYPE_RANGE_SETTINGS);
  g_type_ensure(HILUM_TYPE_BRUSH_SETTINGS);
  g_type_ensure(HILUM_TYPE_ISLANDS_SETTINGS);
  g_type_ensure(HILUM_TYPE_DRAW_SETTINGS);
  g_type_ensure(HILUM_TYPE_LIMITS_SETTINGS);
  g_type_ensure(HILUM_TYPE_TOOL_GRID);
  g_type_ensure(HILUM_TYPE_STEP_SETTINGS);
  g_type_ensure(HILUM_TYPE_GUIDE_PANEL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/tool_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, title);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, pages);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, apply);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, status_card);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, status_title);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, status);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, hint);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, window_settings);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, range_settings);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, brush_settings);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, islands_settings);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, draw_settings);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, limits_settings);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, grid);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, badge);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, badge_box);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, step_settings);
  gtk_widget_class_bind_template_child(widget, HilumToolPanel, guide_panel);
}

static void hilum_tool_panel_init(HilumToolPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
