/* Review: the numbers of the case. They are made by a job over a snapshot whenever the panel is looked at and
 * the labels or the phase have moved on since, a moment after the last change. */
#include "review_panel.h"

#include "gaps.h"
#include "hilum/casefile/case.h"
#include "ui_tools.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>

/* A row of undos is one measurement. */
#define SETTLE_MS 400

struct _HilumReviewPanel {
  GtkWidget parent_instance;
  GtkLabel *note;
  GtkGrid *table;
  GtkWidget *results;
  GtkDropDown *from;
  GtkListBox *distances;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  HilumJob *job; /* referenced; NULL: none runs */
  guint settle_id;
  bool stale; /* something changed that the numbers depend on */
  HilumMeasurements *numbers;
  size_t from_index; /* structure whose distances are listed */
  HilumGaps *gaps;   /* of its surface */
  char *names;       /* of the structures, as they were last */
};

enum { FAILED, CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumReviewPanel, hilum_review_panel, GTK_TYPE_WIDGET)

/* --- the job --- */

typedef struct {
  HilumReviewPanel *self;
  GArray *subjects; /* HilumMeasureSubject, names owned */
  HilumVolume **volumes;
  char **names;
  HilumMeasureRequest what;
} Request;

static void request_free(gpointer data)
{
  Request *request = data;
  for (guint n = 0; n < request->subjects->len; n++)
    g_free((char *)g_array_index(request->subjects, HilumMeasureSubject, n).name);
  g_array_unref(request->subjects);
  for (size_t n = 0; n < request->what.n_phases; n++)
    g_clear_pointer(&request->volumes[n], hilum_volume_unref);
  g_free(request->volumes);
  g_strfreev(request->names);
  hilum_label_snapshot_unref(request->what.labels);
  g_object_unref(request->self);
  g_free(request);
}

/* Worker thread. */
static gpointer measure(gpointer data, const HilumProgress *progress, GError **error)
{
  return hilum_measurements_new(&((const Request *)data)->what, progress, error);
}

static void free_numbers(gpointer data)
{
  hilum_measurements_unref(data);
}

static Request *make_request(HilumReviewPanel *self, HilumCase *the_case)
{
  HilumLabelSnapshot *labels = hilum_case_dup_labels(the_case);
  if (!labels) return NULL;
  Request *request = g_new0(Request, 1);
  request->self = g_object_ref(self);
  request->subjects = g_array_new(FALSE, FALSE, sizeof(HilumMeasureSubject));
  GListModel *structures = hilum_case_get_structures(the_case);
  for (guint n = 0; n < g_list_model_get_n_items(structures); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(structures, n);
    const HilumMeasureSubject subject = {hilum_structure_get_label(structure),
                                         g_strdup(hilum_structure_get_name(structure)),
                                         hilum_structure_kind_id(hilum_structure_get_kind(structure))};
    g_array_append_val(request->subjects, subject);
  }
  const size_t n_phases = hilum_workspace_get_phase_count(self->workspace);
  request->volumes = g_new0(HilumVolume *, n_phases + 1);
  request->names = g_new0(char *, n_phases + 1);
  for (size_t n = 0; n < n_phases; n++) {
    HilumVolume *volume = hilum_workspace_get_volume(self->workspace, n);
    request->volumes[n] = volume ? hilum_volume_ref(volume) : NULL;
    request->names[n] = g_strdup(hilum_workspace_get_phase_name(self->workspace, n));
  }
  request->what = (HilumMeasureRequest){.labels = labels,
                                        .subjects = (const void *)request->subjects->data,
                                        .n_subjects = request->subjects->len,
                                        .volumes = request->volumes,
                                        .phase_names = (const char *const *)request->names,
                                        .n_phases = n_phases,
                                        .phase = hilum_workspace_get_active_phase(self->workspace)};
  return request;
}

/* --- the table --- */

static GtkWidget *make_cell(const char *text, bool number, const char *css_class)
{
  GtkWidget *label = gtk_label_new(text);
  gtk_label_set_xalign(GTK_LABEL(label), number ? 1 : 0);
  if (css_class) gtk_widget_add_css_class(label, css_class);
  if (number) gtk_widget_add_css_class(label, "numeric");
  gtk_widget_add_css_class(label, "small");
  return label;
}

