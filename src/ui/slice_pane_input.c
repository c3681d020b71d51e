/* What the hand does in a 2D pane (docs/user-guide.md, "The hand"): left is the tool, or window/level without
 * one; middle pans; right zooms, or opens the menu when it does not move; the wheel turns slices, with Ctrl
 * it zooms, with Shift it sizes the brush. A click without a tool, or of the middle button, moves the
 * crosshair. */
#include "hilum/view/tool.h"
#include "slice_pane_private.h"
#include "ui_tools.h"

#include <math.h>

#define CLICK_PX 4.0

static GdkModifierType gesture_state(gpointer controller)
{
  return gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(controller));
}

static bool has_images(HilumSlicePane *self)
{
  return self->workspace && hilum_workspace_get_phase_count(self->workspace) > 0;
}

static bool send_tool(HilumSlicePane *self, HilumToolEventType type, double x, double y,
                      GdkModifierType state, double scroll)
{
  HilumTool *tool = hilum_workspace_get_tool(self->workspace);
  if (!tool) return false;
  HilumToolEvent event = hilum_tool_event_at(
      self->workspace, type, self->plane, x, y, gtk_widget_get_width(GTK_WIDGET(self->area)),
      gtk_widget_get_height(GTK_WIDGET(self->area)), hilum_modifiers_from_gdk(state));
  event.scroll = scroll;
  return hilum_tool_handle(tool, &event);
}

static HilumVec3 place(HilumSlicePane *self, double x, double y)
{
  return hilum_slice_state_widget_to_mm(hilum_workspace_get_slice(self->workspace, self->plane), x, y);
}

static void set_pointer(HilumSlicePane *self, double x, double y)
{
  hilum_workspace_set_pointer(self->workspace, self->plane, place(self, x, y), true);
}

/* Ctrl+click takes the structure under the pointer, whatever the tool. */
static bool take_structure(HilumSlicePane *self, double x, double y)
{
  double value;
  uint8_t label = 0;
  if (!hilum_workspace_probe(self->workspace, place(self, x, y), &value, &label) || label == 0) return false;
  hilum_workspace_set_active(self->workspace, label);
  return true;
}

static void drag_begin(GtkGestureDrag *gesture, double x, double y, HilumSlicePane *self)
{
  if (!has_images(self)) return;
  GdkModifierType state = gesture_state(gesture);
  gtk_widget_grab_focus(GTK_WIDGET(self->area));
  self->start_x = self->last_x = x;
  self->start_y = self->last_y = y;
  self->moved = false;
  self->hand = HILUM_HAND_IDLE;
  set_pointer(self, x, y);
  switch (gtk_gesture_single_get_current_button(GTK_GESTURE_SINGLE(gesture))) {
  case GDK_BUTTON_PRIMARY:
    if (state & GDK_CONTROL_MASK && take_structure(self, x, y)) return;
    self->start_window = hilum_workspace_get_window(self->workspace);
    self->hand = send_tool(self, HILUM_TOOL_PRESS, x, y, state, 0) ? HILUM_HAND_TOOL : HILUM_HAND_WINDOW;
    break;
  case GDK_BUTTON_MIDDLE:
    self->hand = HILUM_HAND_PAN;
    break;
  case GDK_BUTTON_SECONDARY:
    self->hand = HILUM_HAND_ZOOM;
    break;
  default:
    break;
  }
}

/* All the way to (x, y), also what GDK folded into one event. */
static void drag_tool(HilumSlicePane *self, GtkGestureDrag *gesture, double x, double y)
{
  GdkModifierType state = gesture_state(gesture);
  g_autoptr(GArray) history = hilum_motion_dup_history(GTK_EVENT_CONTROLLER(gesture), GTK_WIDGET(self->area));
  for (guint n = 0; n < history->len; n++) {
    const graphene_point_t place = g_array_index(history, graphene_point_t, n);
    send_tool(self, HILUM_TOOL_DRAG, place.x, place.y, state, 0);
  }
  send_tool(self, HILUM_TOOL_DRAG, x, y, state, 0);
}

static void drag_update(GtkGestureDrag *gesture, double dx, double dy, HilumSlicePane *self)
{
  if (self->hand == HILUM_HAND_IDLE || !has_images(self)) return;
  double x = self->start_x + dx, y = self->start_y + dy;
  if (hypot(dx, dy) >= CLICK_PX) self->moved = true;
  HilumSliceState state = *hilum_workspace_get_slice(self->workspace, self->plane);
  set_pointer(self, x, y);
  switch (self->hand) {
  case HILUM_HAND_TOOL:
    drag_tool(self, gesture, x, y);
    break;
  case HILUM_HAND_WINDOW:
    if (self->moved)
      hilum_workspace_set_window(
          self->workspace,
          hilum_window_drag(hilum_workspace_get_active_volume(self->workspace), self->start_window, dx, dy));
    break;
  case HILUM_HAND_PAN:
    if (!self->moved) return;
    hilum_slice_state_pan(&state, x - self->last_x, y - self->last_y);
    hilum_workspace_set_slice(self->workspace, &state);
    break;
  case HILUM_HAND_ZOOM:
    if (!self->moved) return;
    hilum_slice_state_zoom(&state, exp((self->last_y - y) * 0.008), self->start_x, self->start_y);
    hilum_workspace_set_slice(self->workspace, &state);
    break;
  default:
    break;
  }
  self->last_x = x;
  self->last_y = y;
}

static void popup_menu(HilumSlicePane *self, double x, double y)
{
  gtk_popover_set_pointing_to(GTK_POPOVER(self->menu), &(GdkRectangle){(int)x, (int)y, 1, 1});
  gtk_popover_popup(GTK_POPOVER(self->menu));
}

