/* Start-up only: translations, then the application. */
#include "hilum/ui/application.h"

#include <glib/gi18n.h>
#include <locale.h>

int main(int argc, char **argv)
{
  setlocale(LC_ALL, "");
  bindtextdomain("hilum", HILUM_LOCALE_DIR);
  bind_textdomain_codeset("hilum", "UTF-8");
  textdomain("hilum");
  g_set_prgname("hilum");
  g_set_application_name("Hilum");
  g_autoptr(HilumApplication) application = hilum_application_new();
  return g_application_run(G_APPLICATION(application), argc, argv);
}
