/* Which structures become STL, how many files, and how they are prepared for printing. Nothing is prepared
 * unless asked for. */
#include "export_dialog.h"

#include "export_row.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumExportDialog {
  GtkWindow parent_instance;
  GtkButton *cancel, *export;
  GtkBox *structures;
  GtkCheckButton *separate, *together, *united;
  GtkCheckButton *remove, *resolve, *thicken, *hollow, *decimate;
  GtkSpinButton *below, *diameter, *wall, *error;
  GtkDropDown *frame;
  GtkLabel *suggested, *objections;
  GPtrArray *rows;       /* of HilumExportRow, borrowed */
  HilumExportRow *whole; /* of the union; borrowed */
  HilumWorkspace *workspace;
  HilumSurfaceChecks *checks;
  HilumExportChosen done;
  gpointer data;
};

G_DEFINE_FINAL_TYPE(HilumExportDialog, hilum_export_dialog, GTK_TYPE_WINDOW)

void hilum_export_choice_free(HilumExportChoice *choice)
{
  g_ptr_array_unref(choice->structures);
  g_free(choice);
}

static HilumExportRow *row_at(HilumExportDialog *self, guint n)
{
  return self->rows->pdata[n];
}

/* A tick with a number behind it: 0 unless ticked. */
static double asked(GtkCheckButton *tick, GtkSpinButton *number)
{
  return gtk_check_button_get_active(tick) ? gtk_spin_button_get_value(number) : 0;
}

static HilumPrepareOptions get_preparation(HilumExportDialog *self)
{
  return (HilumPrepareOptions){.remove_below_mm3 = 1000 * asked(self->remove, self->below),
                               .resolve = gtk_check_button_get_active(self->resolve),
                               .min_diameter_mm = asked(self->thicken, self->diameter),
                               .hollow_mm = asked(self->hollow, self->wall),
                               .decimate_error_mm = asked(self->decimate, self->error)};
}

/* --- what the verdicts say --- */

static void add_line(GPtrArray *lines, HilumExportRow *row, const char *line)
{
  g_ptr_array_add(lines, g_strdup_printf("%s: %s", hilum_export_row_get_name(row), line));
}

/* Everything that would be refused goes into `refused`, what would come to nothing into `idle`. */
static void add_objections(HilumExportDialog *self, HilumExportRow *row, const HilumSurfaceCheck *check,
                           GPtrArray *refused, GPtrArray *idle)
{
  const HilumPrepareOptions options = get_preparation(self);
  g_autoptr(GArray) objections =
      hilum_mesh_dup_objections(check->bounds_mm, &check->report,
                                check->depth == HILUM_SURFACE_CHECKED ? &check->beyond : NULL, &options);
  for (guint n = 0; n < objections->len; n++) {
    const HilumObjection *objection = &g_array_index(objections, HilumObjection, n);
    add_line(objection->refused ? refused : idle, row, objection->sentence);
  }
}

/* As many lines as leave room for the rest of the dialog. */
static void show_lines(GtkLabel *label, const char *title, const GPtrArray *lines)
{
  enum { SHOWN = 4 };
  g_autoptr(GString) text = g_string_new(lines->len ? title : "");
  for (guint n = 0; n < MIN(lines->len, SHOWN); n++)
    g_string_append_printf(text, "%s%s", text->len ? "\n" : "", (const char *)lines->pdata[n]);
  if (lines->len > SHOWN)
    g_string_append_printf(text, g_dngettext(NULL, "\nand %u more", "\nand %u more", lines->len - SHOWN),
                           lines->len - SHOWN);
  hilum_label_update(label, text->str);
  gtk_widget_set_visible(GTK_WIDGET(label), text->len > 0);
}

typedef struct {
  GPtrArray *suggested, *refused, *idle; /* lines */
} Advice;

static void advise(HilumExportDialog *self, HilumExportRow *row, const Advice *advice)
{
  const HilumSurfaceCheck *check = hilum_surface_checks_get(self->checks, hilum_export_row_get_label(row));
  g_autofree char *suggestion =
      hilum_surface_check_dup_suggestion(check, gtk_spin_button_get_value(self->diameter));
  if (suggestion) add_line(advice->suggested, row, suggestion);
  if (check->depth >= HILUM_SURFACE_MEASURED) add_objections(self, row, check, advice->refused, advice->idle);
}

/* What the verdicts speak for, and against: those on what would be written. */
static void refresh(HilumExportDialog *self)
{
  const double thin_mm = gtk_spin_button_get_value(self->diameter);
  const bool united = gtk_check_button_get_active(self->united);
  g_autoptr(GPtrArray) suggested = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) refused = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) idle = g_ptr_array_new_with_free_func(g_free);
  const Advice advice = {suggested, refused, idle};
  bool any = false;
  for (guint n = 0; n < self->rows->len; n++) {
    hilum_export_row_refresh(row_at(self, n), thin_mm);
    if (!hilum_export_row_get_ticked(row_at(self, n))) continue;
    any = true;
    if (!united) advise(self, row_at(self, n), &advice);
  }
  gtk_widget_set_visible(GTK_WIDGET(self->whole), any && united);
  hilum_export_row_refresh(self->whole, thin_mm);
  if (any && united) advise(self, self->whole, &advice);
  gtk_widget_set_sensitive(GTK_WIDGET(self->export), any && refused->len == 0);
  show_lines(self->suggested, _("The verdict speaks for:"), suggested);
  g_ptr_array_extend_and_steal(refused, g_steal_pointer(&idle));
  show_lines(self->objections, "", refused);
}

