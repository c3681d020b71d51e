/* The card of the kidney guide. */
#include "guide_panel.h"

#include "hilum/segment/kidney.h"
#include "hilum/view/cursor.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumGuidePanel {
  GtkWidget parent_instance;
  GtkWidget *card, *point_box, *places, *apply, *next;
  GtkLabel *number, *title, *prompt, *note, *place, *result;
  GtkDropDown *protocols;
  HilumWorkspace *workspace;
  HilumGuideSession *session;
  char *listed;         /* protocol that the list was made for */
  GArray *shown_places; /* what the buttons stand for; referenced, or NULL */
  bool updating;        /* the list is being set from the session */
};

G_DEFINE_FINAL_TYPE(HilumGuidePanel, hilum_guide_panel, GTK_TYPE_WIDGET)

/* --- the list of protocols --- */

static guint count_builtin(void)
{
  return g_strv_length((char **)hilum_protocol_list_builtin());
}

/* Those that come with the program, the file in use if there is one, and "Other…". */
static void list_protocols(HilumGuidePanel *self)
{
  const char *name = hilum_guide_session_get_name(self->session);
  const char *const *ids = hilum_protocol_list_builtin();
  if (!name || g_strcmp0(name, self->listed) == 0) return;
  g_free(self->listed);
  self->listed = g_strdup(name);
  g_autoptr(GtkStringList) names = gtk_string_list_new(NULL);
  guint selected = count_builtin();
  for (guint n = 0; ids[n]; n++) {
    g_autoptr(HilumProtocol) protocol = hilum_protocol_load_builtin(ids[n], NULL);
    gtk_string_list_append(names, protocol ? _(hilum_protocol_get_name(protocol)) : ids[n]);
    if (g_str_equal(ids[n], name)) selected = n;
  }
  if (selected == count_builtin())
    gtk_string_list_append(names, hilum_protocol_get_name(hilum_guide_session_get_protocol(self->session)));
  gtk_string_list_append(names, _("Other…"));
  self->updating = true;
  gtk_drop_down_set_model(self->protocols, G_LIST_MODEL(names));
  gtk_drop_down_set_selected(self->protocols, selected);
  self->updating = false;
}

static void protocol_selected(HilumGuidePanel *self)
{
  const guint row = gtk_drop_down_get_selected(self->protocols);
  const guint rows = g_list_model_get_n_items(gtk_drop_down_get_model(self->protocols));
  if (self->updating || row == GTK_INVALID_LIST_POSITION) return;
  const char *name = hilum_guide_session_get_name(self->session);
  const char *chosen = row < count_builtin() ? hilum_protocol_list_builtin()[row] : NULL;
  if (chosen && g_strcmp0(chosen, name) != 0)
    gtk_widget_activate_action(GTK_WIDGET(self), "win.guide-protocol", "s", chosen);
  if (row + 1 < rows) return;
  gtk_widget_activate_action(GTK_WIDGET(self), "win.guide-open", NULL);
  g_clear_pointer(&self->listed, g_free); /* whatever is chosen there: back to what is in use */
  list_protocols(self);
}

/* --- the last page --- */

static void go_to_place(GtkButton *button, HilumGuidePanel *self)
{
  const guint n = GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(button), "place"));
  if (self->shown_places && n < self->shown_places->len)
    hilum_workspace_set_cursor_mm(self->workspace,
                                  g_array_index(self->shown_places, HilumKidneyCandidate, n).center_mm);
}