static void drag_end(GtkGestureDrag *gesture, double dx, double dy, HilumSlicePane *self)
{
  HilumHand hand = self->hand;
  self->hand = HILUM_HAND_IDLE;
  if (!has_images(self)) return;
  double x = self->start_x + dx, y = self->start_y + dy;
  if (hand == HILUM_HAND_TOOL)
    send_tool(self, HILUM_TOOL_RELEASE, x, y, gesture_state(gesture), 0);
  else if (!self->moved && (hand == HILUM_HAND_WINDOW || hand == HILUM_HAND_PAN))
    hilum_workspace_set_cursor_mm(self->workspace, place(self, x, y));
  else if (!self->moved && hand == HILUM_HAND_ZOOM)
    popup_menu(self, x, y);
}

static void drag_cancel(GtkGesture *gesture, GdkEventSequence *sequence, HilumSlicePane *self)
{
  if (self->hand == HILUM_HAND_TOOL) {
    HilumTool *tool = hilum_workspace_get_tool(self->workspace);
    if (tool) hilum_tool_cancel(tool);
  }
  self->hand = HILUM_HAND_IDLE;
}

/* Twice in a row maximises, unless the tool in hand makes something of each click. */
static void double_clicked(GtkGestureClick *gesture, int n_press, double x, double y, HilumSlicePane *self)
{
  if (n_press != 2 || !has_images(self)) return;
  HilumTool *tool = hilum_workspace_get_tool(self->workspace);
  if (tool && hilum_tool_get_kind(tool) != HILUM_TOOL_WINDOW) return;
  gtk_widget_activate_action(GTK_WIDGET(self), "win.maximize-pane", NULL);
}

static void pointer_entered(GtkEventControllerMotion *controller, double x, double y, HilumSlicePane *self)
{
  self->pointer_x = x;
  self->pointer_y = y;
  g_signal_emit_by_name(self, "focused");
}

static void pointer_moved(GtkEventControllerMotion *controller, double x, double y, HilumSlicePane *self)
{
  self->pointer_x = x;
  self->pointer_y = y;
  if (!has_images(self) || self->hand != HILUM_HAND_IDLE) return;
  set_pointer(self, x, y);
  send_tool(self, HILUM_TOOL_HOVER, x, y, gesture_state(controller), 0);
}

static void pointer_left(GtkEventControllerMotion *controller, HilumSlicePane *self)
{
  if (!has_images(self)) return;
  send_tool(self, HILUM_TOOL_LEAVE, self->last_x, self->last_y, gesture_state(controller), 0);
  hilum_workspace_set_pointer(self->workspace, self->plane, (HilumVec3){0}, false);
}

static gboolean scrolled(GtkEventControllerScroll *controller, double dx, double dy, HilumSlicePane *self)
{
  if (!has_images(self)) return FALSE;
  GdkModifierType modifiers = gesture_state(controller);
  /* GDK's events of a wheel know no position (it is NaN). */
  const double x = self->pointer_x, y = self->pointer_y;
  /* GDK turns Shift + vertical wheel into a horizontal one on some platforms. */
  double turn = fabs(dy) >= fabs(dx) ? dy : dx;
  if (modifiers & GDK_SHIFT_MASK && send_tool(self, HILUM_TOOL_RESIZE, x, y, modifiers, -turn)) return TRUE;
  HilumSliceState state = *hilum_workspace_get_slice(self->workspace, self->plane);
  if (modifiers & GDK_CONTROL_MASK) {
    hilum_slice_state_zoom(&state, exp(-turn * 0.15), x, y);
    hilum_workspace_set_slice(self->workspace, &state);
    return TRUE;
  }
  self->scroll_rest += turn;
  int steps = (int)trunc(self->scroll_rest);
  self->scroll_rest -= steps;
  if (steps != 0 && hilum_slice_state_step(&state, -steps))
    hilum_workspace_set_slice(self->workspace, &state);
  return TRUE;
}

void hilum_slice_pane_init_input(HilumSlicePane *self)
{
  GtkWidget *area = GTK_WIDGET(self->area);

  GtkGesture *drag = gtk_gesture_drag_new();
  gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(drag), 0);
  g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), self);
  g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), self);
  g_signal_connect(drag, "drag-end", G_CALLBACK(drag_end), self);
  g_signal_connect(drag, "cancel", G_CALLBACK(drag_cancel), self);
  gtk_widget_add_controller(area, GTK_EVENT_CONTROLLER(drag));

  GtkGesture *click = gtk_gesture_click_new();
  gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(click), GDK_BUTTON_PRIMARY);
  g_signal_connect(click, "pressed", G_CALLBACK(double_clicked), self);
  gtk_widget_add_controller(area, GTK_EVENT_CONTROLLER(click));

  GtkEventController *motion = gtk_event_controller_motion_new();
  g_signal_connect(motion, "enter", G_CALLBACK(pointer_entered), self);
  g_signal_connect(motion, "motion", G_CALLBACK(pointer_moved), self);
  g_signal_connect(motion, "leave", G_CALLBACK(pointer_left), self);
  gtk_widget_add_controller(area, motion);

  GtkEventController *scroll = gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect(scroll, "scroll", G_CALLBACK(scrolled), self);
  gtk_widget_add_controller(area, scroll);

  GtkEventController *focus = gtk_event_controller_focus_new();
  g_signal_connect_swapped(focus, "enter", G_CALLBACK(gtk_widget_queue_draw), self);
  gtk_widget_add_controller(area, focus);
}
