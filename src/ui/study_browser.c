/* Several volumes were found: which ones to open. */
#include "study_browser.h"

#include "study_row.h"

#include <glib/gi18n.h>

/* Grids closer than this are the same place: phases of one scan. */
#define SAME_GRID_MM 0.01

struct _HilumStudyBrowser {
  GtkWindow parent_instance;
  GtkButton *cancel, *open;
  GtkLabel *summary, *note;
  GtkListBox *list;
  GtkSearchEntry *search;
  HilumCatalog *catalog;
  HilumStudyChosen done;
  gpointer data;
  bool updating;
};

G_DEFINE_FINAL_TYPE(HilumStudyBrowser, hilum_study_browser, GTK_TYPE_WINDOW)

/* May be phases of one case: on other grids they are resampled. */
static bool may_join(const HilumSeriesInfo *a, const HilumSeriesInfo *b)
{
  return g_str_equal(a->patient_id, b->patient_id) && g_str_equal(a->study_uid, b->study_uid);
}

/* Plainly phases of one case. */
static bool belong_together(const HilumSeriesInfo *a, const HilumSeriesInfo *b)
{
  return may_join(a, b) && hilum_grid_equal(&a->grid, &b->grid, SAME_GRID_MM);
}

GArray *hilum_study_browser_choose_silently(const HilumCatalog *catalog)
{
  g_autoptr(GArray) usable = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint n = 0; n < hilum_catalog_get_count(catalog); n++)
    if (hilum_catalog_get_series(catalog, n)->verdict != HILUM_VERDICT_REFUSED) g_array_append_val(usable, n);
  if (usable->len == 0) return NULL;
  const HilumSeriesInfo *first = hilum_catalog_get_series(catalog, g_array_index(usable, guint, 0));
  for (guint n = 1; n < usable->len; n++)
    if (!belong_together(first, hilum_catalog_get_series(catalog, g_array_index(usable, guint, n))))
      return NULL;
  /* A refused volume beside a good one is for the user to see. */
  if (usable->len < hilum_catalog_get_count(catalog)) return NULL;
  return g_steal_pointer(&usable);
}

static HilumStudyRow *get_row(HilumStudyBrowser *self, int index)
{
  return HILUM_STUDY_ROW(gtk_list_box_get_row_at_index(self->list, index));
}

static guint count_ticked(HilumStudyBrowser *self)
{
  guint count = 0;
  for (int n = 0; n < (int)hilum_catalog_get_count(self->catalog); n++)
    count += hilum_study_row_get_ticked(get_row(self, n));
  return count;
}

/* A newly ticked volume unticks what cannot be a phase beside it. */
static void row_toggled(HilumStudyRow *row, HilumStudyBrowser *self)
{
  if (self->updating) return;
  self->updating = true;
  guint dropped = 0;
  for (int n = 0; hilum_study_row_get_ticked(row) && n < (int)hilum_catalog_get_count(self->catalog); n++) {
    HilumStudyRow *other = get_row(self, n);
    if (other == row || !hilum_study_row_get_ticked(other)) continue;
    if (may_join(hilum_study_row_get_info(row), hilum_study_row_get_info(other))) continue;
    hilum_study_row_set_ticked(other, false);
    dropped++;
  }
  self->updating = false;
  gtk_label_set_text(self->note,
                     dropped > 0 ? _("Phases of one case must be of the same patient and study; the others "
                                     "were unticked.")
                                 : "");
  gtk_widget_set_sensitive(GTK_WIDGET(self->open), count_ticked(self) > 0);
}

static void row_activated(GtkListBox *list, GtkListBoxRow *row, HilumStudyBrowser *self)
{
  HilumStudyRow *study = HILUM_STUDY_ROW(row);
  hilum_study_row_set_ticked(study, !hilum_study_row_get_ticked(study));
}