static void want_checks(HilumExportDialog *self)
{
  bool wanted[HILUM_LABEL_COUNT] = {false}, any = false;
  for (guint n = 0; n < self->rows->len; n++) {
    const bool ticked = hilum_export_row_get_ticked(row_at(self, n));
    wanted[hilum_export_row_get_label(row_at(self, n))] = ticked;
    any |= ticked;
  }
  hilum_surface_checks_want(self->checks, HILUM_CHECKS_DIALOG, wanted);
  hilum_surface_checks_want_union(self->checks,
                                  any && gtk_check_button_get_active(self->united) ? wanted : NULL);
}

static void choice_changed(HilumExportDialog *self)
{
  if (!self->whole) return; /* the template is being filled */
  want_checks(self);
  refresh(self);
}

/* The crosshair goes to the place, and what is too thin is coloured; a union is not on screen. */
static void show_place(HilumExportDialog *self, HilumExportRow *row)
{
  const uint8_t label = hilum_export_row_get_label(row);
  HilumVec3 place_mm;
  if (!hilum_surface_check_get_place(hilum_surface_checks_get(self->checks, label), &place_mm)) return;
  hilum_workspace_freeze(self->workspace);
  hilum_workspace_set_thin_mm(self->workspace, gtk_spin_button_get_value(self->diameter));
  if (label) hilum_workspace_set_coloring(self->workspace, label, HILUM_COLORING_THICKNESS);
  hilum_workspace_set_cursor_mm(self->workspace, place_mm);
  hilum_workspace_thaw(self->workspace);
}

static HilumExportRow *add_row(HilumExportDialog *self, HilumStructure *structure)
{
  HilumExportRow *row = hilum_export_row_new(structure, self->checks);
  g_signal_connect_swapped(row, "toggled", G_CALLBACK(choice_changed), self);
  g_signal_connect_swapped(row, "show-place", G_CALLBACK(show_place), self);
  gtk_box_append(self->structures, GTK_WIDGET(row));
  if (structure) g_ptr_array_add(self->rows, row);
  return row;
}

static void export_clicked(HilumExportDialog *self)
{
  HilumExportChoice *choice = g_new0(HilumExportChoice, 1);
  choice->structures = g_ptr_array_new_with_free_func(g_object_unref);
  for (guint n = 0; n < self->rows->len; n++)
    if (hilum_export_row_get_ticked(row_at(self, n)))
      g_ptr_array_add(choice->structures, g_object_ref(hilum_export_row_get_structure(row_at(self, n))));
  choice->unite = gtk_check_button_get_active(self->united);
  choice->together = choice->unite || gtk_check_button_get_active(self->together);
  choice->prepare = get_preparation(self);
  choice->frame = gtk_drop_down_get_selected(self->frame) == 1 ? HILUM_FRAME_RAS : HILUM_FRAME_LPS;
  HilumExportChosen done = self->done;
  gpointer data = self->data;
  gtk_window_destroy(GTK_WINDOW(self));
  done(choice, data);
}

void hilum_export_dialog_ask(GtkWindow *parent, HilumWorkspace *workspace, HilumSurfaceChecks *checks,
                             HilumExportChosen done, gpointer data)
{
  HilumExportDialog *self = g_object_new(HILUM_TYPE_EXPORT_DIALOG, "transient-for", parent, NULL);
  self->done = done;
  self->data = data;
  self->workspace = g_object_ref(workspace);
  self->checks = g_object_ref(checks);
  gtk_spin_button_set_value(self->diameter, hilum_workspace_get_thin_mm(workspace));
  GListModel *structures = hilum_case_get_structures(hilum_workspace_get_case(workspace));
  for (guint n = 0; n < g_list_model_get_n_items(structures); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(structures, n);
    if (hilum_structure_get_voxels(structure) > 0) add_row(self, structure);
  }
  if (self->rows->len == 0)
    gtk_box_append(self->structures, gtk_label_new(_("No structure has voxels yet.")));
  self->whole = add_row(self, NULL);
  g_signal_connect_object(checks, "changed", G_CALLBACK(refresh), self, G_CONNECT_SWAPPED);
  choice_changed(self);
  gtk_window_set_default_widget(GTK_WINDOW(self), GTK_WIDGET(self->export));
  gtk_window_present(GTK_WINDOW(self));
}

static void hilum_export_dialog_dispose(GObject *object)
{
  HilumExportDialog *self = HILUM_EXPORT_DIALOG(object);
  if (self->checks) {
    g_signal_handlers_disconnect_by_data(self->checks, self);
    hilum_surface_checks_want(self->checks, HILUM_CHECKS_DIALOG, NULL);
    hilum_surface_checks_want_union(self->checks, NULL);
  }
  g_clear_object(&self->checks);
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_export_dialog_parent_class)->dispose(object);
}

static void hilum_export_dialog_finalize(GObject *object)
{
  g_ptr_array_unref(HILUM_EXPORT_DIALOG(object)->rows);
  G_OBJECT_CLASS(hilum_export_dialog_parent_class)->finalize(object);
}

static void hilum_export_dialog_class_init(HilumExportDialogClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_export_dialog_dispose;
  G_OBJECT_CLASS(klass)->finalize = hilum_export_dialog_finalize;
  gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/export_dialog.ui");
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, cancel);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, export);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, structures);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, separate);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, together);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, frame);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, united);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, remove);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, resolve);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, thicken);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, hollow);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, decimate);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, below);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, diameter);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, wall);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, error);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, suggested);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, objections);
  gtk_widget_class_bind_template_callback(widget, choice_changed);
}

static void hilum_export_dialog_init(HilumExportDialog *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->rows = g_ptr_array_new();
  g_signal_connect_swapped(self->cancel, "clicked", G_CALLBACK(gtk_window_destroy), self);
  g_signal_connect_swapped(self->export, "clicked", G_CALLBACK(export_clicked), self);
}
