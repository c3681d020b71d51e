/* Review: numbers are made by a job over a snapshot and say so when the labels have moved on since. */
#include "review_panel.h"

#include "hilum/casefile/case.h"
#include "hilum/segment/statistics.h"
#include "ui_tools.h"

#include <glib/gi18n.h>
#include <math.h>

struct _HilumReviewPanel {
  GtkWidget parent_instance;
  GtkLabel *note;
  GtkBox *list;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  uint64_t shown_serial; /* labels that the numbers are about */
  bool shown;
};

enum { FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumReviewPanel, hilum_review_panel, GTK_TYPE_WIDGET)

typedef struct {
  uint8_t label;
  HilumStructureKind kind;
  char *name;
} Subject;

typedef struct {
  char *title, *text;
} Entry;

typedef struct {
  HilumReviewPanel *self;
  HilumLabelSnapshot *labels;
  HilumVolume *volume; /* may be NULL */
  GArray *subjects;    /* of Subject */
} Request;

static void subject_clear(gpointer data)
{
  g_free(((Subject *)data)->name);
}

static void entry_clear(gpointer data)
{
  g_free(((Entry *)data)->title);
  g_free(((Entry *)data)->text);
}

static void request_free(gpointer data)
{
  Request *request = data;
  g_array_unref(request->subjects);
  hilum_label_snapshot_unref(request->labels);
  g_clear_pointer(&request->volume, hilum_volume_unref);
  g_object_unref(request->self);
  g_free(request);
}

static char *dup_stats_text(const HilumStructureStats *stats, const char *unit)
{
  g_autofree char *volume = hilum_volume_dup_text(stats->volume_ml);
  g_autoptr(GString) text = g_string_new(NULL);
  g_string_append_printf(text, _("%s · largest diameter %.1f mm"), volume, stats->max_diameter_mm);
  if (isfinite(stats->mean))
    g_string_append_printf(text, _("\n%.0f ± %.0f %s"), stats->mean, stats->sd, unit);
  return g_strdup(text->str);
}

/* From every tumour to everything else: what a surgeon asks first. */
static bool add_distances(const Request *request, GArray *entries, const HilumProgress *progress,
                          GError **error)
{
  guint n = request->subjects->len;
  for (guint a = 0; a < n; a++) {
    const Subject *from = &g_array_index(request->subjects, Subject, a);
    if (from->kind != HILUM_STRUCTURE_TUMOUR) continue;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint b = 0; b < n; b++) {
      const Subject *to = &g_array_index(request->subjects, Subject, b);
      if (a == b) continue;
      HilumProgress part =
          hilum_progress_part(progress, (a + (double)b / n) / n, (a + (b + 1.0) / n) / n, NULL);
      double distance_mm;
      HilumVec3 p, q;
      if (!hilum_structure_distance(request->labels, from->label, to->label, &distance_mm, &p, &q, &part,
                                    error))
        return false;
      g_string_append_printf(text, _("%s%s %.1f mm"), text->len ? "\n" : "", to->name, distance_mm);
    }
    Entry entry = {g_strdup_printf(_("From %s to"), from->name), g_strdup(text->str)};
    if (text->len)
      g_array_append_val(entries, entry);
    else
      entry_clear(&entry);
  }
  return true;
}

/* Worker thread. */
static gpointer measure(gpointer data, const HilumProgress *progress, GError **error)
{
  const Request *request = data;
  g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(Entry));
  g_array_set_clear_func(entries, entry_clear);
  const char *unit = request->volume ? hilum_volume_get_unit(request->volume) : "";
  guint n = request->subjects->len;
  for (guint s = 0; s < n; s++) {
    const Subject *subject = &g_array_index(request->subjects, Subject, s);
    HilumProgress part = hilum_progress_part(progress, 0.7 * s / n, 0.7 * (s + 1) / n, NULL);
    HilumStructureStats stats;
    if (!hilum_structure_stats(request->labels, subject->label, request->volume, &stats, &part, error))
      return NULL;
    Entry entry = {g_strdup(subject->name), dup_stats_text(&stats, unit)};
    g_array_append_val(entries, entry);
  }
  HilumProgress distances = hilum_progress_part(progress, 0.7, 1, NULL);
  if (!add_distances(request, entries, &distances, error)) return NULL;
  return g_steal_pointer(&entries);
}