static GtkWidget *make_place(HilumGuidePanel *self, guint n)
{
  const HilumKidneyCandidate *c = &g_array_index(self->shown_places, HilumKidneyCandidate, n);
  HilumVolume *volume = hilum_workspace_get_active_volume(self->workspace);
  g_autofree char *ml = hilum_volume_dup_text(c->ml), *where = hilum_position_dup_text(c->center_mm);
  g_autofree char *text =
      g_strdup_printf("%s · %.0f %s · %s", ml, c->mean, volume ? hilum_volume_get_unit(volume) : "", where);
  g_autofree char *spoken = g_strdup_printf(_("Place %u: %s"), n + 1, text);
  GtkWidget *button = gtk_button_new_with_label(text);
  GtkWidget *label = gtk_button_get_child(GTK_BUTTON(button));
  gtk_label_set_wrap(GTK_LABEL(label), TRUE);
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_widget_add_css_class(button, "flat-wide");
  gtk_widget_add_css_class(button, "small");
  gtk_widget_set_tooltip_text(button, _("Volume, mean value and place: move the crosshair there"));
  gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_object_set_data(G_OBJECT(button), "place", GUINT_TO_POINTER(n));
  g_signal_connect(button, "clicked", G_CALLBACK(go_to_place), self);
  return button;
}

static void show_places(HilumGuidePanel *self, bool last_page)
{
  GArray *places = hilum_guide_session_get_places(self->session);
  gtk_widget_set_visible(self->places, last_page && places && places->len > 0);
  if (places == self->shown_places) return;
  g_clear_pointer(&self->shown_places, g_array_unref);
  self->shown_places = places ? g_array_ref(places) : NULL;
  hilum_widget_drop_children(self->places);
  for (guint n = 0; places && n < places->len; n++)
    gtk_box_append(GTK_BOX(self->places), make_place(self, n));
}

/* --- a stage --- */

static void set_text(GtkLabel *label, const char *text)
{
  hilum_label_update(label, text);
  gtk_widget_set_visible(GTK_WIDGET(label), text && *text);
}

/* `css_class`: of the verdict, or NULL for none. */
static void show_result(HilumGuidePanel *self, const char *text, const char *css_class)
{
  static const char *const verdicts[] = {"verdict-ok", "verdict-warning"};
  set_text(self->result, text);
  for (size_t n = 0; n < G_N_ELEMENTS(verdicts); n++)
    if (g_strcmp0(verdicts[n], css_class) == 0)
      gtk_widget_add_css_class(GTK_WIDGET(self->result), verdicts[n]);
    else
      gtk_widget_remove_css_class(GTK_WIDGET(self->result), verdicts[n]);
}

static void show_stage_result(HilumGuidePanel *self, const HilumStage *stage)
{
  const double ml = hilum_guide_session_get_ml(self->session);
  const bool done = hilum_guide_session_is_done(self->session);
  const bool unusual = stage->has_expected && (ml < stage->least_ml || ml > stage->most_ml);
  g_autofree char *found = hilum_volume_dup_text(ml);
  g_autofree char *text =
      unusual ? g_strdup_printf(_("%s: %s; the protocol expects %.0f to %.0f ml. Look at it again in all "
                                  "three planes before you go on."),
                                stage->structure, found, stage->least_ml, stage->most_ml)
              : g_strdup_printf(_("%s: %s. Look at the outline before you go on."), stage->structure, found);
  show_result(self, done ? text : "",
              unusual               ? "verdict-warning"
              : stage->has_expected ? "verdict-ok"
                                    : NULL);
}

static void show_point(HilumGuidePanel *self, const HilumStage *stage)
{
  HilumVec3 point_mm;
  const bool any = hilum_guide_session_get_point(self->session, &point_mm);
  g_autofree char *where = any ? hilum_position_dup_text(point_mm) : NULL;
  g_autofree char *text = where ? g_strdup_printf(_("Point: %s"), where) : NULL;
  gtk_widget_set_visible(self->point_box, stage->click != HILUM_CLICK_NONE);
  if (stage->click == HILUM_CLICK_NONE) text = g_strdup(_("No point is needed."));
  if (!text)
    text = g_strdup(stage->click == HILUM_CLICK_OPTIONAL ? _("No point: Next leaves this structure out.")
                                                         : _("Click in a slice to set the point."));
  set_text(self->place, text);
}

static void show_stage(HilumGuidePanel *self, const HilumStage *stage)
{
  g_autofree char *number = g_strdup_printf(_("%zu of %zu"), hilum_guide_session_get_stage(self->session) + 1,
                                            hilum_guide_session_get_count(self->session));
  set_text(self->number, number);
  set_text(self->title, _(stage->title));
  set_text(self->prompt, _(stage->prompt));
  set_text(self->note, _(stage->note));
  show_point(self, stage);
  show_stage_result(self, stage);
}

