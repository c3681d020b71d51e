/* One calm sentence over the panes. */
#include "message_bar.h"

#include "ui_tools.h"

struct _HilumMessageBar {
  GtkWidget parent_instance;
  GtkRevealer *revealer;
  GtkWidget *frame;
  GtkImage *icon;
  GtkLabel *text;
  GtkButton *action;
};

G_DEFINE_FINAL_TYPE(HilumMessageBar, hilum_message_bar, GTK_TYPE_WIDGET)

void hilum_message_bar_show_action(HilumMessageBar *self, bool failure, const char *sentence,
                                   const char *label, const char *action)
{
  hilum_label_update(self->text, sentence);
  gtk_image_set_from_icon_name(self->icon,
                               failure ? "dialog-warning-symbolic" : "dialog-information-symbolic");
  if (failure)
    gtk_widget_add_css_class(self->frame, "failure");
  else
    gtk_widget_remove_css_class(self->frame, "failure");
  gtk_widget_set_visible(GTK_WIDGET(self->action), action != NULL);
  if (action) {
    gtk_button_set_label(self->action, label);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(self->action), action);
  }
  gtk_widget_set_visible(GTK_WIDGET(self), TRUE);
  gtk_revealer_set_reveal_child(self->revealer, TRUE);
}

void hilum_message_bar_show(HilumMessageBar *self, bool failure, const char *sentence)
{
  hilum_message_bar_show_action(self, failure, sentence, NULL, NULL);
}

void hilum_message_bar_dismiss(HilumMessageBar *self)
{
  gtk_revealer_set_reveal_child(self->revealer, FALSE);
  gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}

const char *hilum_message_bar_get_text(HilumMessageBar *self)
{
  return gtk_revealer_get_reveal_child(self->revealer) ? gtk_label_get_text(self->text) : "";
}

static void close_clicked(HilumMessageBar *self)
{
  hilum_message_bar_dismiss(self);
}

static void hilum_message_bar_dispose(GObject *object)
{
  hilum_widget_drop_children(GTK_WIDGET(object));
  G_OBJECT_CLASS(hilum_message_bar_parent_class)->dispose(object);
}

static void hilum_message_bar_class_init(HilumMessageBarClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_message_bar_dispose;
  gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/message_bar.ui");
  gtk_widget_class_bind_template_child(widget, HilumMessageBar, revealer);
  gtk_widget_class_bind_template_child(widget, HilumMessageBar, frame);
  gtk_widget_class_bind_template_child(widget, HilumMessageBar, icon);
  gtk_widget_class_bind_template_child(widget, HilumMessageBar, text);
  gtk_widget_class_bind_template_child(widget, HilumMessageBar, action);
  gtk_widget_class_bind_template_callback(widget, close_clicked);
}

static void hilum_message_bar_init(HilumMessageBar *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}
