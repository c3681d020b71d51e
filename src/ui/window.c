/* One window on one case: puts the parts together and keeps words and actions up to date. What acts do lives
 * in window_*_actions.c; opening and saving in opener.c and saver.c. */
#include "window.h"

#include "cut_actions.h"
#include "hilum/casefile/journal.h"
#include "opener.h"
#include "preferences.h"
#include "preferences_dialog.h"
#include "recovery.h"
#include "saver.h"
#include "test_state.h"
#include "ui_tools.h"
#include "view_state.h"
#include "window_private.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE(HilumWindow, hilum_window, GTK_TYPE_APPLICATION_WINDOW)

/* --- what the parts ask --- */

HilumCase *hilum_window_get_case(HilumWindow *self)
{
  return self->the_case;
}

HilumWorkspace *hilum_window_get_workspace(HilumWindow *self)
{
  return self->workspace;
}

HilumJobList *hilum_window_get_jobs(HilumWindow *self)
{
  return self->jobs;
}

void hilum_window_show_message(HilumWindow *self, bool failure, const char *sentence)
{
  hilum_message_bar_show(self->messages, failure, sentence);
  hilum_window_update(self);
}

void hilum_window_show_offer(HilumWindow *self, const char *sentence, const char *label, const char *action)
{
  hilum_message_bar_show_action(self->messages, true, sentence, label, action);
  hilum_window_update(self);
}

void hilum_window_show_error(HilumWindow *self, const GError *error)
{
  if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    hilum_window_show_message(self, true, error->message);
}

bool hilum_window_needs_saving(HilumWindow *self)
{
  return self->the_case && hilum_history_get_modified(hilum_case_get_history(self->the_case));
}

/* --- keeping up --- */

static void show_saved(HilumWindow *self)
{
  const char *text = NULL;
  if (self->saving)
    text = _("Saving…");
  else if (hilum_window_get_shown_case(self))
    text = hilum_window_needs_saving(self)       ? _("Not saved")
           : hilum_case_get_path(self->the_case) ? _("Saved")
                                                 : _("New case");
  hilum_status_bar_set_saved(self->status_bar, text);
}

static void show_undo(HilumWindow *self)
{
  HilumCase *the_case = hilum_window_get_shown_case(self);
  HilumHistory *history = the_case ? hilum_case_get_history(the_case) : NULL;
  HilumTool *tool = hilum_toolbox_get_tool(self->toolbox);
  const char *undo = tool && hilum_tool_has_own_steps(tool) ? _("the last mark")
                     : history                              ? hilum_history_get_undo_label(history)
                                                            : NULL;
  const char *redo = history ? hilum_history_get_redo_label(history) : NULL;
  hilum_label_update(self->undo_label, undo);
  gtk_widget_set_visible(GTK_WIDGET(self->undo_label), undo != NULL);
  g_autofree char *undo_tip = undo ? g_strdup_printf(_("Undo %s (Ctrl+Z)"), undo) : NULL;
  g_autofree char *redo_tip = redo ? g_strdup_printf(_("Redo %s (Ctrl+Shift+Z)"), redo) : NULL;
  gtk_widget_set_tooltip_text(self->undo_button, undo_tip ? undo_tip : _("Nothing to undo"));
  gtk_widget_set_tooltip_text(self->redo_button, redo_tip ? redo_tip : _("Nothing to redo"));
}

static gboolean update(gpointer data)
{
  HilumWindow *self = data;
  self->update_id = 0;
  show_saved(self);
  show_undo(self);
  hilum_patient_banner_update(self->banner, self->workspace);
  hilum_window_update_file_actions(self);
  hilum_window_update_edit_actions(self);
  hilum_window_update_view_actions(self);
  hilum_cut_actions_update(self);
  hilum_window_update_phase_actions(self);
  hilum_model_pane_set_updating(hilum_four_up_get_model(self->four_up),
                                hilum_surfaces_is_busy(self->surfaces));
  hilum_test_state_write(self);
  return G_SOURCE_REMOVE;
}

void hilum_window_update(HilumWindow *self)
{
  /* At once: Ctrl+Z right behind a stroke must not find an action that is still switched off. */
  hilum_window_update_undo(self);
  if (!self->update_id) self->update_id = g_idle_add_full(G_PRIORITY_HIGH_IDLE + 5, update, self, NULL);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumWindow *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_LABELS | HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_PHASE |
                 HILUM_CHANGE_SMOOTHING))
    hilum_surfaces_update(self->surfaces);
  /* The pointer moves all the time and concerns no action. */
  if (changes & ~(unsigned)HILUM_CHANGE_POINTER) hilum_window_update(self);
}

