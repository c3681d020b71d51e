/* One 2D pane: what it shows. Changes of the workspace are collected and the labels brought up to date once
 * before the next frame; the picture itself is drawn by hilum_slice_pass_draw(). */
#include "slice_pane.h"

#include "hilum/view/tool.h"
#include "ruler.h"
#include "slice_pane_private.h"
#include "ui_tools.h"

#include <glib/gi18n.h>
#include <math.h>

/* Milliseconds a frame may spend on bringing voxels to the GPU: the main thread stays free. */
#define SYNC_BUDGET_MS 6
/* And at most a quarter of the pane: the letter of the lower side stands in the middle. */
#define RULER_PX 110.0

enum { PROP_PLANE = 1, N_PROPS };
static GParamSpec *props[N_PROPS];
enum { FAILED, FOCUSED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumSlicePane, hilum_slice_pane, GTK_TYPE_WIDGET)

static const char *const plane_classes[] = {"axial", "sagittal", "coronal"};

static const char *plane_title(HilumSlicePlane plane)
{
  return plane == HILUM_SLICE_AXIAL      ? _("Axial")
         : plane == HILUM_SLICE_SAGITTAL ? _("Sagittal")
                                         : _("Coronal");
}

/* --- words over the picture --- */

static void update_letters(HilumSlicePane *self, const HilumSliceState *state)
{
  HilumSliceLetters letters = hilum_slice_state_letters(state);
  hilum_label_update(self->letter_left, letters.left);
  hilum_label_update(self->letter_right, letters.right);
  hilum_label_update(self->letter_top, letters.top);
  hilum_label_update(self->letter_bottom, letters.bottom);
}

static void update_place(HilumSlicePane *self, const HilumSliceState *state)
{
  int32_t count = hilum_slice_state_count(state), at = hilum_slice_state_get_position(state);
  g_autofree char *where = hilum_slice_state_dup_position_text(state);
  g_autofree char *text = g_strdup_printf(_("%s · %d/%d"), where, at + 1, count);
  hilum_label_update(self->position, text);
  g_autofree char *spoken =
      g_strdup_printf(_("%s slice %d of %d, %s"), plane_title(self->plane), at + 1, count, where);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->area), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  self->updating = true;
  gtk_adjustment_configure(self->slider_value, at, 0, count - 1, 1, 10, 0);
  self->updating = false;
  double length_px;
  double length_mm = hilum_slice_state_ruler_mm(state, MIN(RULER_PX, state->width_px / 4.0), &length_px);
  hilum_ruler_set_length(HILUM_RULER(self->ruler), length_mm, length_px);
}

static void update_window(HilumSlicePane *self)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(self->workspace);
  HilumWindowLevel window = hilum_workspace_get_window(self->workspace);
  const char *id = hilum_window_preset_matching(volume, window);
  HilumWindowPreset preset;
  g_autofree char *text = g_strdup_printf(_("W %.0f L %.0f"), window.width, window.level);
  if (id && hilum_window_preset_find(volume, id, &preset)) {
    g_autofree char *named = g_strdup_printf("%s\n%s", text, _(preset.name));
    hilum_label_update(self->window_note, named);
  } else {
    hilum_label_update(self->window_note, text);
  }
}

static unsigned own_bit(HilumSlicePane *self)
{
  return HILUM_CHANGE_AXIAL << self->plane;
}

static void update_loading(HilumSlicePane *self)
{
  if (self->loaded < 1) {
    g_autofree char *text =
        g_strdup_printf(_("Bringing the images to the screen… %.0f %%"), self->loaded * 100);
    hilum_label_update(self->loading, text);
  } else
    hilum_label_update(self->loading, self->note);
  gtk_widget_set_visible(GTK_WIDGET(self->loading), self->loaded < 1 || self->note);
}

/* Why the tool does nothing, where the eye is: in the pane under the pointer. */
static void update_badge(HilumSlicePane *self)
{
  HilumTool *tool = hilum_workspace_get_tool(self->workspace);
  HilumSlicePlane plane;
  bool here = hilum_workspace_get_pointer(self->workspace, &plane, NULL) && plane == self->plane;
  const char *badge = tool && here ? hilum_tool_get_badge(tool) : "";
  hilum_label_update(self->badge, badge);
  gtk_widget_set_visible(GTK_WIDGET(self->badge), *badge != 0);
}

