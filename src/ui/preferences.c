/* The few settings that outlive a window. */
#include "preferences.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#define GROUP "hilum"
enum { MAX_RECENT = 8 };

struct HilumPreferences {
  GKeyFile *file;
  char *path;
};

HilumPreferences *hilum_preferences_get(void)
{
  static HilumPreferences *prefs;
  if (!prefs) {
    prefs = g_new0(HilumPreferences, 1);
    prefs->file = g_key_file_new();
    prefs->path = g_build_filename(g_get_user_config_dir(), "hilum", "preferences.ini", NULL);
    g_key_file_load_from_file(prefs->file, prefs->path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  }
  return prefs;
}

static void save(HilumPreferences *prefs)
{
  g_autofree char *folder = g_path_get_dirname(prefs->path);
  g_autoptr(GError) error = NULL;
  if (g_mkdir_with_parents(folder, 0700) != 0 || !g_key_file_save_to_file(prefs->file, prefs->path, &error))
    g_message("preferences were not saved: %s", error ? error->message : "no folder");
}

static bool get_flag(HilumPreferences *prefs, const char *key, bool fallback)
{
  g_autoptr(GError) error = NULL;
  bool value = g_key_file_get_boolean(prefs->file, GROUP, key, &error);
  return error ? fallback : value;
}

static void set_flag(HilumPreferences *prefs, const char *key, bool value)
{
  g_key_file_set_boolean(prefs->file, GROUP, key, value);
  save(prefs);
}

bool hilum_preferences_get_light(HilumPreferences *prefs)
{
  return get_flag(prefs, "light-theme", false);
}

void hilum_preferences_set_light(HilumPreferences *prefs, bool light)
{
  set_flag(prefs, "light-theme", light);
}

bool hilum_preferences_get_upright(HilumPreferences *prefs)
{
  return get_flag(prefs, "upright-rotation", false);
}

void hilum_preferences_set_upright(HilumPreferences *prefs, bool upright)
{
  set_flag(prefs, "upright-rotation", upright);
}

bool hilum_preferences_get_smooth(HilumPreferences *prefs)
{
  return get_flag(prefs, "smooth-slices", true);
}

void hilum_preferences_set_smooth(HilumPreferences *prefs, bool smooth)
{
  set_flag(prefs, "smooth-slices", smooth);
}

int hilum_preferences_get_history_mb(HilumPreferences *prefs)
{
  g_autoptr(GError) error = NULL;
  const int mb = g_key_file_get_integer(prefs->file, GROUP, "history-mb", &error);
  return error ? 256 : CLAMP(mb, 16, 4096);
}

void hilum_preferences_set_history_mb(HilumPreferences *prefs, int mb)
{
  g_key_file_set_integer(prefs->file, GROUP, "history-mb", CLAMP(mb, 16, 4096));
  save(prefs);
}

char **hilum_preferences_dup_recent(HilumPreferences *prefs)
{
  char **paths = g_key_file_get_string_list(prefs->file, GROUP, "recent", NULL, NULL);
  return paths ? paths : g_new0(char *, 1);
}

void hilum_preferences_add_recent(HilumPreferences *prefs, const char *path)
{
  g_auto(GStrv) old = hilum_preferences_dup_recent(prefs);
  const char *paths[MAX_RECENT];
  gsize n = 0;
  paths[n++] = path;
  for (char **other = old; *other && n < MAX_RECENT; other++)
    if (!g_str_equal(*other, path)) paths[n++] = *other;
  g_key_file_set_string_list(prefs->file, GROUP, "recent", paths, n);
  save(prefs);
}