/* A preview that came right answers whatever the last sentence complained about. */
static void toolbox_changed(HilumToolbox *toolbox, HilumWindow *self)
{
  HilumTool *tool = hilum_toolbox_get_tool(toolbox);
  if (tool && hilum_tool_get_can_apply(tool) && !hilum_toolbox_is_busy(toolbox))
    hilum_message_bar_dismiss(self->messages);
  hilum_window_update(self);
}

/* At once, as for undo: keys come quickly one after another. */
static void guide_changed(HilumGuideSession *guide, HilumWindow *self)
{
  hilum_window_update_edit_actions(self);
  hilum_window_update(self);
}

/* A stage that was made, or another one, settles what was said about the last. */
static void guide_progressed(HilumGuideSession *guide, HilumWindow *self)
{
  hilum_message_bar_dismiss(self->messages);
}

static void part_failed(GObject *part, const char *sentence, HilumWindow *self)
{
  hilum_window_show_message(self, true, sentence);
}

/* What keeps steps from being kept safe. */
static void journal_changed(HilumCase *the_case, HilumWindow *self)
{
  const char *trouble = hilum_case_get_journal_trouble(the_case);
  hilum_window_show_message(self, trouble != NULL, trouble ? trouble : _("Steps are kept safe again."));
}

/* The case goes in good order, saved or not wanted: what the journal has is no longer needed. In any other
 * case it stays, and offers its steps when the case is opened again. */
static void end_journal(HilumWindow *self)
{
  if (!self->the_case) return;
  const uint64_t state = hilum_history_get_state(hilum_case_get_history(self->the_case));
  if (!hilum_window_needs_saving(self) || (self->discards && self->discarded_state == state))
    hilum_case_discard_journal(self->the_case);
  self->discards = false;
}

void hilum_window_set_case(HilumWindow *self, HilumCase *the_case)
{
  end_journal(self);
  if (self->the_case) {
    g_signal_handlers_disconnect_by_data(self->the_case, self);
    g_signal_handlers_disconnect_by_data(hilum_case_get_history(self->the_case), self);
  }
  hilum_toolbox_reset(self->toolbox);
  hilum_surfaces_clear(self->surfaces);
  hilum_message_bar_dismiss(self->messages);
  g_set_object(&self->the_case, the_case);
  hilum_window_replace_coarse(self, the_case);
  if (the_case) {
    g_signal_connect_swapped(the_case, "notify", G_CALLBACK(hilum_window_update), self);
    g_signal_connect_swapped(hilum_case_get_history(the_case), "changed", G_CALLBACK(hilum_window_update),
                             self);
    g_signal_connect_swapped(hilum_case_get_history(the_case), "notify", G_CALLBACK(hilum_window_update),
                             self);
    g_signal_connect(the_case, "journal-changed", G_CALLBACK(journal_changed), self);
    hilum_history_set_budget(hilum_case_get_history(the_case),
                             (size_t)hilum_preferences_get_history_mb(hilum_preferences_get()) << 20);
    hilum_view_state_restore(self->workspace, the_case);
    hilum_surfaces_update(self->surfaces);
  }
  hilum_guide_session_restore(self->guide);
  hilum_history_panel_set_history(self->history_panel, the_case ? hilum_case_get_history(the_case) : NULL);
  gtk_widget_set_sensitive(GTK_WIDGET(self->history_button), the_case != NULL);
  if (!the_case) hilum_recovery_list(self);
  gtk_stack_set_visible_child_name(self->pages, the_case ? "work" : "empty");
  if (the_case) gtk_widget_grab_focus(hilum_four_up_get_area(self->four_up, HILUM_SLICE_AXIAL));
  hilum_window_update(self);
}

/* --- the question before work is lost --- */

typedef struct {
  HilumWindow *self;
  HilumWindowThen then;
  gpointer data;
  GDestroyNotify free_data;
} Question;

static void question_free(gpointer data)
{
  Question *question = data;
  if (question->free_data) question->free_data(question->data);
  g_object_unref(question->self);
  g_free(question);
}

static void question_saved(HilumWindow *self, bool saved, gpointer data)
{
  Question *question = data;
  if (saved) question->then(self, question->data);
  question_free(question);
}

