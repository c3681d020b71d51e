/* The program: one GtkApplication with its windows, theme, accelerators and command line. Main thread only.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_APPLICATION hilum_application_get_type()
G_DECLARE_FINAL_TYPE(HilumApplication, hilum_application, HILUM, APPLICATION, GtkApplication)

/* `hilum [--sample] [--small-sample] [--version] [PATH...]`: run it with g_application_run(). */
HilumApplication *hilum_application_new(void);

G_END_DECLS