static gboolean update_labels(gpointer data)
{
  HilumSlicePane *self = data;
  self->update_id = 0;
  unsigned changes = self->pending;
  self->pending = 0;
  bool shown = self->workspace && hilum_workspace_get_phase_count(self->workspace) > 0;
  gtk_widget_set_visible(GTK_WIDGET(self->slider), shown);
  gtk_widget_set_visible(self->ruler, shown);
  if (!shown) return G_SOURCE_REMOVE;
  update_loading(self);
  if (self->more) gtk_gl_area_queue_render(self->area);
  const HilumSliceState *state = hilum_workspace_get_slice(self->workspace, self->plane);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE)) update_letters(self, state);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | own_bit(self))) update_place(self, state);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_WINDOW)) update_window(self);
  update_badge(self);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_TOOL))
    gtk_widget_set_cursor_from_name(GTK_WIDGET(self->area),
                                    hilum_workspace_get_tool(self->workspace) ? "crosshair" : NULL);
  return G_SOURCE_REMOVE;
}

static void queue_update(HilumSlicePane *self, unsigned changes)
{
  self->pending |= changes;
  if (!self->update_id) self->update_id = g_idle_add_full(G_PRIORITY_HIGH_IDLE, update_labels, self, NULL);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumSlicePane *self)
{
  unsigned others = (HILUM_CHANGE_AXIAL | HILUM_CHANGE_SAGITTAL | HILUM_CHANGE_CORONAL) & ~own_bit(self);
  unsigned words = HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_WINDOW | HILUM_CHANGE_TOOL |
                   HILUM_CHANGE_OUTLINE | own_bit(self);
  unsigned elsewhere = others | HILUM_CHANGE_CAMERA | HILUM_CHANGE_MESHES | HILUM_CHANGE_TASK |
                       HILUM_CHANGE_POINTER | HILUM_CHANGE_OUTLINE | HILUM_CHANGE_LIMITS | HILUM_CHANGE_CLIP |
                       HILUM_CHANGE_COLORING | HILUM_CHANGE_SPAN;
  if (changes & words) queue_update(self, changes);
  if (changes & ~elsewhere) gtk_gl_area_queue_render(self->area);
  if (changes & HILUM_CHANGE_POINTER) {
    /* Only the brush ring follows the pointer, and the badge goes with it from pane to pane. */
    HilumTool *tool = hilum_workspace_get_tool(workspace);
    if (tool && hilum_tool_get_ring_mm(tool) > 0) gtk_gl_area_queue_render(self->area);
    if (tool && *hilum_tool_get_badge(tool)) queue_update(self, 0);
  }
}

/* --- drawing --- */

static void area_realized(GtkGLArea *area, HilumSlicePane *self)
{
  gtk_gl_area_make_current(area);
  if (self->share) hilum_gl_share_attach(self->share);
}

static void area_unrealized(GtkGLArea *area, HilumSlicePane *self)
{
  gtk_gl_area_make_current(area);
  g_clear_pointer(&self->pass, hilum_slice_pass_free);
  if (self->share) hilum_gl_share_detach(self->share);
}

static void area_resized(GtkGLArea *area, int width, int height, HilumSlicePane *self)
{
  gtk_gl_area_queue_render(area);
}

/* The slice state works in the widget's logical pixels; the workspace learns of a new size when it is drawn.
 */
static void follow_size(HilumSlicePane *self)
{
  int width = gtk_widget_get_width(GTK_WIDGET(self->area)),
      height = gtk_widget_get_height(GTK_WIDGET(self->area));
  const HilumSliceState *state = hilum_workspace_get_slice(self->workspace, self->plane);
  if (state->width_px == width && state->height_px == height) return;
  HilumSliceState resized = *state;
  hilum_slice_state_set_size(&resized, width, height);
  hilum_workspace_set_slice(self->workspace, &resized);
}

static bool draw(HilumSlicePane *self, GError **error)
{
  HilumGpu *gpu = hilum_gl_share_get(self->share, error);
  if (!gpu) return false;
  if (!self->pass && !(self->pass = hilum_slice_pass_new(gpu, error))) return false;
  bool more = false;
  if (!hilum_gpu_sync(gpu, self->workspace, SYNC_BUDGET_MS, &more, error)) return false;
  int scale = gtk_widget_get_scale_factor(GTK_WIDGET(self->area));
  HilumViewport viewport = {.width = gtk_widget_get_width(GTK_WIDGET(self->area)) * scale,
                            .height = gtk_widget_get_height(GTK_WIDGET(self->area)) * scale,
                            .scale = scale};
  hilum_slice_pass_draw(self->pass, self->workspace, self->plane, &viewport);
  if (!more) hilum_workspace_set_stand_in(self->workspace, NULL);
  double loaded = more ? hilum_gpu_get_loaded(gpu) : 1;
  self->more = more;
  /* In here no label may change its size, and a render that is queued is forgotten. */
  if (more || loaded != self->loaded) queue_update(self, 0);
  self->loaded = loaded;
  return true;
}

