/* What programs that stopped have left. */
#include "recovery.h"

#include "opener.h"
#include "window_private.h"

#include <glib/gi18n.h>

static void free_list(gpointer list)
{
  g_array_unref(list);
}

static gpointer find(gpointer data, const HilumProgress *progress, GError **error)
{
  return hilum_journal_list_unsaved();
}

static void found(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  HilumWindow *window = user_data;
  g_autoptr(GArray) list = result;
  if (list && window->empty_page) hilum_empty_page_set_unsaved(window->empty_page, list);
  hilum_window_update(window);
}

void hilum_recovery_list(HilumWindow *window)
{
  hilum_job_list_start(window->jobs, true, _("Looking for unsaved cases…"), find, g_object_ref(window),
                       g_object_unref, free_list, found, window);
}

static void recover(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *paths[] = {g_variant_get_string(parameter, NULL), NULL};
  hilum_opener_open(data, paths);
}

static void forget(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_journal_remove_unsaved(g_variant_get_string(parameter, NULL));
  hilum_recovery_list(data);
}

void hilum_recovery_add_actions(HilumWindow *window)
{
  static const GActionEntry entries[] = {
      {.name = "recover", .activate = recover, .parameter_type = "s"},
      {.name = "forget-unsaved", .activate = forget, .parameter_type = "s"},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(window), entries, G_N_ELEMENTS(entries), window);
}

void hilum_recovery_follow(HilumWindow *window, HilumCase *the_case, HilumJournal *journal)
{
  g_autoptr(GError) error = NULL;
  if (!hilum_case_follow(the_case, journal, &error)) hilum_window_show_error(window, error);
}
