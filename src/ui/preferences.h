/* The few settings that outlive a window, in a key file in the user's config folder. A file that cannot be
 * read or written is no obstacle: defaults are used. Main thread only. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct HilumPreferences HilumPreferences;

/* The one of this process; read on first use. */
HilumPreferences *hilum_preferences_get(void);

bool hilum_preferences_get_light(HilumPreferences *prefs);
void hilum_preferences_set_light(HilumPreferences *prefs, bool light);
bool hilum_preferences_get_upright(HilumPreferences *prefs); /* 3D rotation keeps the patient upright */
void hilum_preferences_set_upright(HilumPreferences *prefs, bool upright);
bool hilum_preferences_get_smooth(HilumPreferences *prefs); /* interpolated slices */
void hilum_preferences_set_smooth(HilumPreferences *prefs, bool smooth);
/* Memory for undo, in MB: 16 to 4096. */
int hilum_preferences_get_history_mb(HilumPreferences *prefs);
void hilum_preferences_set_history_mb(HilumPreferences *prefs, int mb);

/* Paths opened last, newest first, at most eight. g_strfreev(). */
char **hilum_preferences_dup_recent(HilumPreferences *prefs);
void hilum_preferences_add_recent(HilumPreferences *prefs, const char *path);

G_END_DECLS
