/* Where journals lie. */
#include "journal_private.h"

#include "hilum/casefile/error.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

/* Whatever links lead to a case, it has one journal. */
static char *real_path(const char *path)
{
  char *real = realpath(path, NULL);
  char *copy = real ? g_strdup(real) : g_canonicalize_filename(path, NULL);
  free(real);
  return copy;
}

char *hilum_journal_place_beside(const char *case_path)
{
  g_autofree char *real = real_path(case_path);
  return g_strconcat(real, HILUM_JOURNAL_SUFFIX, NULL);
}

/* Not g_get_user_state_dir(), which reads the environment once: tests have folders of their own. */
static char *state_folder(const char *name)
{
  const char *state = g_getenv("XDG_STATE_HOME");
  if (state && g_path_is_absolute(state)) return g_build_filename(state, "hilum", name, NULL);
  return g_build_filename(g_get_home_dir(), ".local", "state", "hilum", name, NULL);
}

char *hilum_journal_place_away(const char *case_path)
{
  g_autofree char *real = real_path(case_path);
  g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, real, -1);
  g_autofree char *name = g_strconcat(sum, ".hilum", HILUM_JOURNAL_SUFFIX, NULL);
  g_autofree char *folder = state_folder("steps");
  return g_build_filename(folder, name, NULL);
}

char *hilum_journal_unsaved_folder(void)
{
  return state_folder("unsaved");
}

bool hilum_journal_is_unsaved(const char *case_path)
{
  g_autofree char *folder = hilum_journal_unsaved_folder(), *real = real_path(folder);
  g_autofree char *itself = real_path(case_path), *parent = g_path_get_dirname(itself);
  return strcmp(real, parent) == 0;
}

bool hilum_journal_make_folders(const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname(path);
  if (g_mkdir_with_parents(folder, 0700) == 0) return true;
  g_autofree char *shown = g_filename_display_name(folder);
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE, "“%s” could not be made: %s.", shown,
              g_strerror(errno));
  return false;
}