static void question_answered(GtkDialog *dialog, int response, gpointer data)
{
  Question *question = data;
  /* The answer may end this window while the dialog is still on the stack, so the dialog lets go of it first.
   */
  gtk_window_set_transient_for(GTK_WINDOW(dialog), NULL);
  gtk_window_destroy(GTK_WINDOW(dialog));
  if (response == GTK_RESPONSE_YES) {
    hilum_saver_save(question->self, NULL, question_saved, question);
    return;
  }
  if (response == GTK_RESPONSE_NO) {
    HilumWindow *self = question->self;
    self->discards = self->the_case != NULL;
    if (self->the_case)
      self->discarded_state = hilum_history_get_state(hilum_case_get_history(self->the_case));
    question->then(self, question->data);
  }
  question_free(question);
}

void hilum_window_confirm(HilumWindow *self, HilumWindowThen then, gpointer data, GDestroyNotify free_data)
{
  hilum_opener_cancel(self); /* its study may be in the panes already */
  Question *question = g_new0(Question, 1);
  *question = (Question){g_object_ref(self), then, data, free_data};
  if (!hilum_window_needs_saving(self)) {
    then(self, data);
    question_free(question);
    return;
  }
  GtkWidget *dialog = gtk_message_dialog_new(
      GTK_WINDOW(self), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
      GTK_BUTTONS_NONE, "%s", _("Save the changes to this case?"));
  gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s",
                                           _("What was segmented since the last save would be lost."));
  gtk_dialog_add_buttons(GTK_DIALOG(dialog), _("Cancel"), GTK_RESPONSE_CANCEL, _("Discard"), GTK_RESPONSE_NO,
                         _("Save"), GTK_RESPONSE_YES, NULL);
  gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_YES);
  g_signal_connect(dialog, "response", G_CALLBACK(question_answered), question);
  gtk_window_present(GTK_WINDOW(dialog));
}

static void close_now(HilumWindow *self, gpointer data)
{
  self->close_now = true;
  gtk_window_close(GTK_WINDOW(self));
}

static gboolean hilum_window_close_request(GtkWindow *window)
{
  HilumWindow *self = HILUM_WINDOW(window);
  hilum_opener_cancel(self);
  if (!self->close_now && hilum_window_needs_saving(self)) {
    hilum_window_confirm(self, close_now, NULL, NULL);
    return TRUE;
  }
  end_journal(self);
  hilum_job_list_cancel_all(self->jobs);
  return GTK_WINDOW_CLASS(hilum_window_parent_class)->close_request(window);
}

/* --- a folder or a file dropped on the window --- */

static gboolean dropped(GtkDropTarget *target, const GValue *value, double x, double y, HilumWindow *self)
{
  GSList *files = g_value_get_boxed(value);
  g_autoptr(GVariantBuilder) paths = g_variant_builder_new(G_VARIANT_TYPE_STRING_ARRAY);
  bool any = false;
  for (GSList *file = files; file; file = file->next) {
    g_autofree char *path = g_file_get_path(file->data);
    if (!path) continue;
    g_variant_builder_add(paths, "s", path);
    any = true;
  }
  gtk_widget_remove_css_class(GTK_WIDGET(self), "drop-here");
  if (any) g_action_group_activate_action(G_ACTION_GROUP(self), "open-paths", g_variant_builder_end(paths));
  return any;
}

static GdkDragAction drop_entered(GtkDropTarget *target, double x, double y, HilumWindow *self)
{
  gtk_widget_add_css_class(GTK_WIDGET(self), "drop-here");
  return GDK_ACTION_COPY;
}

static void drop_left(GtkDropTarget *target, HilumWindow *self)
{
  gtk_widget_remove_css_class(GTK_WIDGET(self), "drop-here");
}

static void accept_drops(HilumWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new(GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect(target, "drop", G_CALLBACK(dropped), self);
  g_signal_connect(target, "enter", G_CALLBACK(drop_entered), self);
  g_signal_connect(target, "leave", G_CALLBACK(drop_left), self);
  gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(target));
}

/* --- life --- */