static char *dup_number(double value, int digits)
{
  return isfinite(value) ? g_strdup_printf("%.*f", digits, value) : g_strdup("–");
}

enum { N_COLUMNS = 4, LINES = 3 };

static void add_header(HilumReviewPanel *self)
{
  const struct {
    const char *text, *tip;
  } columns[N_COLUMNS] = {
      {_("Structure"), NULL},
      {_("ml"), _("Voxels times the volume of one")},
      {_("ml, partial"),
       _("Boundary voxels counted in part, by their value between inside and outside; – where the contrast "
         "is too small to say")},
      {_("Ø mm"), _("Largest diameter in space")}};
  for (int c = 0; c < N_COLUMNS; c++) {
    GtkWidget *cell = make_cell(columns[c].text, c > 0, "dim");
    gtk_widget_set_tooltip_text(cell, columns[c].tip);
    gtk_grid_attach(self->table, cell, c, 0, 1, 1);
  }
}

static char *dup_values_text(const HilumMeasurements *m, const HilumStructureValues *v)
{
  const char *unit = m->phase < m->n_phases ? m->units[m->phase] : "";
  return g_strdup_printf(_("%.0f ± %.0f %s, 5–50–95 %%: %.0f, %.0f, %.0f"), v->mean, v->sd, unit, v->p5,
                         v->median, v->p95);
}

/* Three lines a structure: the panel is narrow, and nothing may hide behind its edge. */
static void add_structure(HilumReviewPanel *self, size_t n)
{
  const HilumMeasuredStructure *s = &self->numbers->structures[n];
  const HilumStructureValues *v = hilum_measurements_get_values(self->numbers, n);
  const HilumPlaneDiameter *axial = &s->shape.planes[HILUM_SHAPE_AXIAL];
  const int line = (int)n * LINES + 1;
  g_autofree char *volume = dup_number(s->stats.volume_ml, 2), *partial = dup_number(s->partial.volume_ml, 2);
  g_autofree char *diameter = dup_number(s->stats.max_diameter_mm, 1);
  g_autofree char *plane =
      g_strdup_printf(_("axial %.1f × %.1f mm"), axial->diameter_mm, axial->perpendicular_mm);
  g_autofree char *values = v ? dup_values_text(self->numbers, v) : g_strdup(_("no images"));
  const char *cells[N_COLUMNS] = {s->name, volume, partial, diameter};
  for (int c = 0; c < N_COLUMNS; c++)
    gtk_grid_attach(self->table, make_cell(cells[c], c > 0, NULL), c, line, 1, 1);
  GtkWidget *name = gtk_grid_get_child_at(self->table, 0, line);
  gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand(name, TRUE);
  GtkWidget *plane_line = make_cell(plane, false, "dim"), *values_line = make_cell(values, false, "dim");
  gtk_widget_set_tooltip_text(
      plane_line, _("Largest diameter in an axial slice, and at right angles to it in the same slice"));
  gtk_widget_set_tooltip_text(values_line,
                              _("Mean, standard deviation and percentiles in the phase on screen"));
  gtk_label_set_wrap(GTK_LABEL(values_line), TRUE);
  gtk_widget_set_margin_bottom(values_line, 6);
  gtk_grid_attach(self->table, plane_line, 0, line + 1, N_COLUMNS, 1);
  gtk_grid_attach(self->table, values_line, 0, line + 2, N_COLUMNS, 1);
  /* A screen reader says the row where the eye would follow it. */
  g_autofree char *row =
      g_strdup_printf(_("%s: %s ml, %s ml with partial voxels, largest diameter %s mm, %s, %s"), s->name,
                      volume, partial, diameter, plane, values);
  gtk_accessible_update_property(GTK_ACCESSIBLE(name), GTK_ACCESSIBLE_PROPERTY_LABEL, row, -1);
}

static void show_table(HilumReviewPanel *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->table))))
    gtk_grid_remove(self->table, child);
  if (!self->numbers) return;
  add_header(self);
  for (size_t n = 0; n < self->numbers->n_structures; n++)
    add_structure(self, n);
}

/* --- the distances --- */

static int compare_distances(const void *a, const void *b)
{
  const double x = (*(const HilumMeasuredDistance *const *)a)->distance_mm;
  const double y = (*(const HilumMeasuredDistance *const *)b)->distance_mm;
  return x < y ? -1 : x > y;
}

