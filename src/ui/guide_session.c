/* The kidney guide of one window. */
#include "guide_session_private.h"

#include <glib/gi18n.h>
#include <string.h>

#define TOOL "guide"
#define VIEW_KEY "guide"

enum { CHANGED, FAILED, PROGRESSED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumGuideSession, hilum_guide_session, G_TYPE_OBJECT)

void hilum_guide_session_fail(HilumGuideSession *self, const char *sentence)
{
  g_signal_emit(self, signals[FAILED], 0, sentence);
}

static bool in_hand(HilumGuideSession *self)
{
  return g_str_equal(hilum_toolbox_get_id(self->toolbox), TOOL);
}

static bool is_builtin(const char *name)
{
  return g_strv_contains(hilum_protocol_list_builtin(), name);
}

void hilum_guide_session_progressed(HilumGuideSession *self)
{
  g_signal_emit(self, signals[PROGRESSED], 0);
}

/* Keeps what was reached with the case, and tells the card. */
void hilum_guide_session_changed(HilumGuideSession *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  if (the_case && self->protocol && is_builtin(self->state.name)) {
    g_autofree char *text = hilum_guide_state_dup_text(&self->state, hilum_guide_session_get_count(self));
    hilum_case_set_view_value(the_case, VIEW_KEY, text);
  } else if (the_case) {
    hilum_case_set_view_value(the_case, VIEW_KEY, NULL);
  }
  g_signal_emit(self, signals[CHANGED], 0);
}

/* --- what is asked --- */

bool hilum_guide_session_is_active(HilumGuideSession *self)
{
  return self->protocol != NULL;
}

const char *hilum_guide_session_get_name(HilumGuideSession *self)
{
  return self->state.name;
}

const HilumProtocol *hilum_guide_session_get_protocol(HilumGuideSession *self)
{
  return self->protocol;
}

size_t hilum_guide_session_get_stage(HilumGuideSession *self)
{
  return self->state.stage;
}

size_t hilum_guide_session_get_count(HilumGuideSession *self)
{
  return self->protocol ? hilum_protocol_get_count(self->protocol) : 0;
}

const HilumStage *hilum_guide_session_get_shown(HilumGuideSession *self)
{
  return hilum_guide_session_at_end(self) ? NULL
                                          : hilum_protocol_get_stage(self->protocol, self->state.stage);
}

bool hilum_guide_session_is_done(HilumGuideSession *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  if (!the_case || hilum_guide_session_at_end(self) || self->moved[self->state.stage]) return false;
  if (self->same[self->state.stage]) return true;
  HilumHistory *history = hilum_case_get_history(the_case);
  g_autofree char *title = hilum_guide_dup_title(self->protocol, self->state.stage);
  for (size_t n = hilum_history_get_undo_depth(history); n-- > 0;)
    if (g_strcmp0(hilum_history_get_step_label(history, n), title) == 0) return true;
  return false;
}

static HilumStructure *find_structure(HilumGuideSession *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  const HilumStage *shown = hilum_guide_session_get_shown(self);
  return the_case && shown ? hilum_case_find_structure(the_case, shown->structure) : NULL;
}

double hilum_guide_session_get_ml(HilumGuideSession *self)
{
  HilumStructure *structure = find_structure(self);
  return structure ? hilum_structure_get_volume_ml(structure) : 0;
}

bool hilum_guide_session_is_busy(HilumGuideSession *self)
{
  return self->job != NULL;
}

bool hilum_guide_session_get_point(HilumGuideSession *self, HilumVec3 *point_mm)
{
  if (hilum_guide_session_at_end(self) || !self->state.clicked[self->state.stage]) return false;
  *point_mm = self->state.clicks_mm[self->state.stage];
  return true;
}

GArray *hilum_guide_session_get_places(HilumGuideSession *self)
{
  return self->places;
}

/* --- the pointer --- */

/* What the session has goes to the tool. */
static void show_point(HilumGuideSession *self)
{
  HilumTool *tool = in_hand(self) ? hilum_toolbox_get_tool(self->toolbox) : NULL;
  if (!tool) return;
  const HilumStage *shown = hilum_guide_session_get_shown(self);
  HilumVec3 point_mm;
  const bool any = hilum_guide_session_get_point(self, &point_mm);
  self->syncing = true;
  g_object_set(tool, "wanted", shown && shown->click != HILUM_CLICK_NONE, NULL);
  hilum_tool_guide_set_point(tool, any ? &point_mm : NULL);
  self->syncing = false;
}

