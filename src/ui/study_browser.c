/* Several volumes were found: which ones to open. */
#include "study_browser.h"

#include "study_choice.h"
#include "study_row.h"
#include "thumbnails.h"

#include <glib/gi18n.h>

/* The list makes some 30 rows whether they are seen or not, each as soon as its item is there; items after
 * them cost next to nothing. */
enum { ITEMS_WITH_ROWS = 40, ITEMS_A_BATCH = 256 };
/* Of one turn of the main loop. */
#define TURN_US 4000

struct _HilumStudyBrowser {
  GtkWindow parent_instance;
  GtkButton *cancel, *open;
  GtkLabel *summary, *note;
  GtkScrolledWindow *scroller;
  GtkGridView *list; /* of one column: a GtkListView makes 200 rows whatever is seen, this one 30 */
  GtkSearchEntry *search;
  GListStore *items; /* HilumStudyItem, in the order of the catalog */
  GtkCustomFilter *filter;
  GtkFilterListModel *filtered;
  HilumThumbnails *thumbnails;
  HilumCatalog *catalog;
  GArray *first_ticked;
  guint next_ticked; /* of first_ticked */
  guint fill_id;
  HilumStudyChosen done;
  gpointer data;
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumStudyBrowser, hilum_study_browser, GTK_TYPE_WINDOW)

static void emit_changed(HilumStudyBrowser *self)
{
  g_signal_emit(self, signals[CHANGED], 0);
}

static guint count_items(HilumStudyBrowser *self)
{
  return g_list_model_get_n_items(G_LIST_MODEL(self->items));
}

/* Borrowed: the store keeps it. */
static HilumStudyItem *get_item(HilumStudyBrowser *self, guint index)
{
  g_autoptr(HilumStudyItem) item = g_list_model_get_item(G_LIST_MODEL(self->items), index);
  return item;
}

static guint count_ticked(HilumStudyBrowser *self)
{
  guint count = 0;
  for (guint n = 0; n < count_items(self); n++)
    count += hilum_study_item_get_ticked(get_item(self, n));
  return count;
}

static void update_open(HilumStudyBrowser *self)
{
  gtk_widget_set_sensitive(GTK_WIDGET(self->open), !self->fill_id && count_ticked(self) > 0);
}

/* --- ticks --- */

/* A newly ticked volume unticks what cannot be a phase beside it. */
static void item_toggled(HilumStudyBrowser *self, HilumStudyItem *item)
{
  guint dropped = 0;
  self->next_ticked = self->first_ticked->len; /* the user has begun to choose */
  for (guint n = 0; hilum_study_item_get_ticked(item) && n < count_items(self); n++) {
    HilumStudyItem *other = get_item(self, n);
    if (other == item || !hilum_study_item_get_ticked(other)) continue;
    if (hilum_study_may_join(hilum_study_item_get_info(item), hilum_study_item_get_info(other))) continue;
    hilum_study_item_set_ticked(other, false);
    dropped++;
  }
  gtk_label_set_text(self->note,
                     dropped > 0 ? _("Phases of one case must be of the same patient and study; the others "
                                     "were unticked.")
                                 : "");
  update_open(self);
  emit_changed(self);
}

static void row_toggled(HilumStudyRow *row, HilumStudyBrowser *self)
{
  item_toggled(self, hilum_study_row_get_item(row));
}

static void row_activated(GtkGridView *list, guint position, HilumStudyBrowser *self)
{
  g_autoptr(HilumStudyItem) item = g_list_model_get_item(G_LIST_MODEL(self->filtered), position);
  if (!item) return;
  hilum_study_item_set_ticked(item, !hilum_study_item_get_ticked(item));
  item_toggled(self, item);
}

/* --- searching --- */

static gboolean item_is_wanted(gpointer item, gpointer data)
{
  HilumStudyBrowser *self = data;
  return hilum_study_item_matches(item, gtk_editable_get_text(GTK_EDITABLE(self->search)));
}