static GtkWidget *make_distance_row(HilumReviewPanel *self, const HilumMeasuredDistance *d)
{
  const HilumMeasurements *numbers = self->numbers;
  const size_t from = self->from_index;
  const HilumMeasuredStructure *structure = &numbers->structures[d->a == from ? d->b : d->a];
  const char *other = structure->name;
  HilumSurfaceGap gap;
  const bool surfaces = hilum_gaps_get(self->gaps, structure->label, &gap);
  g_autofree char *mm = surfaces
                            ? g_strdup_printf(_("surfaces %.1f · voxels %.1f mm"), gap.mm, d->distance_mm)
                            : g_strdup_printf(_("%.1f mm"), d->distance_mm);
  g_autofree char *spoken =
      g_strdup_printf(_("%s to %s, %s: show the nearest points"), numbers->structures[from].name, other, mm);
  GtkWidget *row = gtk_list_box_row_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *name = make_cell(other, false, NULL);
  gtk_widget_set_hexpand(name, TRUE);
  gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_END);
  gtk_box_append(GTK_BOX(box), name);
  gtk_box_append(GTK_BOX(box), make_cell(mm, true, "value"));
  gtk_widget_add_css_class(box, "structure-row");
  gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
  gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_widget_set_tooltip_text(
      row, _("Crosshair to the nearest point of the one, and again: of the other; the least distance of the "
             "surfaces, or of voxel centres where there are none, as a line in all panes"));
  g_object_set_data(G_OBJECT(row), "pair", GSIZE_TO_POINTER((gsize)(d - numbers->distances) + 1));
  return row;
}

static void show_distances(HilumReviewPanel *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->distances))))
    gtk_list_box_remove(self->distances, child);
  const HilumMeasurements *m = self->numbers;
  if (!m || self->from_index >= m->n_structures) return;
  g_autofree const HilumMeasuredDistance **sorted = g_new(const HilumMeasuredDistance *, m->n_structures);
  size_t n = 0;
  for (size_t other = 0; other < m->n_structures; other++)
    if (other != self->from_index) sorted[n++] = hilum_measurements_get_distance(m, self->from_index, other);
  qsort(sorted, n, sizeof *sorted, compare_distances);
  for (size_t d = 0; d < n; d++)
    gtk_list_box_append(self->distances, make_distance_row(self, sorted[d]));
}

/* The surfaces' distances follow the list: of the structure in "From", while it is looked at. */
static void follow_gaps(HilumReviewPanel *self)
{
  const HilumMeasurements *m = self->numbers;
  const bool any = m && self->from_index < m->n_structures && gtk_widget_get_mapped(GTK_WIDGET(self));
  hilum_gaps_set_from(self->gaps, any ? m->structures[self->from_index].label : 0);
}

/* The line between the nearest points of two structures. */
static void show_span(HilumReviewPanel *self, const HilumMeasuredDistance *d)
{
  const uint8_t other = self->numbers->structures[d->a == self->from_index ? d->b : d->a].label;
  HilumSurfaceGap gap;
  HilumSpan span = {.on = true, .a_mm = d->point_a_mm, .b_mm = d->point_b_mm};
  if (hilum_gaps_get(self->gaps, other, &gap)) span = (HilumSpan){true, gap.a_mm, gap.b_mm};
  hilum_workspace_set_span(self->workspace, &span);
}

/* The nearest point of the structure in "From", or of the other one if the crosshair is there already. */
static void distance_activated(GtkListBox *list, GtkListBoxRow *row, HilumReviewPanel *self)
{
  const gsize pair = GPOINTER_TO_SIZE(g_object_get_data(G_OBJECT(row), "pair"));
  if (!self->numbers || pair == 0 || pair > self->numbers->n_distances) return;
  const HilumMeasuredDistance *d = &self->numbers->distances[pair - 1];
  const HilumVec3 own = d->a == self->from_index ? d->point_a_mm : d->point_b_mm;
  const HilumVec3 other = d->a == self->from_index ? d->point_b_mm : d->point_a_mm;
  const HilumVec3 here = hilum_workspace_get_cursor_mm(self->workspace);
  hilum_workspace_set_cursor_mm(self->workspace, hilum_vec3_distance(here, own) < 0.01 ? other : own);
  show_span(self, d);
}