static void take_point(HilumGuideSession *self, HilumVec3 point_mm)
{
  const size_t n = self->state.stage;
  const HilumVec3 before = self->state.clicks_mm[n];
  if (self->state.clicked[n] && memcmp(&before, &point_mm, sizeof before) == 0) return;
  self->state.clicks_mm[n] = point_mm;
  self->state.clicked[n] = self->moved[n] = true;
  self->same[n] = false;
  hilum_guide_session_changed(self);
}

static void toolbox_changed(HilumToolbox *toolbox, HilumGuideSession *self)
{
  HilumVec3 point_mm;
  HilumTool *tool = in_hand(self) ? hilum_toolbox_get_tool(toolbox) : NULL;
  if (self->syncing) return;
  if (tool && !self->protocol) {
    if (!hilum_guide_session_begin(self, NULL)) hilum_toolbox_choose(toolbox, "");
  } else if (tool && hilum_tool_guide_get_point(tool, &point_mm)) {
    if (!hilum_guide_session_at_end(self)) take_point(self, point_mm);
  } else if (tool) {
    show_point(self); /* a tool that was just made */
  }
}

void hilum_guide_session_set_point(HilumGuideSession *self, HilumVec3 point_mm)
{
  const HilumStage *shown = hilum_guide_session_get_shown(self);
  if (!shown || shown->click == HILUM_CLICK_NONE) return;
  take_point(self, point_mm);
  show_point(self);
}

/* --- from stage to stage --- */

/* Phase, structure and pointer for the present stage. */
static void enter(HilumGuideSession *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  HilumStructure *structure = find_structure(self);
  g_autoptr(GError) error = NULL;
  guint phase = 0;
  hilum_guide_session_progressed(self);
  hilum_workspace_set_task(self->workspace, HILUM_TASK_SEGMENT);
  if (structure) hilum_workspace_set_active(self->workspace, hilum_structure_get_label(structure));
  if (!hilum_guide_session_at_end(self) &&
      hilum_guide_find_phase(the_case, self->protocol, self->state.stage, &phase, &error))
    hilum_workspace_set_active_phase(self->workspace, phase);
  self->syncing = true;
  hilum_toolbox_choose(self->toolbox, hilum_guide_session_at_end(self) ? "" : TOOL);
  self->syncing = false;
  show_point(self);
  hilum_guide_session_changed(self);
  if (error) hilum_guide_session_fail(self, error->message);
}

static void go(HilumGuideSession *self, size_t stage)
{
  self->state.stage = stage;
  enter(self);
}

bool hilum_guide_session_can_back(HilumGuideSession *self)
{
  return self->protocol && self->state.stage > 0;
}

void hilum_guide_session_back(HilumGuideSession *self)
{
  if (hilum_guide_session_can_back(self)) go(self, self->state.stage - 1);
}

bool hilum_guide_session_can_skip(HilumGuideSession *self)
{
  return self->protocol && !hilum_guide_session_at_end(self) && !self->job &&
         !hilum_guide_session_is_done(self);
}

void hilum_guide_session_skip(HilumGuideSession *self)
{
  if (!hilum_guide_session_can_skip(self)) return;
  self->state.clicked[self->state.stage] = false;
  go(self, self->state.stage + 1);
}

bool hilum_guide_session_can_next(HilumGuideSession *self)
{
  const HilumStage *shown = self->protocol ? hilum_guide_session_get_shown(self) : NULL;
  if (!shown || self->job) return false;
  if (shown->click == HILUM_CLICK_OPTIONAL && !self->state.clicked[self->state.stage]) return true;
  return shown->click == HILUM_CLICK_NONE || hilum_guide_session_is_done(self);
}

void hilum_guide_session_next(HilumGuideSession *self)
{
  if (hilum_guide_session_can_next(self)) go(self, self->state.stage + 1);
}

/* --- Enter --- */

bool hilum_guide_session_can_go_on(HilumGuideSession *self)
{
  if (!self->protocol || hilum_workspace_get_task(self->workspace) != HILUM_TASK_SEGMENT) return false;
  if (hilum_guide_session_at_end(self) ? *hilum_toolbox_get_id(self->toolbox) != 0 : !in_hand(self))
    return false;
  return hilum_guide_session_can_apply(self) || hilum_guide_session_can_next(self);
}

void hilum_guide_session_go_on(HilumGuideSession *self)
{
  if (!hilum_guide_session_can_go_on(self)) return;
  if (hilum_guide_session_can_apply(self) && !hilum_guide_session_is_done(self))
    hilum_guide_session_apply(self);
  else
    hilum_guide_session_next(self);
}

/* --- begin and end --- */