static void load_menus(HilumWindow *self)
{
  g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource("/org/hilum/Hilum/ui/menus.ui");
  gtk_menu_button_set_menu_model(self->open_button,
                                 G_MENU_MODEL(gtk_builder_get_object(builder, "open_menu")));
  gtk_menu_button_set_menu_model(self->menu_button,
                                 G_MENU_MODEL(gtk_builder_get_object(builder, "main_menu")));
  hilum_four_up_set_menus(self->four_up, G_MENU_MODEL(gtk_builder_get_object(builder, "slice_menu")),
                          G_MENU_MODEL(gtk_builder_get_object(builder, "model_menu")));
  hilum_case_panel_set_structure_menu(self->case_panel,
                                      G_MENU_MODEL(gtk_builder_get_object(builder, "structure_menu")));
  hilum_case_panel_set_phase_menu(self->case_panel,
                                  G_MENU_MODEL(gtk_builder_get_object(builder, "phase_menu")));
  self->recent = g_object_ref(G_MENU(gtk_builder_get_object(builder, "recent")));
  hilum_window_fill_recent(self);
}

static void connect_parts(HilumWindow *self)
{
  hilum_case_panel_set_workspace(self->case_panel, self->workspace);
  hilum_four_up_set_workspace(self->four_up, self->workspace);
  hilum_tool_panel_set_toolbox(self->tool_panel, self->workspace, self->toolbox);
  hilum_tool_panel_set_guide(self->tool_panel, self->workspace, self->guide);
  hilum_model_panel_set_workspace(self->model_panel, self->workspace, self->checks);
  hilum_review_panel_set_workspace(self->review_panel, self->workspace, self->jobs);
  hilum_status_bar_set_workspace(self->status_bar, self->workspace, self->jobs);
  hilum_status_bar_set_workspace(self->empty_status_bar, self->workspace, self->jobs);
  g_signal_connect(self->workspace, "changed", G_CALLBACK(workspace_changed), self);
  g_signal_connect_swapped(self->jobs, "changed", G_CALLBACK(hilum_window_update), self);
  g_signal_connect(self->toolbox, "changed", G_CALLBACK(toolbox_changed), self);
  g_signal_connect_swapped(self->surfaces, "changed", G_CALLBACK(hilum_window_update), self);
  g_signal_connect(self->toolbox, "failed", G_CALLBACK(part_failed), self);
  g_signal_connect(self->surfaces, "failed", G_CALLBACK(part_failed), self);
  g_signal_connect(self->guide, "failed", G_CALLBACK(part_failed), self);
  g_signal_connect(self->guide, "progressed", G_CALLBACK(guide_progressed), self);
  g_signal_connect(self->guide, "changed", G_CALLBACK(guide_changed), self);
  g_signal_connect(self->review_panel, "failed", G_CALLBACK(part_failed), self);
  g_signal_connect_swapped(self->review_panel, "changed", G_CALLBACK(hilum_window_update), self);
  g_signal_connect(self->four_up, "failed", G_CALLBACK(part_failed), self);
  g_signal_connect_swapped(self->four_up, "current-changed", G_CALLBACK(hilum_cut_actions_update), self);
  g_signal_connect(self->history_panel, "failed", G_CALLBACK(part_failed), self);
  g_signal_connect_swapped(self->history_panel, "map", G_CALLBACK(hilum_window_update), self);
  g_signal_connect_swapped(self->history_panel, "unmap", G_CALLBACK(hilum_window_update), self);
}

static void hilum_window_dispose(GObject *object)
{
  HilumWindow *self = HILUM_WINDOW(object);
  g_clear_handle_id(&self->update_id, g_source_remove);
  if (self->the_case) {
    g_signal_handlers_disconnect_by_data(self->the_case, self);
    g_signal_handlers_disconnect_by_data(hilum_case_get_history(self->the_case), self);
  }
  GObject *const parts[] = {G_OBJECT(self->workspace), G_OBJECT(self->jobs),     G_OBJECT(self->toolbox),
                            G_OBJECT(self->guide),     G_OBJECT(self->surfaces), G_OBJECT(self->colorings),
                            G_OBJECT(self->checks)};
  for (size_t n = 0; n < G_N_ELEMENTS(parts); n++)
    if (parts[n]) g_signal_handlers_disconnect_by_data(parts[n], self);
  if (self->jobs) hilum_job_list_cancel_all(self->jobs);
  g_clear_pointer(&self->aligner, hilum_aligner_free);
  hilum_window_drop_coarse(self);
  if (self->surfaces) hilum_surfaces_clear(self->surfaces);
  if (self->toolbox) hilum_toolbox_reset(self->toolbox);
  G_OBJECT_CLASS(hilum_window_parent_class)->dispose(object);
  g_clear_object(&self->recent);
  g_clear_object(&self->cuts);
  g_clear_object(&self->checks);
  g_clear_object(&self->colorings);
  g_clear_object(&self->surfaces);
  g_clear_object(&self->guide);
  g_clear_object(&self->toolbox);
  g_clear_object(&self->the_case);
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
}

