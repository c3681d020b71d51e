/* The 3D pane. */
#include "model_pane.h"

#include "cut_hand.h"
#include "cut_view.h"
#include "hilum/casefile/case.h"
#include "hilum/render/mesh_pass.h"
#include "hilum/view/tool.h"
#include "outline_view.h"
#include "ui_tools.h"

#include <glib/gi18n.h>
#include <math.h>

#define CLICK_PX 4.0
#define SYNC_BUDGET_MS 6
/* Under the brush 3D takes at most a quarter of the time: where drawing is slow, the slices go first. */
#define STROKE_PAUSES 3
/* A click looks through what is more transparent than this. */
#define SOLID_OPACITY 0.6

typedef enum { HAND_IDLE, HAND_TOOL, HAND_CUT, HAND_ROTATE, HAND_PAN, HAND_ZOOM } Hand;

struct _HilumModelPane {
  GtkWidget parent_instance;
  GtkGLArea *area;
  GtkLabel *direction, *surface_note, *hint;
  HilumCutView *cut_view;
  HilumOutlineView *outline;
  GtkPopoverMenu *menu;

  HilumWorkspace *workspace;
  HilumGlShare *share;
  HilumMeshPass *pass;
  bool failed, updating;
  bool more;                  /* something is still to be brought to the GPU */
  bool framed;                /* the camera has seen all surfaces or the user moved it */
  guint update_id, render_id; /* a frame that was put off */
  gint64 drawn_us, frame_us;  /* when the last frame was ready, and how long it took */

  Hand hand;
  HilumCutHand cut;
  double start_x, start_y, last_x, last_y; /* of the drag */
  double pointer_x, pointer_y;             /* zooming with the wheel is about this place */
  bool moved;
};

enum { FAILED, FOCUSED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumModelPane, hilum_model_pane, GTK_TYPE_WIDGET)

/* --- words --- */

static void append_side(GString *text, char letter)
{
  const char *word = letter == 'A'   ? _("anterior")
                     : letter == 'P' ? _("posterior")
                     : letter == 'L' ? _("left")
                     : letter == 'R' ? _("right")
                     : letter == 'S' ? _("superior")
                                     : _("inferior");
  if (text->len) g_string_append_c(text, ' ');
  g_string_append(text, word);
}

static gboolean update_labels(gpointer data)
{
  HilumModelPane *self = data;
  self->update_id = 0;
  if (self->more) gtk_gl_area_queue_render(self->area);
  char letters[4];
  hilum_camera_letters(hilum_workspace_get_camera(self->workspace), letters);
  g_autoptr(GString) direction = g_string_new(NULL);
  for (const char *letter = letters; *letter; letter++)
    append_side(direction, *letter);
  hilum_label_update(self->direction, direction->str);

  uint64_t triangles = hilum_workspace_count_triangles(self->workspace);
  g_autofree char *count = hilum_count_dup_text(triangles);
  g_autofree char *note =
      triangles == 0 ? g_strdup(self->updating ? _("surfaces updating…") : "")
                     : g_strdup_printf(_("%s\n%s triangles"),
                                       self->updating ? _("surfaces updating…") : _("surfaces live"), count);
  hilum_label_update(self->surface_note, note);
  gtk_widget_set_visible(GTK_WIDGET(self->hint),
                         triangles == 0 && hilum_workspace_get_phase_count(self->workspace) > 0);
  return G_SOURCE_REMOVE;
}

static void queue_update(HilumModelPane *self)
{
  if (!self->update_id) self->update_id = g_idle_add_full(G_PRIORITY_HIGH_IDLE, update_labels, self, NULL);
}

void hilum_model_pane_set_updating(HilumModelPane *self, bool updating)
{
  if (self->updating == updating) return;
  self->updating = updating;
  /* Surfaces come one by one: the frame holds once the last of them is there. */
  if (!updating && hilum_workspace_count_triangles(self->workspace) > 0) self->framed = true;
  queue_update(self);
}

void hilum_model_pane_fit(HilumModelPane *self)
{
  HilumBox scene = hilum_workspace_get_scene_bounds(self->workspace);
  HilumCamera camera = *hilum_workspace_get_camera(self->workspace);
  int width = gtk_widget_get_width(GTK_WIDGET(self->area)),
      height = gtk_widget_get_height(GTK_WIDGET(self->area));
  if (hilum_box_is_empty(scene) || width <= 0 || height <= 0) return;
  hilum_camera_fit(&camera, scene, width, height);
  hilum_workspace_set_camera(self->workspace, &camera);
}