/* The largest group that belongs together, the first of equals. */
static void tick_best(HilumStudyBrowser *self)
{
  int count = (int)hilum_catalog_get_count(self->catalog), best = -1, best_size = 0;
  for (int a = 0; a < count; a++) {
    const HilumSeriesInfo *info = hilum_catalog_get_series(self->catalog, (size_t)a);
    if (info->verdict == HILUM_VERDICT_REFUSED) continue;
    int size = 0;
    for (int b = 0; b < count; b++) {
      const HilumSeriesInfo *other = hilum_catalog_get_series(self->catalog, (size_t)b);
      size += other->verdict != HILUM_VERDICT_REFUSED && belong_together(info, other);
    }
    if (size > best_size) {
      best = a;
      best_size = size;
    }
  }
  for (int n = 0; best >= 0 && n < count; n++) {
    const HilumSeriesInfo *info = hilum_catalog_get_series(self->catalog, (size_t)n);
    if (info->verdict != HILUM_VERDICT_REFUSED &&
        belong_together(hilum_catalog_get_series(self->catalog, (size_t)best), info))
      hilum_study_row_set_ticked(get_row(self, n), true);
  }
}

/* --- searching --- */

static gboolean row_is_wanted(GtkListBoxRow *row, gpointer data)
{
  HilumStudyBrowser *self = data;
  return hilum_study_row_matches(HILUM_STUDY_ROW(row), gtk_editable_get_text(GTK_EDITABLE(self->search)));
}

/* What is ticked stays ticked, so the note says how much of it the search hides. */
static void search_changed(HilumStudyBrowser *self)
{
  gtk_list_box_invalidate_filter(self->list);
  const char *words = gtk_editable_get_text(GTK_EDITABLE(self->search));
  const guint count = (guint)hilum_catalog_get_count(self->catalog);
  guint shown = 0, hidden_ticked = 0;
  for (guint n = 0; n < count; n++) {
    HilumStudyRow *row = get_row(self, (int)n);
    const bool matches = hilum_study_row_matches(row, words);
    shown += matches;
    hidden_ticked += !matches && hilum_study_row_get_ticked(row);
  }
  g_autoptr(GString) text = g_string_new(NULL);
  if (*words) g_string_append_printf(text, _("%u of %u volumes match."), shown, count);
  if (hidden_ticked > 0)
    g_string_append_printf(text,
                           g_dngettext(NULL, " %u ticked volume is hidden by the search and opens as well.",
                                       " %u ticked volumes are hidden by the search and open as well.",
                                       hidden_ticked),
                           hidden_ticked);
  gtk_label_set_text(self->note, text->str);
}

static gboolean search_asked(GtkWidget *widget, GVariant *arguments, gpointer data)
{
  return gtk_widget_grab_focus(GTK_WIDGET(HILUM_STUDY_BROWSER(widget)->search));
}

/* --- gaps --- */

static void gap_accepted(HilumStudyRow *row, HilumStudyBrowser *self)
{
  g_autoptr(GError) error = NULL;
  const int index = gtk_list_box_row_get_index(GTK_LIST_BOX_ROW(row));
  if (!hilum_catalog_accept_gaps(self->catalog, (size_t)index, &error)) {
    gtk_label_set_text(self->note, error->message);
    return;
  }
  hilum_study_row_refresh(row);
  hilum_study_row_set_ticked(row, true);
}

/* --- the end --- */

static void finish(HilumStudyBrowser *self, GArray *chosen)
{
  HilumStudyChosen done = self->done;
  self->done = NULL;
  if (done) done(chosen, self->data);
  gtk_window_destroy(GTK_WINDOW(self));
}

static void cancel_clicked(HilumStudyBrowser *self)
{
  finish(self, NULL);
}

static void open_clicked(HilumStudyBrowser *self)
{
  g_autoptr(GArray) chosen = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint n = 0; n < hilum_catalog_get_count(self->catalog); n++)
    if (hilum_study_row_get_ticked(get_row(self, (int)n))) g_array_append_val(chosen, n);
  finish(self, chosen);
}

static gboolean close_request(GtkWindow *window)
{
  finish(HILUM_STUDY_BROWSER(window), NULL);
  return TRUE;
}

static gboolean escape_pressed(GtkWidget *widget, GVariant *arguments, gpointer data)
{
  finish(HILUM_STUDY_BROWSER(widget), NULL);
  return TRUE;
}