/* What belongs to a protocol goes; a job that runs is cancelled, and its result dropped. */
static void forget(HilumGuideSession *self)
{
  self->generation++;
  if (self->job) hilum_job_cancel(self->job);
  g_clear_object(&self->job);
  g_clear_pointer(&self->protocol, hilum_protocol_free);
  hilum_guide_state_clear(&self->state);
  self->state.stage = 0;
  g_clear_pointer(&self->moved, g_free);
  g_clear_pointer(&self->same, g_free);
  g_clear_pointer(&self->places, g_array_unref);
}

/* Clicks of the former protocol for the same structures; the last stage of a name wins. */
static void keep_clicks(HilumGuideSession *self, const HilumProtocol *protocol, HilumGuideState *state)
{
  for (size_t n = 0; n < hilum_protocol_get_count(protocol); n++)
    for (size_t m = 0; m < hilum_guide_session_get_count(self); m++)
      if (self->state.clicked[m] &&
          g_ascii_strcasecmp(hilum_protocol_get_stage(protocol, n)->structure,
                             hilum_protocol_get_stage(self->protocol, m)->structure) == 0) {
        state->clicks_mm[n] = self->state.clicks_mm[m];
        state->clicked[n] = hilum_protocol_get_stage(protocol, n)->click != HILUM_CLICK_NONE;
      }
}

bool hilum_guide_session_begin(HilumGuideSession *self, const char *name)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  g_autoptr(GError) error = NULL;
  if (!the_case) {
    hilum_guide_session_fail(self, _("Open a study first."));
    return false;
  }
  if (!name) name = hilum_guide_suggest(the_case);
  g_autoptr(HilumProtocol) protocol =
      is_builtin(name) ? hilum_protocol_load_builtin(name, &error) : hilum_protocol_load(name, &error);
  if (!protocol || !hilum_guide_add_structures(the_case, protocol, &error)) {
    hilum_guide_session_fail(self, error->message);
    return false;
  }
  const size_t count = hilum_protocol_get_count(protocol);
  HilumGuideState state = {g_strdup(name), 0, g_new0(HilumVec3, count), g_new0(bool, count)};
  keep_clicks(self, protocol, &state);
  forget(self);
  self->protocol = g_steal_pointer(&protocol);
  self->state = state;
  self->moved = g_new0(bool, count);
  self->same = g_new0(bool, count);
  memcpy(self->moved, state.clicked, count * sizeof *self->moved);
  enter(self);
  return true;
}

void hilum_guide_session_end(HilumGuideSession *self)
{
  if (!self->protocol) return;
  forget(self);
  if (in_hand(self)) hilum_toolbox_choose(self->toolbox, "");
  hilum_guide_session_changed(self);
}

void hilum_guide_session_restore(HilumGuideSession *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  const char *text = the_case ? hilum_case_get_view_value(the_case, VIEW_KEY) : NULL;
  forget(self);
  if (text && hilum_guide_state_parse(text, &self->state, &self->protocol)) {
    self->moved = g_new0(bool, hilum_guide_session_get_count(self));
    self->same = g_new0(bool, hilum_guide_session_get_count(self));
  }
  g_signal_emit(self, signals[CHANGED], 0);
}

/* --- life --- */

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumGuideSession *self)
{
  const unsigned matters = HILUM_CHANGE_LABELS | HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_TASK;
  if (self->protocol && changes & matters) g_signal_emit(self, signals[CHANGED], 0);
}

static void hilum_guide_session_dispose(GObject *object)
{
  HilumGuideSession *self = HILUM_GUIDE_SESSION(object);
  forget(self);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  if (self->toolbox) g_signal_handlers_disconnect_by_data(self->toolbox, self);
  g_clear_object(&self->toolbox);
  g_clear_object(&self->jobs);
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_guide_session_parent_class)->dispose(object);
}

static void hilum_guide_session_class_init(HilumGuideSessionClass *klass)
{
  GType type = HILUM_TYPE_GUIDE_SESSION;
  G_OBJECT_CLASS(klass)->dispose = hilum_guide_session_dispose;
  signals[CHANGED] = g_signal_new("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] =
      g_signal_new("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[PROGRESSED] =
      g_signal_new("progressed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void hilum_guide_session_init(HilumGuideSession *self) {}

HilumGuideSession *hilum_guide_session_new(HilumWorkspace *workspace, HilumJobList *jobs,
                                           HilumToolbox *toolbox)
{
  HilumGuideSession *self = g_object_new(HILUM_TYPE_GUIDE_SESSION, NULL);
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  self->toolbox = g_object_ref(toolbox);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  g_signal_connect(toolbox, "changed", G_CALLBACK(toolbox_changed), self);
  return self;
}