static void free_entries(gpointer data)
{
  g_array_unref(data);
}

static void clear_list(HilumReviewPanel *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->list))))
    gtk_box_remove(self->list, child);
}

static GtkWidget *make_label(const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new(text);
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_label_set_wrap(GTK_LABEL(label), TRUE);
  gtk_widget_add_css_class(label, css_class);
  return label;
}

static void show_entries(HilumReviewPanel *self, GArray *entries)
{
  clear_list(self);
  for (guint n = 0; n < entries->len; n++) {
    const Entry *entry = &g_array_index(entries, Entry, n);
    GtkWidget *card = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
    gtk_widget_add_css_class(card, "card");
    gtk_box_append(GTK_BOX(card), make_label(entry->title, "card-title"));
    gtk_box_append(GTK_BOX(card), make_label(entry->text, "card-text"));
    gtk_box_append(self->list, card);
  }
}

static void show_note(HilumReviewPanel *self)
{
  HilumLabelMap *map = self->workspace ? hilum_workspace_get_labels(self->workspace) : NULL;
  if (!self->shown)
    hilum_label_update(self->note, _("Volumes, diameters, values and the distances of each tumour."));
  else if (!map || hilum_label_map_get_serial(map) != self->shown_serial)
    hilum_label_update(self->note, _("The structures changed since: measure again."));
  else
    hilum_label_update(self->note, _("Distances are between the nearest voxel centres."));
}

static void measured(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Request *request = user_data;
  HilumReviewPanel *self = request->self;
  if (result && self->workspace) {
    self->shown = true;
    self->shown_serial = hilum_label_snapshot_get_serial(request->labels);
    show_entries(self, result);
    show_note(self);
  }
  if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit(self, signals[FAILED], 0, error->message);
  if (result) free_entries(result);
}

void hilum_review_panel_measure(HilumReviewPanel *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  HilumLabelSnapshot *labels = the_case ? hilum_case_dup_labels(the_case) : NULL;
  if (!labels) return;
  Request *request = g_new0(Request, 1);
  request->self = g_object_ref(self);
  request->labels = labels;
  HilumVolume *volume = hilum_workspace_get_active_volume(self->workspace);
  request->volume = volume ? hilum_volume_ref(volume) : NULL;
  request->subjects = g_array_new(FALSE, FALSE, sizeof(Subject));
  g_array_set_clear_func(request->subjects, subject_clear);
  GListModel *structures = hilum_case_get_structures(the_case);
  for (guint n = 0; n < g_list_model_get_n_items(structures); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(structures, n);
    if (hilum_structure_get_voxels(structure) == 0) continue;
    Subject subject = {hilum_structure_get_label(structure), hilum_structure_get_kind(structure),
                       g_strdup(hilum_structure_get_name(structure))};
    g_array_append_val(request->subjects, subject);
  }
  hilum_job_list_start(self->jobs, false, _("Measuring…"), measure, request, request_free, free_entries,
                       measured, request);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumReviewPanel *self)
{
  if (changes & HILUM_CHANGE_CASE) {
    self->shown = false;
    clear_list(self);
  }
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_LABELS)) show_note(self);
}

void hilum_review_panel_set_workspace(HilumReviewPanel *self, HilumWorkspace *workspace, HilumJobList *jobs)
{
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  show_note(self);
}

static void hilum_review_panel_dispose(GObject *object)
{
  HilumReviewPanel *self = HILUM_REVIEW_PANEL(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
  G_OBJECT_CLASS(hilum_review_panel_parent_class)->dispose(object);
}

static void hilum_review_panel_class_init(HilumReviewPanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_review_panel_dispose;
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_REVIEW_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/review_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumReviewPanel, note);
  gtk_widget_class_bind_template_child(widget, HilumReviewPanel, list);
}

static void hilum_review_panel_init(HilumReviewPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