/* Escape in the search first empties it. */
static void search_stopped(HilumStudyBrowser *self)
{
  if (*gtk_editable_get_text(GTK_EDITABLE(self->search)))
    gtk_editable_set_text(GTK_EDITABLE(self->search), "");
  else
    finish(self, NULL);
}

static void show_catalog(HilumStudyBrowser *self)
{
  size_t count = hilum_catalog_get_count(self->catalog), ignored = hilum_catalog_get_ignored(self->catalog);
  size_t n_findings;
  const HilumFinding *findings = hilum_catalog_get_findings(self->catalog, &n_findings);
  g_autoptr(GString) summary = g_string_new(NULL);
  g_string_append_printf(summary,
                         g_dngettext(NULL, "%zu volume was found.", "%zu volumes were found.", count), count);
  if (ignored > 0)
    g_string_append_printf(
        summary, g_dngettext(NULL, " %zu file is not DICOM.", " %zu files are not DICOM.", ignored), ignored);
  for (size_t n = 0; n < MIN(n_findings, 3); n++)
    g_string_append_printf(summary, "\n%s", findings[n].message);
  if (n_findings > 3) g_string_append_printf(summary, _("\n… and %zu more findings."), n_findings - 3);
  gtk_label_set_text(self->summary, summary->str);
  self->updating = true;
  for (size_t n = 0; n < count; n++) {
    HilumStudyRow *row = hilum_study_row_new(hilum_catalog_get_series(self->catalog, n));
    g_signal_connect(row, "toggled", G_CALLBACK(row_toggled), self);
    g_signal_connect(row, "accept-gap", G_CALLBACK(gap_accepted), self);
    gtk_list_box_append(self->list, GTK_WIDGET(row));
  }
  tick_best(self);
  self->updating = false;
  gtk_widget_set_sensitive(GTK_WIDGET(self->open), count_ticked(self) > 0);
}

void hilum_study_browser_ask(GtkWindow *parent, HilumCatalog *catalog, HilumStudyChosen done, gpointer data)
{
  HilumStudyBrowser *self = g_object_new(HILUM_TYPE_STUDY_BROWSER, "transient-for", parent, NULL);
  self->catalog = catalog;
  self->done = done;
  self->data = data;
  show_catalog(self);
  gtk_window_set_default_widget(GTK_WINDOW(self), GTK_WIDGET(self->open));
  gtk_window_present(GTK_WINDOW(self));
}

/* The parent went away: whoever asked still gets an answer. */
static void hilum_study_browser_dispose(GObject *object)
{
  HilumStudyBrowser *self = HILUM_STUDY_BROWSER(object);
  HilumStudyChosen done = self->done;
  self->done = NULL;
  if (done) done(NULL, self->data);
  G_OBJECT_CLASS(hilum_study_browser_parent_class)->dispose(object);
}

static void hilum_study_browser_class_init(HilumStudyBrowserClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_study_browser_dispose;
  GTK_WINDOW_CLASS(klass)->close_request = close_request;
  gtk_widget_class_add_binding(widget, GDK_KEY_Escape, 0, escape_pressed, NULL);
  gtk_widget_class_add_binding(widget, GDK_KEY_f, GDK_CONTROL_MASK, search_asked, NULL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/study_browser.ui");
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, cancel);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, open);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, summary);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, note);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, list);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, search);
}

static void hilum_study_browser_init(HilumStudyBrowser *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  g_signal_connect_swapped(self->cancel, "clicked", G_CALLBACK(cancel_clicked), self);
  g_signal_connect_swapped(self->open, "clicked", G_CALLBACK(open_clicked), self);
  g_signal_connect(self->list, "row-activated", G_CALLBACK(row_activated), self);
  g_signal_connect_swapped(self->search, "search-changed", G_CALLBACK(search_changed), self);
  g_signal_connect_swapped(self->search, "stop-search", G_CALLBACK(search_stopped), self);
  gtk_list_box_set_filter_func(self->list, row_is_wanted, self, NULL);
}