static gboolean render_now(gpointer data)
{
  HilumModelPane *self = data;
  self->render_id = 0;
  gtk_gl_area_queue_render(self->area);
  return G_SOURCE_REMOVE;
}

/* At once, or, in the middle of a stroke, when enough time has passed since the last frame. */
static void queue_render(HilumModelPane *self, bool in_stroke)
{
  gint64 wait_us = self->drawn_us + STROKE_PAUSES * self->frame_us - g_get_monotonic_time();
  if (in_stroke && self->render_id) return;
  g_clear_handle_id(&self->render_id, g_source_remove);
  if (in_stroke && wait_us > 0)
    self->render_id = g_timeout_add((guint)(wait_us / 1000 + 1), render_now, self);
  else
    gtk_gl_area_queue_render(self->area);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumModelPane *self)
{
  const unsigned seen = HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_STRUCTURES |
                        HILUM_CHANGE_MESHES | HILUM_CHANGE_CAMERA | HILUM_CHANGE_OPTIONS |
                        HILUM_CHANGE_ACTIVE | HILUM_CHANGE_COLORING | HILUM_CHANGE_CLIP;
  unsigned drawn = seen;
  if (hilum_workspace_get_options(workspace)->slice_planes)
    drawn |= HILUM_CHANGE_AXIAL | HILUM_CHANGE_SAGITTAL | HILUM_CHANGE_CORONAL | HILUM_CHANGE_WINDOW |
             HILUM_CHANGE_LABELS;
  if (hilum_workspace_count_triangles(workspace) > 0) drawn |= HILUM_CHANGE_CURSOR;
  if (changes & HILUM_CHANGE_CASE) {
    /* A case that remembers its camera keeps it. */
    HilumCase *the_case = hilum_workspace_get_case(workspace);
    self->framed = the_case && hilum_case_get_view_value(the_case, "camera");
  }
  if (changes & HILUM_CHANGE_MESHES && !self->framed && hilum_workspace_count_triangles(workspace) > 0)
    hilum_model_pane_fit(self);
  if (changes & seen) queue_update(self);
  if (changes & drawn) queue_render(self, hilum_workspace_is_in_stroke(workspace));
}

/* --- drawing --- */

static void area_realized(GtkGLArea *area, HilumModelPane *self)
{
  gtk_gl_area_make_current(area);
  if (self->share) hilum_gl_share_attach(self->share);
}

static void area_unrealized(GtkGLArea *area, HilumModelPane *self)
{
  gtk_gl_area_make_current(area);
  g_clear_pointer(&self->pass, hilum_mesh_pass_free);
  if (self->share) hilum_gl_share_detach(self->share);
}

static bool draw(HilumModelPane *self, GError **error)
{
  HilumGpu *gpu = hilum_gl_share_get(self->share, error);
  if (!gpu) return false;
  if (!self->pass && !(self->pass = hilum_mesh_pass_new(gpu, error))) return false;
  bool more = false;
  if (!hilum_gpu_sync(gpu, self->workspace, SYNC_BUDGET_MS, &more, error)) return false;
  int scale = gtk_widget_get_scale_factor(GTK_WIDGET(self->area));
  HilumViewport viewport = {.width = gtk_widget_get_width(GTK_WIDGET(self->area)) * scale,
                            .height = gtk_widget_get_height(GTK_WIDGET(self->area)) * scale,
                            .scale = scale};
  if (!hilum_mesh_pass_draw(self->pass, self->workspace, &viewport, error)) return false;
  self->more = more;
  if (more) queue_update(self); /* a render that is queued in here is forgotten */
  return true;
}

static gboolean area_render(GtkGLArea *area, GdkGLContext *context, HilumModelPane *self)
{
  if (!self->workspace || hilum_workspace_get_phase_count(self->workspace) == 0 || self->failed) return FALSE;
  g_autoptr(GError) error = NULL;
  const gint64 begin_us = g_get_monotonic_time();
  if (!draw(self, &error)) {
    self->failed = true;
    g_signal_emit(self, signals[FAILED], 0, error->message);
  }
  self->drawn_us = g_get_monotonic_time();
  self->frame_us = self->drawn_us - begin_us;
  return TRUE;
}

