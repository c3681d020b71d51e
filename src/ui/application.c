/* The program. */
#include "hilum/ui/application.h"

#include "opener.h"
#include "preferences.h"
#include "ui_resources.h"
#include "window.h"

#include <glib/gi18n.h>

struct _HilumApplication {
  GtkApplication parent_instance;
  GtkCssProvider *palette, *style;
  const char *first_action; /* of the first window: "sample" or "small-sample"; NULL: none */
};

G_DEFINE_FINAL_TYPE(HilumApplication, hilum_application, GTK_TYPE_APPLICATION)

/* Keys with a modifier; those without are in window_keys.c. */
static const struct {
  const char *action, *keys[3];
} accelerators[] = {
    {"win.open-folder", {"<Ctrl>o"}},
    {"win.open-files", {"<Ctrl><Shift>o"}},
    {"win.open-case", {"<Ctrl><Alt>o"}},
    {"win.save", {"<Ctrl>s"}},
    {"win.save-as", {"<Ctrl><Shift>s"}},
    {"win.export", {"<Ctrl>e"}},
    {"win.copy-numbers", {"<Ctrl><Shift>c"}},
    {"win.undo", {"<Ctrl>z"}},
    {"win.redo", {"<Ctrl><Shift>z", "<Ctrl>y"}},
    {"win.history", {"<Ctrl>h"}},
    {"win.guide", {"<Ctrl>g"}},
    {"win.add-structure('other')", {"<Ctrl><Shift>n"}},
    {"win.edit-structure", {"F2"}},
    {"win.maximize-pane", {"F11"}},
    {"win.preset-number(1)", {"<Alt>1"}},
    {"win.preset-number(2)", {"<Alt>2"}},
    {"win.preset-number(3)", {"<Alt>3"}},
    {"win.preset-number(4)", {"<Alt>4"}},
    {"win.preset-number(5)", {"<Alt>5"}},
    {"win.preset-number(6)", {"<Alt>6"}},
    {"win.task('segment')", {"<Ctrl>1"}},
    {"win.task('model')", {"<Ctrl>2"}},
    {"win.task('review')", {"<Ctrl>4"}},
    {"win.preferences", {"<Ctrl>comma"}},
    {"win.help", {"F1"}},
    {"win.show-help-overlay", {"<Ctrl>question"}},
    {"window.close", {"<Ctrl>w"}},
    {"app.new-window", {"<Ctrl>n"}},
    {"app.quit", {"<Ctrl>q"}},
};

/* --- theme --- */

static void set_theme(HilumApplication *self, bool light)
{
  gtk_css_provider_load_from_resource(self->palette, light ? "/org/hilum/Hilum/palette-light.css"
                                                           : "/org/hilum/Hilum/palette-dark.css");
  g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", !light, NULL);
}

static void load_style(HilumApplication *self)
{
  GdkDisplay *display = gdk_display_get_default();
  self->palette = gtk_css_provider_new();
  self->style = gtk_css_provider_new();
  gtk_css_provider_load_from_resource(self->style, "/org/hilum/Hilum/style.css");
  gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(self->palette),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(self->style),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  set_theme(self, hilum_preferences_get_light(hilum_preferences_get()));
}

static void change_theme(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  bool light = g_str_equal(g_variant_get_string(parameter, NULL), "light");
  hilum_preferences_set_light(hilum_preferences_get(), light);
  set_theme(data, light);
}

/* --- windows --- */

/* A window with nothing in it, or a new one. */
static HilumWindow *get_empty_window(HilumApplication *self)
{
  for (GList *window = gtk_application_get_windows(GTK_APPLICATION(self)); window; window = window->next)
    if (HILUM_IS_WINDOW(window->data) && !hilum_window_get_case(window->data) &&
        hilum_job_list_count(hilum_window_get_jobs(window->data), false) == 0)
      return window->data;
  return hilum_window_new(GTK_APPLICATION(self));
}

static void new_window(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present(GTK_WINDOW(hilum_window_new(data)));
}

static void open_sample(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *window = get_empty_window(data);
  gtk_window_present(GTK_WINDOW(window));
  hilum_opener_open_sample(window, g_str_equal(g_action_get_name(G_ACTION(action)), "small-sample"));
}

/* Every window may ask whether to save; the last one that closes ends the program. */
static void quit(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr(GList) windows = g_list_copy(gtk_application_get_windows(data));
  for (GList *window = windows; window; window = window->next)
    gtk_window_close(window->data);
}

