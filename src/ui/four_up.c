/* Axial and 3D over sagittal and coronal, or one of them alone. */
#include "four_up.h"

#include "ui_tools.h"

struct _HilumFourUp {
  GtkWidget parent_instance;
  HilumSlicePane *axial, *sagittal, *coronal;
  HilumModelPane *model;
  HilumGlShare *share;
  HilumSlicePlane current;
  bool maximized;
};

enum { FAILED, CURRENT_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumFourUp, hilum_four_up, GTK_TYPE_WIDGET)

static GtkWidget *get_pane(HilumFourUp *self, HilumSlicePlane pane)
{
  GtkWidget *const panes[] = {GTK_WIDGET(self->axial), GTK_WIDGET(self->sagittal), GTK_WIDGET(self->coronal),
                              GTK_WIDGET(self->model)};
  return panes[pane];
}

static void pane_focused(GtkWidget *pane, HilumFourUp *self)
{
  self->current =
      HILUM_IS_SLICE_PANE(pane) ? hilum_slice_pane_get_plane(HILUM_SLICE_PANE(pane)) : HILUM_SLICE_PLANES;
  g_signal_emit(self, signals[CURRENT_CHANGED], 0);
}

static void pane_failed(GtkWidget *pane, const char *sentence, HilumFourUp *self)
{
  g_signal_emit(self, signals[FAILED], 0, sentence);
}

void hilum_four_up_set_workspace(HilumFourUp *self, HilumWorkspace *workspace)
{
  for (unsigned n = HILUM_SLICE_AXIAL; n < HILUM_SLICE_PLANES; n++)
    hilum_slice_pane_set_workspace(HILUM_SLICE_PANE(get_pane(self, (HilumSlicePlane)n)), workspace,
                                   self->share);
  hilum_model_pane_set_workspace(self->model, workspace, self->share);
}

GtkWidget *hilum_four_up_get_area(HilumFourUp *self, HilumSlicePlane pane)
{
  return pane == HILUM_SLICE_PLANES ? hilum_model_pane_get_area(self->model)
                                    : hilum_slice_pane_get_area(HILUM_SLICE_PANE(get_pane(self, pane)));
}

HilumModelPane *hilum_four_up_get_model(HilumFourUp *self)
{
  return self->model;
}

void hilum_four_up_set_note(HilumFourUp *self, const char *note)
{
  for (unsigned n = HILUM_SLICE_AXIAL; n < HILUM_SLICE_PLANES; n++)
    hilum_slice_pane_set_note(HILUM_SLICE_PANE(get_pane(self, (HilumSlicePlane)n)), note);
}

void hilum_four_up_set_menus(HilumFourUp *self, GMenuModel *slice, GMenuModel *model)
{
  hilum_slice_pane_set_menu(self->axial, slice);
  hilum_slice_pane_set_menu(self->sagittal, slice);
  hilum_slice_pane_set_menu(self->coronal, slice);
  hilum_model_pane_set_menu(self->model, model);
}

HilumSlicePlane hilum_four_up_get_current(HilumFourUp *self)
{
  return self->current;
}

void hilum_four_up_toggle_maximized(HilumFourUp *self)
{
  self->maximized = !self->maximized;
  for (unsigned n = HILUM_SLICE_AXIAL; n <= HILUM_SLICE_PLANES; n++)
    gtk_widget_set_visible(get_pane(self, (HilumSlicePlane)n), !self->maximized || n == self->current);
  GtkGrid *grid = GTK_GRID(gtk_widget_get_first_child(GTK_WIDGET(self)));
  gtk_grid_set_row_homogeneous(grid, !self->maximized);
  gtk_grid_set_column_homogeneous(grid, !self->maximized);
  gtk_widget_grab_focus(hilum_four_up_get_area(self, self->current));
}

bool hilum_four_up_get_maximized(HilumFourUp *self)
{
  return self->maximized;
}

const char *hilum_four_up_get_gpu_description(HilumFourUp *self)
{
  HilumGpu *gpu = hilum_gl_share_peek(self->share);
  return gpu ? hilum_gpu_get_description(gpu) : NULL;
}

static void hilum_four_up_dispose(GObject *object)
{
  HilumFourUp *self = HILUM_FOUR_UP(object);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_pointer(&self->share, hilum_gl_share_unref);
  G_OBJECT_CLASS(hilum_four_up_parent_class)->dispose(object);
}

static void hilum_four_up_class_init(HilumFourUpClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_four_up_dispose;
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_FOUR_UP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CURRENT_CHANGED] = g_signal_new("current-changed", HILUM_TYPE_FOUR_UP, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure(HILUM_TYPE_SLICE_PANE);
  g_type_ensure(HILUM_TYPE_MODEL_PANE);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/four_up.ui");
  gtk_widget_class_bind_template_child(widget, HilumFourUp, axial);
  gtk_widget_class_bind_template_child(widget, HilumFourUp, sagittal);
  gtk_widget_class_bind_template_child(widget, HilumFourUp, coronal);
  gtk_widget_class_bind_template_child(widget, HilumFourUp, model);
}

static void hilum_four_up_init(HilumFourUp *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->share = hilum_gl_share_new();
  for (unsigned n = HILUM_SLICE_AXIAL; n <= HILUM_SLICE_PLANES; n++) {
    GtkWidget *pane = get_pane(self, (HilumSlicePlane)n);
    g_signal_connect(pane, "focused", G_CALLBACK(pane_focused), self);
    g_signal_connect(pane, "failed", G_CALLBACK(pane_failed), self);
  }
}
