/* Acts on structures and steps: undo, tools, apply, show, isolate, lock, add, delete. */
#include "guide_actions.h"
#include "structure_dialog.h"
#include "window_private.h"

#include <glib/gi18n.h>

static HilumStructure *active_structure(HilumWindow *self)
{
  return hilum_window_get_shown_case(self)
             ? hilum_case_get_structure(self->the_case, hilum_workspace_get_active(self->workspace))
             : NULL;
}

static void report(HilumWindow *self, bool done, GError *error)
{
  if (!done && error) hilum_window_show_error(self, error);
  g_clear_error(&error);
  hilum_window_update(self);
}

/* --- steps --- */

static void put_preview_away(HilumWindow *self)
{
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  if (tool) hilum_tool_cancel(tool);
}

static void undo(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  GError *error = NULL;
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  if (tool && hilum_tool_has_own_steps(tool)) {
    hilum_tool_step_back(tool);
    return;
  }
  put_preview_away(self);
  report(self, hilum_history_undo(hilum_case_get_history(self->the_case), &error), error);
}

static void redo(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  GError *error = NULL;
  put_preview_away(self);
  report(self, hilum_history_redo(hilum_case_get_history(self->the_case), &error), error);
}

static void show_history(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  put_preview_away(self);
  gtk_menu_button_popup(self->history_button);
  gtk_widget_grab_focus(GTK_WIDGET(self->history_panel));
}

static void apply(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  if (hilum_guide_session_can_go_on(self->guide))
    hilum_guide_session_go_on(self->guide);
  else
    hilum_tool_panel_apply(self->tool_panel);
}

static void change_tool(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWindow *self = data;
  const char *id = g_variant_get_string(state, NULL);
  /* The same button again puts the tool away. */
  if (g_str_equal(id, hilum_toolbox_get_id(self->toolbox))) id = "";
  if (*id) hilum_workspace_set_task(self->workspace, HILUM_TASK_SEGMENT);
  hilum_toolbox_choose(self->toolbox, id);
}

static void no_tool(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  /* First an outline in progress, then the tool. */
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  if (tool && hilum_tool_back_out(tool)) return;
  hilum_toolbox_choose(self->toolbox, "");
}

static void step_back(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumTool *tool = hilum_toolbox_get_tool(((HilumWindow *)data)->toolbox);
  if (tool) hilum_tool_step_back(tool);
}

static void more_tools(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  hilum_workspace_set_task(self->workspace, HILUM_TASK_SEGMENT);
  hilum_tool_panel_open_more(self->tool_panel);
}

static void cancel_jobs(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_job_list_cancel_shown(((HilumWindow *)data)->jobs);
}

/* --- structures --- */

static void add_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumStructureKind kind = HILUM_STRUCTURE_OTHER;
  for (int k = 0; k < HILUM_STRUCTURE_KINDS; k++)
    if (g_str_equal(hilum_structure_kind_id((HilumStructureKind)k), g_variant_get_string(parameter, NULL)))
      kind = (HilumStructureKind)k;
  GError *error = NULL;
  HilumStructure *structure = hilum_case_add_structure(self->the_case, kind, NULL, &error);
  if (structure) hilum_workspace_set_active(self->workspace, hilum_structure_get_label(structure));
  report(self, structure != NULL, error);
}

static void edit_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumStructure *structure = active_structure(self);
  if (structure) hilum_structure_dialog_edit(GTK_WINDOW(self), self->the_case, structure);
}

static void toggle_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumStructure *structure = active_structure(self);
  if (structure)
    hilum_case_set_structure_visible(self->the_case, structure, !hilum_structure_get_visible(structure));
}

static void isolate_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  uint8_t active = hilum_workspace_get_active(self->workspace);
  uint8_t isolated = hilum_workspace_get_isolated(self->workspace);
  hilum_workspace_set_isolated(self->workspace, isolated == active ? 0 : active);
}

static void lock_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumStructure *structure = active_structure(self);
  GError *error = NULL;
  if (structure)
    report(
        self,
        hilum_case_lock_structure(self->the_case, structure, !hilum_structure_get_locked(structure), &error),
        error);
}

static void delete_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumStructure *structure = active_structure(self);
  GError *error = NULL;
  if (!structure) return;
  uint8_t next = hilum_workspace_next_structure(self->workspace, 1);
  bool done = hilum_case_remove_structure(self->the_case, structure, &error);
  if (done && next && hilum_case_get_structure(self->the_case, next))
    hilum_workspace_set_active(self->workspace, next);
  report(self, done, error);
}

static bool clear_voxels(HilumWindow *self, HilumStructure *structure, GError **error)
{
  HilumLabelWrite write;
  if (!hilum_case_prepare_write(self->the_case, structure, HILUM_LABEL_REPLACE, &write, error)) return false;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self->the_case);
  g_autoptr(HilumMask) nothing = hilum_mask_new(hilum_label_snapshot_get_grid(labels)->dims, error);
  if (!nothing) return false;
  HilumVoxelBox box = hilum_label_snapshot_bounds(labels, hilum_structure_get_label(structure));
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(labels, nothing, &box, &write, NULL, error);
  if (!delta) return false;
  g_autofree char *title = g_strdup_printf(_("Clear %s"), hilum_structure_get_name(structure));
  return hilum_case_apply_labels(self->the_case, title, delta, error);
}