static void from_chosen(HilumReviewPanel *self)
{
  const guint chosen = gtk_drop_down_get_selected(self->from);
  if (chosen == GTK_INVALID_LIST_POSITION) return;
  self->from_index = chosen;
  follow_gaps(self);
  show_distances(self);
}

/* The list of what distances can be from; the same name stays chosen, else the first tumour, else the first.
 */
static void fill_from(HilumReviewPanel *self, const char *before)
{
  const HilumMeasurements *m = self->numbers;
  g_autoptr(GtkStringList) names = gtk_string_list_new(NULL);
  size_t chosen = 0;
  bool tumour = false, kept = false;
  for (size_t n = 0; m && n < m->n_structures; n++) {
    gtk_string_list_append(names, m->structures[n].name);
    const bool same = before && g_str_equal(m->structures[n].name, before);
    const bool first_tumour = !tumour && g_str_equal(m->structures[n].kind, "tumour");
    if (same || (first_tumour && !kept)) chosen = n;
    tumour |= first_tumour;
    kept |= same;
  }
  self->from_index = chosen;
  gtk_drop_down_set_model(self->from, G_LIST_MODEL(names));
  if (m && m->n_structures > 0) gtk_drop_down_set_selected(self->from, (guint)chosen);
}

/* --- keeping up --- */

const char *hilum_review_panel_get_estimate(HilumReviewPanel *self)
{
  HilumCase *the_case = self->workspace ? hilum_workspace_get_case(self->workspace) : NULL;
  if (!the_case || hilum_case_get_phase_count(the_case) == 0) return NULL;
  size_t n = 0;
  const HilumFinding *findings = hilum_phase_get_findings(hilum_case_get_phase(the_case, 0), &n);
  return hilum_findings_mark_estimate(findings, n);
}

static void show_note(HilumReviewPanel *self)
{
  const bool any = self->numbers && self->numbers->n_structures > 0;
  gtk_widget_set_visible(self->results, any);
  if (self->job)
    hilum_label_update(self->note, _("Measuring…"));
  else if (!hilum_workspace_get_case(self->workspace))
    hilum_label_update(self->note, "");
  else if (!self->numbers || self->stale)
    hilum_label_update(self->note, _("The structures changed since: measure again."));
  else if (!any)
    hilum_label_update(self->note, _("There is nothing to measure: no structure has voxels."));
  else {
    const char *estimate = hilum_review_panel_get_estimate(self);
    g_autofree char *text =
        g_strdup_printf("%s%s%s", estimate ? estimate : "", estimate ? "\n" : "",
                        _("Distances are between the nearest voxel centres; where both structures have a "
                          "surface, first between the surfaces."));
    hilum_label_update(self->note, text);
  }
}

static void take_numbers(HilumReviewPanel *self, HilumMeasurements *numbers)
{
  g_autofree char *before = self->numbers && self->from_index < self->numbers->n_structures
                                ? g_strdup(self->numbers->structures[self->from_index].name)
                                : NULL;
  g_clear_pointer(&self->numbers, hilum_measurements_unref);
  self->numbers = numbers;
  show_table(self);
  fill_from(self, before);
  follow_gaps(self);
  show_distances(self);
  g_signal_emit(self, signals[CHANGED], 0);
}

static void measured(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  HilumReviewPanel *self = ((Request *)user_data)->self;
  const bool current = self->job == job;
  if (current) g_clear_object(&self->job);
  if (result && current && self->workspace) {
    self->stale = false;
    take_numbers(self, result);
  } else if (result) {
    free_numbers(result);
  }
  if (!self->workspace) return;
  if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit(self, signals[FAILED], 0, error->message);
  show_note(self);
}

void hilum_review_panel_measure(HilumReviewPanel *self)
{
  g_clear_handle_id(&self->settle_id, g_source_remove);
  if (self->job) {
    g_autoptr(HilumJob) superseded = g_steal_pointer(&self->job);
    hilum_job_cancel(superseded);
  }
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  Request *request = the_case ? make_request(self, the_case) : NULL;
  if (!request) return;
  self->job = g_object_ref(hilum_job_list_start(self->jobs, false, _("Measuring…"), measure, request,
                                                request_free, free_numbers, measured, request));
  show_note(self);
}

static gboolean settled(gpointer data)
{
  HilumReviewPanel *self = data;
  self->settle_id = 0;
  if (gtk_widget_get_mapped(GTK_WIDGET(self))) hilum_review_panel_measure(self);
  return G_SOURCE_REMOVE;
}