static void show_last_page(HilumGuidePanel *self)
{
  GArray *places = hilum_guide_session_get_places(self->session);
  set_text(self->number, _("at the end"));
  set_text(self->title, _("What is left over"));
  set_text(self->prompt,
           _("Look for places in and at the kidney that no structure holds and that are round."));
  set_text(self->note, _("They are places to look at, found by shape alone. What they are, and whether they "
                         "are anything, is for you to say."));
  gtk_widget_set_visible(self->point_box, FALSE);
  set_text(self->place, NULL);
  g_autofree char *text =
      !places ? NULL
      : places->len == 0
          ? g_strdup(_("No such place was found. That does not say that there is nothing."))
          : g_strdup_printf(g_dngettext(NULL, "%u place to look at:", "%u places to look at:", places->len),
                            places->len);
  show_result(self, text, NULL);
}

static void show_apply(HilumGuidePanel *self, bool last_page)
{
  const bool busy = hilum_guide_session_is_busy(self->session),
             done = hilum_guide_session_is_done(self->session);
  const char *label = busy        ? _("Working…")
                      : last_page ? _("Look  (Enter)")
                      : done      ? _("Apply again")
                                  : _("Apply  (Enter)");
  if (g_strcmp0(gtk_button_get_label(GTK_BUTTON(self->apply)), label) != 0)
    gtk_button_set_label(GTK_BUTTON(self->apply), label);
  gtk_widget_set_tooltip_text(self->apply, last_page ? _("Look for what is left over (Enter)")
                                                     : _("Make this structure from the point (Enter)"));
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->apply), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 last_page ? _("Look for what is left over") : _("Apply in the guide"), -1);
  /* What Enter does stands out. */
  gtk_widget_remove_css_class(done ? self->apply : self->next, "apply");
  gtk_widget_remove_css_class(done ? self->next : self->apply, "flat-wide");
  gtk_widget_add_css_class(done ? self->apply : self->next, "flat-wide");
  gtk_widget_add_css_class(done ? self->next : self->apply, "apply");
}

static void show(HilumGuidePanel *self)
{
  const bool active = hilum_guide_session_is_active(self->session);
  const HilumStage *stage = hilum_guide_session_get_shown(self->session);
  gtk_widget_set_visible(self->card, active);
  if (active) {
    list_protocols(self);
    if (stage)
      show_stage(self, stage);
    else
      show_last_page(self);
    show_apply(self, stage == NULL);
  }
  show_places(self, active && !stage);
}

/* --- life --- */

void hilum_guide_panel_set_session(HilumGuidePanel *self, HilumWorkspace *workspace,
                                   HilumGuideSession *session)
{
  g_return_if_fail(!self->session);
  self->workspace = g_object_ref(workspace);
  self->session = g_object_ref(session);
  g_signal_connect_swapped(session, "changed", G_CALLBACK(show), self);
  show(self);
}

static void hilum_guide_panel_dispose(GObject *object)
{
  HilumGuidePanel *self = HILUM_GUIDE_PANEL(object);
  if (self->session) g_signal_handlers_disconnect_by_data(self->session, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_pointer(&self->shown_places, g_array_unref);
  g_clear_pointer(&self->listed, g_free);
  g_clear_object(&self->session);
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_guide_panel_parent_class)->dispose(object);
}

static void hilum_guide_panel_class_init(HilumGuidePanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_guide_panel_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/guide_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, card);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, number);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, protocols);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, title);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, prompt);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, note);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, point_box);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, place);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, result);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, apply);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, next);
  gtk_widget_class_bind_template_child(widget, HilumGuidePanel, places);
}

static void hilum_guide_panel_init(HilumGuidePanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  g_signal_connect_swapped(self->protocols, "notify::selected", G_CALLBACK(protocol_selected), self);
}