static gboolean area_render(GtkGLArea *area, GdkGLContext *context, HilumSlicePane *self)
{
  if (!self->workspace || hilum_workspace_get_phase_count(self->workspace) == 0 || self->failed) return FALSE;
  follow_size(self);
  g_autoptr(GError) error = NULL;
  if (!draw(self, &error)) {
    self->failed = true;
    g_signal_emit(self, signals[FAILED], 0, error->message);
  }
  return TRUE;
}

static void slider_changed(GtkRange *range, HilumSlicePane *self)
{
  if (self->updating || !self->workspace) return;
  HilumSliceState state = *hilum_workspace_get_slice(self->workspace, self->plane);
  if (hilum_slice_state_set_position(&state, (int32_t)lround(gtk_range_get_value(range))))
    hilum_workspace_set_slice(self->workspace, &state);
}

/* --- life --- */

void hilum_slice_pane_set_workspace(HilumSlicePane *self, HilumWorkspace *workspace, HilumGlShare *share)
{
  g_return_if_fail(!self->workspace);
  self->workspace = g_object_ref(workspace);
  self->share = hilum_gl_share_ref(share);
  hilum_cut_view_set_workspace(self->cut_view, workspace, self->plane);
  hilum_outline_view_set_workspace(self->outline, workspace, self->plane);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  if (gtk_widget_get_realized(GTK_WIDGET(self->area))) hilum_gl_share_attach(share);
  queue_update(self, HILUM_CHANGE_ALL);
}

HilumSlicePlane hilum_slice_pane_get_plane(HilumSlicePane *self)
{
  return self->plane;
}

GtkWidget *hilum_slice_pane_get_area(HilumSlicePane *self)
{
  return GTK_WIDGET(self->area);
}

void hilum_slice_pane_set_note(HilumSlicePane *self, const char *note)
{
  if (g_strcmp0(note, self->note) == 0) return;
  g_free(self->note);
  self->note = g_strdup(note);
  queue_update(self, 0);
}

void hilum_slice_pane_set_menu(HilumSlicePane *self, GMenuModel *menu)
{
  gtk_popover_menu_set_menu_model(self->menu, menu);
}

static void hilum_slice_pane_dispose(GObject *object)
{
  HilumSlicePane *self = HILUM_SLICE_PANE(object);
  g_clear_handle_id(&self->update_id, g_source_remove);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  g_clear_pointer(&self->share, hilum_gl_share_unref);
  g_clear_pointer(&self->note, g_free);
  G_OBJECT_CLASS(hilum_slice_pane_parent_class)->dispose(object);
}

static void hilum_slice_pane_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HilumSlicePane *self = HILUM_SLICE_PANE(object);
  self->plane = (HilumSlicePlane)g_value_get_uint(value);
  gtk_widget_add_css_class(GTK_WIDGET(self), plane_classes[self->plane]);
  gtk_label_set_text(self->title, plane_title(self->plane));
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->area), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 plane_title(self->plane), -1);
}

static void hilum_slice_pane_class_init(HilumSlicePaneClass *klass)
{
  GObjectClass *object = G_OBJECT_CLASS(klass);
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  object->dispose = hilum_slice_pane_dispose;
  object->set_property = hilum_slice_pane_set_property;
  props[PROP_PLANE] = g_param_spec_uint("plane", NULL, NULL, 0, HILUM_SLICE_PLANES - 1, 0,
                                        G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties(object, N_PROPS, props);
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_SLICE_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[FOCUSED] =
      g_signal_new("focused", HILUM_TYPE_SLICE_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure(HILUM_TYPE_RULER);
  g_type_ensure(HILUM_TYPE_CUT_VIEW);
  g_type_ensure(HILUM_TYPE_OUTLINE_VIEW);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/slice_pane.ui");
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, area);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, title);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, position);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, window_note);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, loading);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, cut_view);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, outline);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, badge);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, letter_top);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, letter_bottom);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, letter_left);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, letter_right);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, ruler);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, slider);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, slider_value);
  gtk_widget_class_bind_template_child(widget, HilumSlicePane, menu);
  gtk_widget_class_bind_template_callback(widget, area_realized);
  gtk_widget_class_bind_template_callback(widget, area_unrealized);
  gtk_widget_class_bind_template_callback(widget, area_render);
  gtk_widget_class_bind_template_callback(widget, area_resized);
  gtk_widget_class_bind_template_callback(widget, slider_changed);
}

static void hilum_slice_pane_init(HilumSlicePane *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->loaded = 1;
  gtk_gl_area_set_required_version(self->area, 3, 3);
  hilum_slice_pane_init_input(self);
}
