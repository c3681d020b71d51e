/* How a verdict looks. */
#include "verdict_view.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

static void set_class(GtkWidget *widget, const char *css_class)
{
  static const char *const classes[] = {"verdict-ok", "verdict-warning"};
  for (size_t n = 0; n < G_N_ELEMENTS(classes); n++)
    if (g_strcmp0(classes[n], css_class) == 0)
      gtk_widget_add_css_class(widget, classes[n]);
    else
      gtk_widget_remove_css_class(widget, classes[n]);
}

void hilum_verdict_show(HilumSurfaceChecks *checks, uint8_t label, double thin_mm, GtkLabel *tag,
                        GtkLabel *headline)
{
  const HilumSurfaceCheck *check = hilum_surface_checks_get(checks, label);
  const bool done = check->depth == HILUM_SURFACE_CHECKED, ok = hilum_surface_check_is_ok(check, thin_mm);
  const bool stopped = !done && hilum_surface_checks_is_stopped(checks, label);
  g_autofree char *words = hilum_surface_check_dup_headline(check, thin_mm);
  g_autofree char *details = hilum_surface_check_dup_details(check);
  set_class(GTK_WIDGET(tag), !done ? NULL : ok ? "verdict-ok" : "verdict-warning");
  hilum_label_update(tag, !done ? "" : ok ? _("ok") : _("look"));
  gtk_widget_set_tooltip_text(GTK_WIDGET(tag), *details ? details : NULL);
  if (!headline) return;
  hilum_label_update(headline, stopped ? _("not measured") : words);
  gtk_widget_set_tooltip_text(GTK_WIDGET(headline), *details ? details : NULL);
}