/* Measures soon if the panel is looked at; else when it is next. */
static void catch_up(HilumReviewPanel *self)
{
  if (!self->stale || !gtk_widget_get_mapped(GTK_WIDGET(self))) return;
  g_clear_handle_id(&self->settle_id, g_source_remove);
  self->settle_id = g_timeout_add(SETTLE_MS, settled, self);
}

/* What the structures are called: showing and hiding them changes no number. */
static char *dup_names(HilumWorkspace *workspace)
{
  GString *names = g_string_new(NULL);
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    const HilumStructureLook *look = hilum_workspace_get_look(workspace, (uint8_t)label);
    if (look->used) g_string_append_printf(names, "%d %s\n", label, look->name);
  }
  return g_string_free(names, FALSE);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumReviewPanel *self)
{
  bool moved_on = changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_LABELS | HILUM_CHANGE_PHASE);
  if (changes & HILUM_CHANGE_CASE) take_numbers(self, NULL);
  if (changes & HILUM_CHANGE_STRUCTURES) {
    char *names = dup_names(workspace);
    moved_on |= g_strcmp0(names, self->names) != 0;
    g_free(self->names);
    self->names = names;
  }
  if (!moved_on) return;
  self->stale = true;
  hilum_workspace_set_span(workspace, &(HilumSpan){.on = false});
  show_note(self);
  catch_up(self);
}

HilumMeasurements *hilum_review_panel_get_numbers(HilumReviewPanel *self)
{
  return self->stale || self->job ? NULL : self->numbers;
}

void hilum_review_panel_set_workspace(HilumReviewPanel *self, HilumWorkspace *workspace, HilumJobList *jobs)
{
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  self->gaps = hilum_gaps_new(workspace, jobs);
  g_signal_connect_swapped(self->gaps, "changed", G_CALLBACK(show_distances), self);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  show_note(self);
}

/* --- life --- */

static void hilum_review_panel_map(GtkWidget *widget)
{
  GTK_WIDGET_CLASS(hilum_review_panel_parent_class)->map(widget);
  catch_up(HILUM_REVIEW_PANEL(widget));
  if (HILUM_REVIEW_PANEL(widget)->gaps) follow_gaps(HILUM_REVIEW_PANEL(widget));
}

static void hilum_review_panel_unmap(GtkWidget *widget)
{
  HilumReviewPanel *self = HILUM_REVIEW_PANEL(widget);
  GTK_WIDGET_CLASS(hilum_review_panel_parent_class)->unmap(widget);
  if (!self->gaps) return;
  follow_gaps(self);
  hilum_workspace_set_span(self->workspace, &(HilumSpan){.on = false});
}

static void hilum_review_panel_dispose(GObject *object)
{
  HilumReviewPanel *self = HILUM_REVIEW_PANEL(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  g_clear_handle_id(&self->settle_id, g_source_remove);
  g_clear_object(&self->job);
  if (self->gaps) g_signal_handlers_disconnect_by_data(self->gaps, self);
  g_clear_object(&self->gaps);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
  g_clear_pointer(&self->numbers, hilum_measurements_unref);
  g_clear_pointer(&self->names, g_free);
  G_OBJECT_CLASS(hilum_review_panel_parent_class)->dispose(object);
}

static void hilum_review_panel_class_init(HilumReviewPanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_review_panel_dispose;
  widget->map = hilum_review_panel_map;
  widget->unmap = hilum_review_panel_unmap;
  signals[FAILED] = g_signal_new("failed", HILUM_TYPE_REVIEW_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CHANGED] = g_signal_new("changed", HILUM_TYPE_REVIEW_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/review_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumReviewPanel, note);
  gtk_widget_class_bind_template_child(widget, HilumReviewPanel, table);
  gtk_widget_class_bind_template_child(widget, HilumReviewPanel, results);
  gtk_widget_class_bind_template_child(widget, HilumReviewPanel, from);
  gtk_widget_class_bind_template_child(widget, HilumReviewPanel, distances);
}

static void hilum_review_panel_init(HilumReviewPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->stale = true;
  g_signal_connect(self->distances, "row-activated", G_CALLBACK(distance_activated), self);
  g_signal_connect_swapped(self->from, "notify::selected", G_CALLBACK(from_chosen), self);
}
