/* One phase in the list. */
#include "phase_row.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

enum { THUMB_WIDTH = 46, THUMB_HEIGHT = 36 };

struct _HilumPhaseRow {
  GtkListBoxRow parent_instance;
  GtkPicture *thumbnail;
  GtkLabel *moved, *name, *detail, *badge_count, *findings;
  GtkWidget *badge;
  GtkImage *badge_icon;
  HilumPhase *phase;
};

G_DEFINE_FINAL_TYPE(HilumPhaseRow, hilum_phase_row, GTK_TYPE_LIST_BOX_ROW)

/* The middle axial slice, sampled at the thumbnail's own few pixels (doubled, for sharp screens). */
static GdkTexture *make_thumbnail(HilumPhase *phase)
{
  HilumVolume *volume = hilum_phase_get_volume(phase);
  if (!volume) return NULL;
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  double center, width;
  hilum_phase_get_window(phase, &center, &width);
  HilumBox bounds = hilum_grid_bounds_mm(grid);
  enum { W = THUMB_WIDTH * 2, H = THUMB_HEIGHT * 2 };
  double extent_x = bounds.max.x - bounds.min.x, extent_y = bounds.max.y - bounds.min.y;
  double mm_per_px = MAX(extent_x / W, extent_y / H);
  HilumVec3 middle = hilum_box_center(bounds);
  guchar *pixels = g_malloc(W * H * 3);
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++) {
      HilumVec3 at = {middle.x + (x + 0.5 - W / 2.0) * mm_per_px, middle.y + (y + 0.5 - H / 2.0) * mm_per_px,
                      middle.z};
      double value, shade = 0;
      if (hilum_volume_sample_mm(volume, at, &value)) shade = CLAMP((value - center) / width + 0.5, 0.0, 1.0);
      guchar *pixel = pixels + 3 * (y * W + x);
      pixel[0] = pixel[1] = pixel[2] = (guchar)(shade * 255 + 0.5);
    }
  g_autoptr(GBytes) bytes = g_bytes_new_take(pixels, W * H * 3);
  return gdk_memory_texture_new(W, H, GDK_MEMORY_R8G8B8, bytes, W * 3);
}

static void show_verdict(HilumPhaseRow *self)
{
  size_t n_findings;
  const HilumFinding *findings = hilum_phase_get_findings(self->phase, &n_findings);
  HilumVerdict verdict = hilum_phase_get_verdict(self->phase);
  bool missing = !hilum_phase_get_volume(self->phase);
  bool good = verdict == HILUM_VERDICT_OK && !missing;
  const char *const classes[] = {"verdict-ok", "verdict-warning", "verdict-refused"};
  for (size_t n = 0; n < G_N_ELEMENTS(classes); n++)
    gtk_widget_remove_css_class(self->badge, classes[n]);
  gtk_image_set_from_icon_name(self->badge_icon, good ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
  gtk_widget_add_css_class(self->badge, good      ? "verdict-ok"
                                        : missing ? "verdict-refused"
                                                  : "verdict-warning");
  g_autoptr(GString) text = g_string_new(missing ? _("The images of this phase are missing.") : NULL);
  size_t told = 0;
  for (size_t n = 0; n < n_findings; n++) {
    if (text->len) g_string_append(text, "\n\n");
    g_string_append(text, findings[n].message);
    told += findings[n].verdict != HILUM_VERDICT_OK; /* the others only explain */
  }
  g_autofree char *count = g_strdup_printf("%zu", told);
  gtk_label_set_text(self->badge_count, count);
  gtk_widget_set_visible(GTK_WIDGET(self->badge_count), told > 0);
  if (text->len == 0) g_string_append(text, _("Regular geometry; nothing was found."));
  gtk_label_set_text(self->findings, text->str);
  gtk_widget_set_tooltip_text(GTK_WIDGET(self), text->str);
  gtk_accessible_update_property(GTK_ACCESSIBLE(gtk_widget_get_first_child(self->badge)),
                                 GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 good      ? _("Verdict: ok")
                                 : missing ? _("Verdict: images missing")
                                           : _("Verdict: warning"),
                                 -1);
}

static void show_phase(HilumPhaseRow *self)
{
  const HilumGrid *grid = hilum_phase_get_grid(self->phase);
  gtk_label_set_text(self->name, hilum_phase_get_name(self->phase));
  int axis_of[3];
  hilum_grid_anatomical_axes(grid, axis_of);
  int through = 0; /* slices were taken along the coarsest axis */
  for (int axis = 1; axis < 3; axis++)
    if (grid->spacing_mm[axis] >= grid->spacing_mm[through]) through = axis;
  g_autofree char *detail =
      g_strdup_printf(_("%d × %.4g mm"), grid->dims[through], grid->spacing_mm[through]);
  gtk_label_set_text(self->detail, detail);
  g_autoptr(GdkTexture) texture = make_thumbnail(self->phase);
  if (texture) gtk_picture_set_paintable(self->thumbnail, GDK_PAINTABLE(texture));
  show_verdict(self);
  const bool moved = hilum_phase_get_alignment(self->phase)->method != HILUM_ALIGNMENT_SCANNER;
  g_autofree char *distance = g_strdup_printf(_("moved %.1f mm"), hilum_phase_get_moved_mm(self->phase));
  gtk_label_set_text(self->moved, distance);
  gtk_widget_set_visible(GTK_WIDGET(self->moved), moved);
  g_autofree char *spoken = g_strdup_printf("%s, %s%s%s", hilum_phase_get_name(self->phase), detail,
                                            moved ? ", " : "", moved ? distance : "");
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void hilum_phase_row_dispose(GObject *object)
{
  HilumPhaseRow *self = HILUM_PHASE_ROW(object);
  if (self->phase) g_signal_handlers_disconnect_by_data(self->phase, self);
  g_clear_object(&self->phase);
  G_OBJECT_CLASS(hilum_phase_row_parent_class)->dispose(object);
}

static void hilum_phase_row_class_init(HilumPhaseRowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_phase_row_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/phase_row.ui");
  gtk_widget_class_bind_template_child(widget, HilumPhaseRow, thumbnail);
  gtk_widget_class_bind_template_child(widget, HilumPhaseRow, name);
  gtk_widget_class_bind_template_child(widget, HilumPhaseRow, detail);
  gtk_widget_class_bind_template_child(widget, HilumPhaseRow, moved);
  gtk_widget_class_bind_template_child(widget, HilumPhaseRow, badge);
  gtk_widget_class_bind_template_child(widget, HilumPhaseRow, badge_icon);
  gtk_widget_class_bind_template_child(widget, HilumPhaseRow, badge_count);
  gtk_widget_class_bind_template_child(widget, HilumPhaseRow, findings);
}

static void hilum_phase_row_init(HilumPhaseRow *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}

HilumPhaseRow *hilum_phase_row_new(HilumPhase *phase)
{
  HilumPhaseRow *self = g_object_new(HILUM_TYPE_PHASE_ROW, NULL);
  self->phase = g_object_ref(phase);
  g_signal_connect_swapped(phase, "notify", G_CALLBACK(show_phase), self);
  show_phase(self);
  return self;
}