/* What is ticked stays ticked, so the note says how much of it the search hides. */
static void show_matches(HilumStudyBrowser *self)
{
  const char *words = gtk_editable_get_text(GTK_EDITABLE(self->search));
  const guint count = count_items(self);
  guint shown = 0, hidden_ticked = 0;
  for (guint n = 0; n < count; n++) {
    HilumStudyItem *item = get_item(self, n);
    const bool matches = hilum_study_item_matches(item, words);
    shown += matches;
    hidden_ticked += !matches && hilum_study_item_get_ticked(item);
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

static void search_changed(HilumStudyBrowser *self)
{
  gtk_filter_changed(GTK_FILTER(self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  show_matches(self);
  emit_changed(self);
}

static gboolean search_asked(GtkWidget *widget, GVariant *arguments, gpointer data)
{
  return gtk_widget_grab_focus(GTK_WIDGET(HILUM_STUDY_BROWSER(widget)->search));
}

/* --- gaps --- */

static void gap_accepted(HilumStudyRow *row, HilumStudyBrowser *self)
{
  g_autoptr(GError) error = NULL;
  HilumStudyItem *item = hilum_study_row_get_item(row);
  if (!hilum_catalog_accept_gaps(self->catalog, hilum_study_item_get_index(item), &error)) {
    gtk_label_set_text(self->note, error->message);
    return;
  }
  hilum_study_item_refresh(item);
  hilum_study_item_set_ticked(item, true);
  item_toggled(self, item);
}

/* --- rows, made for what is seen --- */

static void setup_row(GtkSignalListItemFactory *factory, GtkListItem *place, HilumStudyBrowser *self)
{
  GtkWidget *row = hilum_study_row_new();
  g_signal_connect_object(row, "toggled", G_CALLBACK(row_toggled), self, 0);
  g_signal_connect_object(row, "accept-gap", G_CALLBACK(gap_accepted), self, 0);
  gtk_list_item_set_child(place, row);
}

static void bind_row(GtkSignalListItemFactory *factory, GtkListItem *place, HilumStudyBrowser *self)
{
  HilumStudyItem *item = gtk_list_item_get_item(place);
  GtkWidget *row = gtk_list_item_get_child(place);
  hilum_study_row_set_item(HILUM_STUDY_ROW(row), item);
  if (self->thumbnails) hilum_thumbnails_want(self->thumbnails, item, row);
}

static void unbind_row(GtkSignalListItemFactory *factory, GtkListItem *place, HilumStudyBrowser *self)
{
  GtkWidget *row = gtk_list_item_get_child(place);
  if (self->thumbnails) hilum_thumbnails_leave(self->thumbnails, row);
  hilum_study_row_set_item(HILUM_STUDY_ROW(row), NULL);
}

static void scrolled(HilumStudyBrowser *self)
{
  if (self->thumbnails) hilum_thumbnails_look(self->thumbnails);
}

static void picture_came(gpointer data)
{
  emit_changed(data);
}

static void make_list(HilumStudyBrowser *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
  g_signal_connect(factory, "setup", G_CALLBACK(setup_row), self);
  g_signal_connect(factory, "bind", G_CALLBACK(bind_row), self);
  g_signal_connect(factory, "unbind", G_CALLBACK(unbind_row), self);
  self->items = g_list_store_new(HILUM_TYPE_STUDY_ITEM);
  self->filter = gtk_custom_filter_new(item_is_wanted, self, NULL);
  self->filtered = gtk_filter_list_model_new(g_object_ref(G_LIST_MODEL(self->items)),
                                             g_object_ref(GTK_FILTER(self->filter)));
  g_autoptr(GtkNoSelection) model = gtk_no_selection_new(g_object_ref(G_LIST_MODEL(self->filtered)));
  gtk_grid_view_set_model(self->list, GTK_SELECTION_MODEL(model));
  gtk_grid_view_set_factory(self->list, factory);
  g_object_unref(factory);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);
  g_signal_connect_object(adjustment, "value-changed", G_CALLBACK(scrolled), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(adjustment, "changed", G_CALLBACK(scrolled), self, G_CONNECT_SWAPPED);
}

/* --- filling it, a batch a turn --- */

static void add_batch(HilumStudyBrowser *self, guint begin, guint end)
{
  g_autoptr(GPtrArray) batch = g_ptr_array_new_with_free_func(g_object_unref);
  for (guint n = begin; n < end; n++) {
    HilumStudyItem *item = hilum_study_item_new(hilum_catalog_get_series(self->catalog, n), n);
    g_ptr_array_add(batch, item);
    if (self->next_ticked < self->first_ticked->len &&
        g_array_index(self->first_ticked, guint, self->next_ticked) == n) {
      hilum_study_item_set_ticked(item, true);
      self->next_ticked++;
    }
  }
  g_list_store_splice(self->items, begin, 0, batch->pdata, batch->len);
}

static gboolean fill(gpointer data)
{
  HilumStudyBrowser *self = data;
  const guint count = (guint)hilum_catalog_get_count(self->catalog);
  const gint64 deadline = g_get_monotonic_time() + TURN_US;
  guint at = count_items(self);
  while (at < count && g_get_monotonic_time() < deadline) {
    const guint end = MIN(at + (at < ITEMS_WITH_ROWS ? 1 : ITEMS_A_BATCH), count);
    add_batch(self, at, end);
    at = end;
  }
  if (at < count) return G_SOURCE_CONTINUE;
  self->fill_id = 0;
  update_open(self);
  if (*gtk_editable_get_text(GTK_EDITABLE(self->search))) show_matches(self);
  emit_changed(self);
  return G_SOURCE_REMOVE;
}

static void show_summary(HilumStudyBrowser *self)
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
}

/* --- the end --- */

static void finish(HilumStudyBrowser *self, GArray *chosen)
{
  HilumStudyChosen done = self->done;
  self->done = NULL;
  g_clear_pointer(&self->thumbnails, hilum_thumbnails_free);
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
  for (guint n = 0; n < count_items(self); n++)
    if (hilum_study_item_get_ticked(get_item(self, n))) g_array_append_val(chosen, n);
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

HilumStudyBrowser *hilum_study_browser_ask(GtkWindow *parent, HilumCatalog *catalog, const GArray *ticked,
                                           HilumStudyChosen done, gpointer data)
{
  HilumStudyBrowser *self = g_object_new(HILUM_TYPE_STUDY_BROWSER, "transient-for", parent, NULL);
  self->catalog = hilum_catalog_ref(catalog);
  self->first_ticked = g_array_new(FALSE, FALSE, sizeof(guint));
  if (ticked->len) g_array_append_vals(self->first_ticked, ticked->data, ticked->len);
  self->done = done;
  self->data = data;
  self->thumbnails =
      hilum_thumbnails_new(catalog, GTK_WIDGET(self->scroller), G_CALLBACK(picture_came), self);
  show_summary(self);
  gtk_widget_set_sensitive(GTK_WIDGET(self->open), FALSE);
  self->fill_id = g_idle_add(fill, self);
  gtk_window_set_default_widget(GTK_WINDOW(self), GTK_WIDGET(self->open));
  gtk_window_present(GTK_WINDOW(self));
  return self;
}

void hilum_study_browser_get_state(HilumStudyBrowser *self, HilumStudyBrowserState *state)
{
  *state = (HilumStudyBrowserState){.volumes = (guint)hilum_catalog_get_count(self->catalog)};
  state->listed = count_items(self);
  state->shown = g_list_model_get_n_items(G_LIST_MODEL(self->filtered));
  state->ticked = count_ticked(self);
  for (guint n = 0; n < state->listed; n++)
    state->pictures += hilum_study_item_get_picture(get_item(self, n)) != NULL;
  if (self->thumbnails) state->waiting = hilum_thumbnails_count_waiting(self->thumbnails);
}

/* The parent went away: whoever asked still gets an answer. */
static void hilum_study_browser_dispose(GObject *object)
{
  HilumStudyBrowser *self = HILUM_STUDY_BROWSER(object);
  HilumStudyChosen done = self->done;
  self->done = NULL;
  g_clear_handle_id(&self->fill_id, g_source_remove);
  g_clear_pointer(&self->thumbnails, hilum_thumbnails_free);
  if (done) done(NULL, self->data);
  if (self->list) gtk_grid_view_set_model(self->list, NULL);
  G_OBJECT_CLASS(hilum_study_browser_parent_class)->dispose(object);
  g_clear_object(&self->filtered);
  g_clear_object(&self->filter);
  g_clear_object(&self->items);
  g_clear_pointer(&self->first_ticked, g_array_unref);
  g_clear_pointer(&self->catalog, hilum_catalog_free);
}

static void hilum_study_browser_class_init(HilumStudyBrowserClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_study_browser_dispose;
  GTK_WINDOW_CLASS(klass)->close_request = close_request;
  signals[CHANGED] = g_signal_new("changed", HILUM_TYPE_STUDY_BROWSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
  gtk_widget_class_add_binding(widget, GDK_KEY_Escape, 0, escape_pressed, NULL);
  gtk_widget_class_add_binding(widget, GDK_KEY_f, GDK_CONTROL_MASK, search_asked, NULL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/study_browser.ui");
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, cancel);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, open);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, summary);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, note);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, scroller);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, list);
  gtk_widget_class_bind_template_child(widget, HilumStudyBrowser, search);
}

static void hilum_study_browser_init(HilumStudyBrowser *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  make_list(self);
  g_signal_connect_swapped(self->cancel, "clicked", G_CALLBACK(cancel_clicked), self);
  g_signal_connect_swapped(self->open, "clicked", G_CALLBACK(open_clicked), self);
  g_signal_connect(self->list, "activate", G_CALLBACK(row_activated), self);
  g_signal_connect_swapped(self->search, "search-changed", G_CALLBACK(search_changed), self);
  g_signal_connect_swapped(self->search, "stop-search", G_CALLBACK(search_stopped), self);
}