/* --- the hand --- */

static void set_interacting(HilumModelPane *self, bool interacting)
{
  HilumViewOptions options = *hilum_workspace_get_options(self->workspace);
  if (options.interacting == interacting) return;
  options.interacting = interacting;
  hilum_workspace_set_options(self->workspace, &options);
}

static bool pick(HilumModelPane *self, double x, double y, HilumPick *hit)
{
  HilumRay ray = hilum_camera_ray(hilum_workspace_get_camera(self->workspace), x, y,
                                  gtk_widget_get_width(GTK_WIDGET(self->area)),
                                  gtk_widget_get_height(GTK_WIDGET(self->area)));
  return hilum_workspace_pick(self->workspace, ray, SOLID_OPACITY, hit) ||
         hilum_workspace_pick(self->workspace, ray, 0, hit);
}

static bool send_tool(HilumModelPane *self, HilumToolEventType type, double x, double y)
{
  HilumTool *tool = self->workspace ? hilum_workspace_get_tool(self->workspace) : NULL;
  if (!tool) return false;
  HilumToolEvent event = hilum_tool_event_at(self->workspace, type, HILUM_SLICE_PLANES, x, y,
                                             gtk_widget_get_width(GTK_WIDGET(self->area)),
                                             gtk_widget_get_height(GTK_WIDGET(self->area)), 0);
  return hilum_tool_handle(tool, &event);
}

/* Scissors take the left button; Shift gives it back to the hand that turns. */
static bool tool_draws_here(HilumModelPane *self, GdkModifierType state)
{
  HilumTool *tool = self->workspace ? hilum_workspace_get_tool(self->workspace) : NULL;
  return tool && hilum_tool_draws_in_3d(tool) && !(state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK));
}

static void drag_begin(GtkGestureDrag *gesture, double x, double y, HilumModelPane *self)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(gesture));
  gtk_widget_grab_focus(GTK_WIDGET(self->area));
  self->start_x = self->last_x = x;
  self->start_y = self->last_y = y;
  self->moved = false;
  switch (gtk_gesture_single_get_current_button(GTK_GESTURE_SINGLE(gesture))) {
  case GDK_BUTTON_PRIMARY:
    self->hand = tool_draws_here(self, state) && send_tool(self, HILUM_TOOL_PRESS, x, y) ? HAND_TOOL
                 : self->workspace && hilum_cut_hand_begin(&self->cut, self->workspace,
                                                           GTK_WIDGET(self->area), x, y, state)
                     ? HAND_CUT
                     : HAND_ROTATE;
    break;
  case GDK_BUTTON_MIDDLE:
    self->hand = HAND_PAN;
    break;
  case GDK_BUTTON_SECONDARY:
    self->hand = HAND_ZOOM;
    break;
  default:
    self->hand = HAND_IDLE;
  }
}

static void drag_update(GtkGestureDrag *gesture, double dx, double dy, HilumModelPane *self)
{
  if (self->hand == HAND_IDLE) return;
  if (self->hand == HAND_TOOL) {
    g_autoptr(GArray) history =
        hilum_motion_dup_history(GTK_EVENT_CONTROLLER(gesture), GTK_WIDGET(self->area));
    for (guint n = 0; n < history->len; n++) {
      const graphene_point_t place = g_array_index(history, graphene_point_t, n);
      send_tool(self, HILUM_TOOL_DRAG, place.x, place.y);
    }
    send_tool(self, HILUM_TOOL_DRAG, self->start_x + dx, self->start_y + dy);
    return;
  }
  if (!self->moved && hypot(dx, dy) < CLICK_PX) return;
  self->moved = true;
  self->framed |= self->hand != HAND_CUT;
  set_interacting(self, true);
  double x = self->start_x + dx, y = self->start_y + dy;
  int width = gtk_widget_get_width(GTK_WIDGET(self->area)),
      height = gtk_widget_get_height(GTK_WIDGET(self->area));
  HilumCamera camera = *hilum_workspace_get_camera(self->workspace);
  if (self->hand == HAND_CUT) {
    hilum_cut_hand_move(&self->cut, self->workspace, GTK_WIDGET(self->area), x, y);
    return;
  }
  if (self->hand == HAND_ROTATE)
    hilum_camera_rotate(&camera, hilum_workspace_get_options(self->workspace)->orbit, self->last_x,
                        self->last_y, x, y, width, height);
  else if (self->hand == HAND_PAN)
    hilum_camera_pan(&camera, x - self->last_x, y - self->last_y, height);
  else
    hilum_camera_zoom(&camera, exp((self->last_y - y) * 0.008), self->start_x, self->start_y, width, height);
  hilum_workspace_set_camera(self->workspace, &camera);
  self->last_x = x;
  self->last_y = y;
}