static void clear_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumStructure *structure = active_structure(self);
  GError *error = NULL;
  if (structure && hilum_structure_get_voxels(structure) > 0)
    report(self, clear_voxels(self, structure, &error), error);
}

static void step_structure(HilumWindow *self, int direction)
{
  uint8_t next = hilum_workspace_next_structure(self->workspace, direction);
  if (next) hilum_workspace_set_active(self->workspace, next);
}

static void next_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  step_structure(data, 1);
}

static void previous_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  step_structure(data, -1);
}

/* The structure under the pointer, in a slice or on a surface. */
static void take_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumSlicePlane plane;
  HilumVec3 point_mm;
  double value;
  uint8_t label = 0;
  if (hilum_workspace_get_pointer(self->workspace, &plane, &point_mm) &&
      hilum_workspace_probe(self->workspace, point_mm, &value, &label) && label)
    hilum_workspace_set_active(self->workspace, label);
}

static void go_to_structure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumStructure *structure = active_structure(self);
  if (!structure || hilum_structure_get_voxels(structure) == 0) return;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self->the_case);
  HilumVoxelBox box = hilum_label_snapshot_bounds(labels, hilum_structure_get_label(structure));
  HilumIndexPos middle = {(box.lo[0] + box.hi[0] - 1) / 2.0, (box.lo[1] + box.hi[1] - 1) / 2.0,
                          (box.lo[2] + box.hi[2] - 1) / 2.0};
  hilum_workspace_set_cursor_mm(self->workspace,
                                hilum_grid_to_mm(hilum_label_snapshot_get_grid(labels), middle));
}

static void change_side(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWindow *self = data;
  for (int side = HILUM_SIDE_UNKNOWN; side <= HILUM_SIDE_BOTH; side++)
    if (g_str_equal(hilum_side_name((HilumSide)side), g_variant_get_string(state, NULL)))
      hilum_case_set_side(self->the_case, (HilumSide)side);
}

static void measure(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_review_panel_measure(((HilumWindow *)data)->review_panel);
}

void hilum_window_update_undo(HilumWindow *self)
{
  HilumCase *the_case = hilum_window_get_shown_case(self);
  HilumHistory *history = the_case ? hilum_case_get_history(the_case) : NULL;
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  hilum_window_enable(
      self, "undo", history && (hilum_history_can_undo(history) || (tool && hilum_tool_has_own_steps(tool))));
  hilum_window_enable(self, "redo", history && hilum_history_can_redo(history));
}

void hilum_window_update_edit_actions(HilumWindow *self)
{
  static const char *const on_structure[] = {"edit-structure", "toggle-structure", "isolate-structure",
                                             "lock-structure", "delete-structure", "clear-structure",
                                             "go-to-structure"};
  static const char *const on_case[] = {"add-structure",  "next-structure", "previous-structure",
                                        "take-structure", "tool",           "no-tool",
                                        "step-back",      "more-tools",     "side",
                                        "measure",        "history"};
  HilumCase *the_case = hilum_window_get_shown_case(self);
  HilumStructure *structure = active_structure(self);
  hilum_window_enable(self, "apply",
                      the_case && (hilum_guide_session_can_go_on(self->guide) ||
                                   hilum_tool_panel_can_apply(self->tool_panel)));
  hilum_guide_actions_update(self);
  hilum_window_enable(self, "cancel-jobs", hilum_job_list_count(self->jobs, true) > 0);
  for (size_t n = 0; n < G_N_ELEMENTS(on_structure); n++)
    hilum_window_enable(self, on_structure[n], structure != NULL);
  for (size_t n = 0; n < G_N_ELEMENTS(on_case); n++)
    hilum_window_enable(self, on_case[n], the_case != NULL);
  hilum_window_set_state(self, "tool", g_variant_new_string(hilum_toolbox_get_id(self->toolbox)));
  HilumSide side = the_case ? hilum_case_get_side(the_case) : HILUM_SIDE_UNKNOWN;
  hilum_window_set_state(self, "side", g_variant_new_string(hilum_side_name(side)));
}

void hilum_window_add_edit_actions(HilumWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "undo", .activate = undo},
      {.name = "redo", .activate = redo},
      {.name = "history", .activate = show_history},
      {.name = "apply", .activate = apply},
      {.name = "tool", .parameter_type = "s", .state = "''", .change_state = change_tool},
      {.name = "no-tool", .activate = no_tool},
      {.name = "step-back", .activate = step_back},
      {.name = "more-tools", .activate = more_tools},
      {.name = "cancel-jobs", .activate = cancel_jobs},
      {.name = "add-structure", .activate = add_structure, .parameter_type = "s"},
      {.name = "edit-structure", .activate = edit_structure},
      {.name = "toggle-structure", .activate = toggle_structure},
      {.name = "isolate-structure", .activate = isolate_structure},
      {.name = "lock-structure", .activate = lock_structure},
      {.name = "delete-structure", .activate = delete_structure},
      {.name = "clear-structure", .activate = clear_structure},
      {.name = "next-structure", .activate = next_structure},
      {.name = "previous-structure", .activate = previous_structure},
      {.name = "take-structure", .activate = take_structure},
      {.name = "go-to-structure", .activate = go_to_structure},
      {.name = "side", .parameter_type = "s", .state = "'unknown'", .change_state = change_side},
      {.name = "measure", .activate = measure},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
  hilum_guide_actions_add(self);
}