static void bind_children(GtkWidgetClass *widget)
{
  gtk_widget_class_bind_template_child(widget, HilumWindow, open_button);
  gtk_widget_class_bind_template_child(widget, HilumWindow, menu_button);
  gtk_widget_class_bind_template_child(widget, HilumWindow, undo_button);
  gtk_widget_class_bind_template_child(widget, HilumWindow, redo_button);
  gtk_widget_class_bind_template_child(widget, HilumWindow, undo_label);
  gtk_widget_class_bind_template_child(widget, HilumWindow, history_button);
  gtk_widget_class_bind_template_child(widget, HilumWindow, history_panel);
  gtk_widget_class_bind_template_child(widget, HilumWindow, empty_page);
  gtk_widget_class_bind_template_child(widget, HilumWindow, banner);
  gtk_widget_class_bind_template_child(widget, HilumWindow, pages);
  gtk_widget_class_bind_template_child(widget, HilumWindow, task_pages);
  gtk_widget_class_bind_template_child(widget, HilumWindow, case_panel);
  gtk_widget_class_bind_template_child(widget, HilumWindow, four_up);
  gtk_widget_class_bind_template_child(widget, HilumWindow, tool_panel);
  gtk_widget_class_bind_template_child(widget, HilumWindow, model_panel);
  gtk_widget_class_bind_template_child(widget, HilumWindow, review_panel);
  gtk_widget_class_bind_template_child(widget, HilumWindow, status_bar);
  gtk_widget_class_bind_template_child(widget, HilumWindow, empty_status_bar);
  gtk_widget_class_bind_template_child(widget, HilumWindow, messages);
}

static void hilum_window_class_init(HilumWindowClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_window_dispose;
  GTK_WINDOW_CLASS(klass)->close_request = hilum_window_close_request;
  g_type_ensure(HILUM_TYPE_PATIENT_BANNER);
  g_type_ensure(HILUM_TYPE_EMPTY_PAGE);
  g_type_ensure(HILUM_TYPE_HISTORY_PANEL);
  g_type_ensure(HILUM_TYPE_CASE_PANEL);
  g_type_ensure(HILUM_TYPE_FOUR_UP);
  g_type_ensure(HILUM_TYPE_TOOL_PANEL);
  g_type_ensure(HILUM_TYPE_MODEL_PANEL);
  g_type_ensure(HILUM_TYPE_REVIEW_PANEL);
  g_type_ensure(HILUM_TYPE_STATUS_BAR);
  g_type_ensure(HILUM_TYPE_MESSAGE_BAR);
  gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass), "/org/hilum/Hilum/ui/window.ui");
  bind_children(GTK_WIDGET_CLASS(klass));
}

static void hilum_window_init(HilumWindow *self)
{
  self->workspace = hilum_workspace_new();
  self->jobs = hilum_job_list_new();
  self->toolbox = hilum_toolbox_new(self->workspace, self->jobs);
  self->guide = hilum_guide_session_new(self->workspace, self->jobs, self->toolbox);
  self->surfaces = hilum_surfaces_new(self->workspace, self->jobs);
  self->colorings = hilum_colorings_new(self->workspace, self->jobs);
  g_signal_connect(self->colorings, "failed", G_CALLBACK(part_failed), self);
  self->checks = hilum_surface_checks_new(self->workspace, self->surfaces, self->jobs);
  g_signal_connect(self->checks, "failed", G_CALLBACK(part_failed), self);
  self->cuts = hilum_cuts_new(self->workspace);
  hilum_window_add_file_actions(self);
  hilum_window_add_edit_actions(self);
  self->aligner = hilum_aligner_new(self);
  hilum_window_add_view_actions(self);
  hilum_cut_actions_add(self);
  hilum_window_add_phase_actions(self);
  hilum_recovery_add_actions(self);
  gtk_widget_init_template(GTK_WIDGET(self));
  load_menus(self);
  connect_parts(self);
  hilum_window_add_keys(self);
  accept_drops(self);
  hilum_preferences_apply(self->workspace);
  gtk_widget_set_sensitive(GTK_WIDGET(self->history_button), FALSE);
  hilum_recovery_list(self);
  hilum_window_update(self);
}

HilumWindow *hilum_window_new(GtkApplication *app)
{
  return g_object_new(HILUM_TYPE_WINDOW, "application", app, NULL);
}