static void clicked(HilumModelPane *self, double x, double y, GdkModifierType state)
{
  HilumPick hit;
  if (!pick(self, x, y, &hit)) return;
  /* Islands work on the part that is clicked. */
  if (!(state & GDK_CONTROL_MASK) && send_tool(self, HILUM_TOOL_PRESS, x, y)) return;
  if (state & GDK_CONTROL_MASK)
    hilum_workspace_set_active(self->workspace, hit.label);
  else
    hilum_workspace_set_cursor_mm(self->workspace, hit.point_mm);
}

static void drag_end(GtkGestureDrag *gesture, double dx, double dy, HilumModelPane *self)
{
  Hand hand = self->hand;
  self->hand = HAND_IDLE;
  set_interacting(self, false);
  if (hand == HAND_TOOL) send_tool(self, HILUM_TOOL_RELEASE, self->start_x + dx, self->start_y + dy);
  if (self->moved) return;
  if (hand == HAND_ROTATE || (hand == HAND_CUT && self->cut.pushed)) {
    GtkEventController *controller = GTK_EVENT_CONTROLLER(gesture);
    clicked(self, self->start_x, self->start_y, gtk_event_controller_get_current_event_state(controller));
  } else if (hand == HAND_ZOOM) {
    gtk_popover_set_pointing_to(GTK_POPOVER(self->menu),
                                &(GdkRectangle){(int)self->start_x, (int)self->start_y, 1, 1});
    gtk_popover_popup(GTK_POPOVER(self->menu));
  }
}

static void double_clicked(GtkGestureClick *gesture, int n_press, double x, double y, HilumModelPane *self)
{
  if (n_press == 2 && !tool_draws_here(self, 0))
    gtk_widget_activate_action(GTK_WIDGET(self), "win.maximize-pane", NULL);
}

static void pointer_entered(GtkEventControllerMotion *controller, double x, double y, HilumModelPane *self)
{
  g_signal_emit(self, signals[FOCUSED], 0);
}

static void focus_came(GtkEventControllerFocus *controller, HilumModelPane *self)
{
  g_signal_emit(self, signals[FOCUSED], 0);
}

static void pointer_moved(GtkEventControllerMotion *controller, double x, double y, HilumModelPane *self)
{
  self->pointer_x = x;
  self->pointer_y = y;
  if (!self->workspace || self->hand != HAND_IDLE) return;
  if (tool_draws_here(self, 0)) send_tool(self, HILUM_TOOL_HOVER, x, y);
  const bool grip = hilum_cut_hand_grip_at(self->workspace, GTK_WIDGET(self->area), x, y);
  gtk_widget_set_cursor_from_name(GTK_WIDGET(self->area), grip ? "grab" : NULL);
  HilumPick hit;
  bool inside = pick(self, x, y, &hit);
  hilum_workspace_set_pointer(self->workspace, HILUM_SLICE_PLANES, inside ? hit.point_mm : (HilumVec3){0},
                              inside);
}

static void pointer_left(GtkEventControllerMotion *controller, HilumModelPane *self)
{
  if (!self->workspace) return;
  if (tool_draws_here(self, 0)) send_tool(self, HILUM_TOOL_LEAVE, self->pointer_x, self->pointer_y);
  hilum_workspace_set_pointer(self->workspace, HILUM_SLICE_PLANES, (HilumVec3){0}, false);
}

static gboolean scrolled(GtkEventControllerScroll *controller, double dx, double dy, HilumModelPane *self)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(controller));
  /* GDK turns Shift + vertical wheel into a horizontal one on some platforms. */
  if (hilum_cut_hand_scroll(self->workspace, fabs(dy) >= fabs(dx) ? dy : dx, state)) return TRUE;
  HilumCamera camera = *hilum_workspace_get_camera(self->workspace);
  self->framed = true;
  hilum_camera_zoom(&camera, exp(-dy * 0.15), self->pointer_x, self->pointer_y,
                    gtk_widget_get_width(GTK_WIDGET(self->area)),
                    gtk_widget_get_height(GTK_WIDGET(self->area)));
  hilum_workspace_set_camera(self->workspace, &camera);
  return TRUE;
}

