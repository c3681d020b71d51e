/* Nothing is open: all behaviour is in actions. */
#include "empty_page.h"

#include "ui_tools.h"

struct _HilumEmptyPage {
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE(HilumEmptyPage, hilum_empty_page, GTK_TYPE_WIDGET)

static void hilum_empty_page_dispose(GObject *object)
{
  hilum_widget_drop_children(GTK_WIDGET(object));
  G_OBJECT_CLASS(hilum_empty_page_parent_class)->dispose(object);
}

static void hilum_empty_page_class_init(HilumEmptyPageClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_empty_page_dispose;
  gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass), "/org/hilum/Hilum/ui/empty_page.ui");
}

static void hilum_empty_page_init(HilumEmptyPage *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
