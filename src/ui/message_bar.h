/* One calm sentence over the panes, until it is dismissed or another takes its place. */
#pragma once

#include <gtk/gtk.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define HILUM_TYPE_MESSAGE_BAR hilum_message_bar_get_type()
G_DECLARE_FINAL_TYPE(HilumMessageBar, hilum_message_bar, HILUM, MESSAGE_BAR, GtkWidget)

void hilum_message_bar_show(HilumMessageBar *self, bool failure, const char *sentence);
/* The same with a button that activates `action` ("win.relocate"). */
void hilum_message_bar_show_action(HilumMessageBar *self, bool failure, const char *sentence,
                                   const char *label, const char *action);
void hilum_message_bar_dismiss(HilumMessageBar *self);
/* "" when nothing is shown. */
const char *hilum_message_bar_get_text(HilumMessageBar *self);

G_END_DECLS