static void init_input(HilumModelPane *self)
{
  GtkWidget *area = GTK_WIDGET(self->area);
  GtkGesture *drag = gtk_gesture_drag_new();
  gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(drag), 0);
  g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), self);
  g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), self);
  g_signal_connect(drag, "drag-end", G_CALLBACK(drag_end), self);
  gtk_widget_add_controller(area, GTK_EVENT_CONTROLLER(drag));

  GtkGesture *click = gtk_gesture_click_new();
  g_signal_connect(click, "pressed", G_CALLBACK(double_clicked), self);
  gtk_widget_add_controller(area, GTK_EVENT_CONTROLLER(click));

  GtkEventController *motion = gtk_event_controller_motion_new();
  g_signal_connect(motion, "enter", G_CALLBACK(pointer_entered), self);
  g_signal_connect(motion, "motion", G_CALLBACK(pointer_moved), self);
  g_signal_connect(motion, "leave", G_CALLBACK(pointer_left), self);
  gtk_widget_add_controller(area, motion);

  GtkEventController *focus = gtk_event_controller_focus_new();
  g_signal_connect(focus, "enter", G_CALLBACK(focus_came), self);
  gtk_widget_add_controller(area, focus);

  GtkEventController *scroll = gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  g_signal_connect(scroll, "scroll", G_CALLBACK(scrolled), self);
  gtk_widget_add_controller(area, scroll);
}

/* --- life --- */

void hilum_model_pane_set_workspace(HilumModelPane *self, HilumWorkspace *workspace, HilumGlShare *share)
{
  g_return_if_fail(!self->workspace);
  self->workspace = g_object_ref(workspace);
  self->share = hilum_gl_share_ref(share);
  hilum_cut_view_set_workspace(self->cut_view, workspace, HILUM_SLICE_PLANES);
  hilum_outline_view_set_workspace(self->outline, workspace, HILUM_SLICE_PLANES);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  if (gtk_widget_get_realized(GTK_WIDGET(self->area))) hilum_gl_share_attach(share);
  queue_update(self);
}

GtkWidget *hilum_model_pane_get_area(HilumModelPane *self)
{
  return GTK_WIDGET(self->area);
}

void hilum_model_pane_set_menu(HilumModelPane *self, GMenuModel *menu)
{
  gtk_popover_menu_set_menu_model(self->menu, menu);
}

static void hilum_model_pane_dispose(GObject *object)
{
  HilumModelPane *self = HILUM_MODEL_PANE(object);
  g_clear_handle_id(&self->update_id, g_source_remove);
  g_clear_handle_id(&self->render_id, g_source_remove);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  g_clear_pointer(&self->share, hilum_gl_share_unref);
  G_OBJECT_CLASS(hilum_model_pane_parent_class)->dispose(object);
}

static void hilum_model_pane_class_init(HilumModelPaneClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_model_pane_dispose;
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_MODEL_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[FOCUSED] =
      g_signal_new("focused", HILUM_TYPE_MODEL_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure(HILUM_TYPE_CUT_VIEW);
  g_type_ensure(HILUM_TYPE_OUTLINE_VIEW);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/model_pane.ui");
  gtk_widget_class_bind_template_child(widget, HilumModelPane, area);
  gtk_widget_class_bind_template_child(widget, HilumModelPane, direction);
  gtk_widget_class_bind_template_child(widget, HilumModelPane, surface_note);
  gtk_widget_class_bind_template_child(widget, HilumModelPane, hint);
  gtk_widget_class_bind_template_child(widget, HilumModelPane, cut_view);
  gtk_widget_class_bind_template_child(widget, HilumModelPane, outline);
  gtk_widget_class_bind_template_child(widget, HilumModelPane, menu);
  gtk_widget_class_bind_template_callback(widget, area_realized);
  gtk_widget_class_bind_template_callback(widget, area_unrealized);
  gtk_widget_class_bind_template_callback(widget, area_render);
}

static void hilum_model_pane_init(HilumModelPane *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_gl_area_set_required_version(self->area, 3, 3);
  init_input(self);
}