static void hilum_application_activate(GApplication *application)
{
  HilumApplication *self = HILUM_APPLICATION(application);
  if (self->first_action) {
    const char *name = self->first_action;
    self->first_action = NULL;
    g_action_group_activate_action(G_ACTION_GROUP(application), name, NULL);
    return;
  }
  GtkWindow *window = gtk_application_get_active_window(GTK_APPLICATION(application));
  gtk_window_present(window ? window : GTK_WINDOW(hilum_window_new(GTK_APPLICATION(application))));
}

static void hilum_application_open(GApplication *application, GFile **files, int n_files, const char *hint)
{
  g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
  for (int n = 0; n < n_files; n++) {
    g_autofree char *path = g_file_get_path(files[n]);
    if (path) g_strv_builder_add(paths, path);
  }
  g_auto(GStrv) list = g_strv_builder_end(paths);
  HilumWindow *window = get_empty_window(HILUM_APPLICATION(application));
  gtk_window_present(GTK_WINDOW(window));
  if (list[0])
    hilum_opener_open(window, (const char *const *)list);
  else
    hilum_window_show_message(window, true, _("Only files on this computer can be opened."));
}

/* --- start --- */

static void hilum_application_startup(GApplication *application)
{
  static const GActionEntry entries[] = {
      {.name = "new-window", .activate = new_window},
      {.name = "sample", .activate = open_sample},
      {.name = "small-sample", .activate = open_sample},
      {.name = "theme", .activate = change_theme, .parameter_type = "s"},
      {.name = "quit", .activate = quit},
  };
  hilum_ui_register_resource();
  G_APPLICATION_CLASS(hilum_application_parent_class)->startup(application);
  gtk_window_set_default_icon_name("org.hilum.Hilum");
  load_style(HILUM_APPLICATION(application));
  g_action_map_add_action_entries(G_ACTION_MAP(application), entries, G_N_ELEMENTS(entries), application);
  for (size_t n = 0; n < G_N_ELEMENTS(accelerators); n++)
    gtk_application_set_accels_for_action(GTK_APPLICATION(application), accelerators[n].action,
                                          accelerators[n].keys);
}

static int hilum_application_handle_local_options(GApplication *application, GVariantDict *options)
{
  HilumApplication *self = HILUM_APPLICATION(application);
  if (g_variant_dict_contains(options, "version")) {
    g_print("Hilum %s\n", HILUM_VERSION);
    return 0;
  }
  const char *first = g_variant_dict_contains(options, "small-sample") ? "small-sample"
                      : g_variant_dict_contains(options, "sample")     ? "sample"
                                                                       : NULL;
  if (!first) return -1;
  g_autoptr(GError) error = NULL;
  if (!g_application_register(application, NULL, &error)) {
    g_printerr("hilum: %s\n", error->message);
    return 1;
  }
  if (g_application_get_is_remote(application)) {
    g_action_group_activate_action(G_ACTION_GROUP(application), first, NULL);
    return 0;
  }
  self->first_action = first;
  return -1;
}

static void hilum_application_finalize(GObject *object)
{
  HilumApplication *self = HILUM_APPLICATION(object);
  g_clear_object(&self->palette);
  g_clear_object(&self->style);
  G_OBJECT_CLASS(hilum_application_parent_class)->finalize(object);
}

static void hilum_application_class_init(HilumApplicationClass *klass)
{
  GApplicationClass *application = G_APPLICATION_CLASS(klass);
  G_OBJECT_CLASS(klass)->finalize = hilum_application_finalize;
  application->startup = hilum_application_startup;
  application->activate = hilum_application_activate;
  application->open = hilum_application_open;
  application->handle_local_options = hilum_application_handle_local_options;
}

static void hilum_application_init(HilumApplication *self)
{
  static const GOptionEntry options[] = {
      {"sample", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Open the sample kidney, made on the spot"), NULL},
      {"small-sample", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Open the sample with half the voxels an axis"),
       NULL},
      {"version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version"), NULL},
      {0},
  };
  g_application_add_main_option_entries(G_APPLICATION(self), options);
  g_application_set_option_context_parameter_string(G_APPLICATION(self), _("[FOLDER | FILE… | CASE.hilum]"));
}

HilumApplication *hilum_application_new(void)
{
  GApplicationFlags flags = G_APPLICATION_HANDLES_OPEN;
  /* Without a session bus every start is a program of its own. */
  if (!g_getenv("DBUS_SESSION_BUS_ADDRESS")) flags |= G_APPLICATION_NON_UNIQUE;
  return g_object_new(HILUM_TYPE_APPLICATION, "application-id", "org.hilum.Hilum", "flags", flags, NULL);
}
