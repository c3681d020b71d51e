/* The two stacks behind Ctrl+Z. A step is one command or a group of them. Every state of the document has a
 * number that is never given twice, so that "is this what lies on disk?" is one comparison, however the user
 * wandered. */
#include "history_private.h"

#include "hilum/casefile/error.h"
#include "step_private.h"

#define DEFAULT_BUDGET ((size_t)256 << 20)

/* Where a group begins inside the open step. */
typedef struct {
  guint first;
  uint64_t state;
} Mark;

struct _HilumHistory {
  GObject parent;
  GQueue undo, redo; /* HilumHistoryStep; tail is the newest to undo, and the first to redo */
  size_t bytes, budget;
  HilumHistoryStep *open; /* NULL unless a group is open */
  GArray *marks;
  uint64_t state, last_state, saved_state;
  bool busy;
  HilumHistoryLog log;
  gpointer log_data;
};

enum { PROP_CAN_UNDO = 1, PROP_CAN_REDO, PROP_MODIFIED, PROP_UNDO_LABEL, PROP_REDO_LABEL, N_PROPS };
static GParamSpec *props[N_PROPS];
enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumHistory, hilum_history, G_TYPE_OBJECT)

static size_t command_bytes(const HilumCommand *command)
{
  return command->klass->bytes ? command->klass->bytes(command) : sizeof *command;
}

static void command_free(gpointer data)
{
  HilumCommand *command = data;
  g_free(command->label);
  command->klass->free(command);
}

HilumHistoryStep *hilum_history_step_new(const char *label, uint64_t before)
{
  HilumHistoryStep *step = g_new0(HilumHistoryStep, 1);
  step->label = g_strdup(label);
  step->commands = g_ptr_array_new_with_free_func(command_free);
  step->before = step->after = before;
  return step;
}

void hilum_history_step_free(HilumHistoryStep *step)
{
  g_ptr_array_unref(step->commands);
  g_clear_pointer(&step->record, hilum_step_record_unref);
  g_free(step->label);
  g_free(step);
}

static void free_step(gpointer step)
{
  hilum_history_step_free(step);
}

static void step_count_bytes(HilumHistoryStep *step)
{
  step->bytes = 0;
  for (guint i = 0; i < step->commands->len; i++)
    step->bytes += command_bytes(g_ptr_array_index(step->commands, i));
}

/* Reverts commands [first, n), newest first. If one fails, those already reverted are applied again. */
static bool revert_down_to(GPtrArray *commands, guint first, GError **error)
{
  for (guint i = commands->len; i-- > first;) {
    HilumCommand *command = g_ptr_array_index(commands, i);
    if (command->klass->revert(command, error)) continue;
    for (guint j = i + 1; j < commands->len; j++) {
      HilumCommand *again = g_ptr_array_index(commands, j);
      if (!again->klass->apply(again, NULL)) g_critical("a step could not be restored");
    }
    return false;
  }
  return true;
}

static bool apply_all(GPtrArray *commands, GError **error)
{
  for (guint i = 0; i < commands->len; i++) {
    HilumCommand *command = g_ptr_array_index(commands, i);
    if (command->klass->apply(command, error)) continue;
    while (i-- > 0) {
      HilumCommand *back = g_ptr_array_index(commands, i);
      if (!back->klass->revert(back, NULL)) g_critical("a step could not be restored");
    }
    return false;
  }
  return true;
}

static void drop_redo(HilumHistory *self)
{
  for (HilumHistoryStep *step; (step = g_queue_pop_tail(&self->redo));) {
    self->bytes -= step->bytes;
    hilum_history_step_free(step);
  }
}

static void drop_oldest(HilumHistory *self)
{
  HilumHistoryStep *oldest = g_queue_pop_head(&self->undo);
  self->bytes -= oldest->bytes;
  hilum_history_step_free(oldest);
}

static void trim(HilumHistory *self)
{
  while (self->bytes > self->budget && self->undo.length > 1)
    drop_oldest(self);
}

static void tell(HilumHistory *self, HilumHistoryEvent event)
{
  if (self->log) self->log(event, self->log_data);
}

static void changed(HilumHistory *self)
{
  g_object_freeze_notify(G_OBJECT(self));
  for (guint i = 1; i < N_PROPS; i++)
    g_object_notify_by_pspec(G_OBJECT(self), props[i]);
  g_object_thaw_notify(G_OBJECT(self));
  g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

static bool refuse(HilumHistory *self, GError **error)
{
  if (!self->busy && !self->open) return false;
  g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY,
                      "Another step is still being made; try again when it is finished.");
  return true;
}

/* Two commands in a row may be one for the user (a colour dragged over the wheel), but never across a saved
 * state or the begin of a group. */
static bool merge_into_last(HilumHistory *self, HilumCommand *command)
{
  HilumHistoryStep *step = self->open ? self->open : g_queue_peek_tail(&self->undo);
  if (!step || step->commands->len == 0 || self->state == self->saved_state) return false;
  if (self->open) {
    if (step->commands->len == g_array_index(self->marks, Mark, self->marks->len - 1).first) return false;
  } else if (step->group || self->redo.length > 0) {
    return false;
  }
  HilumCommand *last = g_ptr_array_index(step->commands, step->commands->len - 1);
  return last->klass == command->klass && last->klass->try_merge && last->klass->try_merge(last, command);
}

static void push_step(HilumHistory *self, HilumHistoryStep *step)
{
  drop_redo(self);
  step->after = self->state;
  step_count_bytes(step);
  self->bytes += step->bytes;
  g_queue_push_tail(&self->undo, step);
  trim(self);
  tell(self, HILUM_HISTORY_DONE);
}

bool hilum_history_do(HilumHistory *self, HilumCommand *command, GError **error)
{
  g_return_val_if_fail(HILUM_IS_HISTORY(self), false);
  if (self->busy) {
    command_free(command);
    return refuse(self, error) && false;
  }
  self->busy = true;
  bool applied = command->klass->apply(command, error);
  self->busy = false;
  if (!applied) {
    command_free(command);
    return false;
  }
  if (merge_into_last(self, command)) {
    command_free(command);
    self->state = ++self->last_state;
    if (!self->open) {
      HilumHistoryStep *step = g_queue_peek_tail(&self->undo);
      self->bytes -= step->bytes;
      step_count_bytes(step);
      self->bytes += step->bytes;
      step->after = self->state;
      g_clear_pointer(&step->record, hilum_step_record_unref);
      trim(self);
      tell(self, HILUM_HISTORY_AMENDED);
    }
  } else if (self->open) {
    g_ptr_array_add(self->open->commands, command);
    self->state = ++self->last_state;
  } else {
    HilumHistoryStep *step = hilum_history_step_new(command->label, self->state);
    g_ptr_array_add(step->commands, command);
    self->state = ++self->last_state;
    push_step(self, step);
  }
  changed(self);
  return true;
}

/* The step that is next in a direction changes sides. False without error if there is none. */
static bool move(HilumHistory *self, bool back, GError **error)
{
  GQueue *from = back ? &self->undo : &self->redo, *to = back ? &self->redo : &self->undo;
  HilumHistoryStep *step = g_queue_peek_tail(from);
  if (!step) return false;
  self->busy = true;
  const bool done = back ? revert_down_to(step->commands, 0, error) : apply_all(step->commands, error);
  self->busy = false;
  if (!done) {
    g_prefix_error(error, "“%s” could not be %s: ", step->label, back ? "undone" : "redone");
    return false;
  }
  g_queue_push_tail(to, g_queue_pop_tail(from));
  self->state = back ? step->before : step->after;
  tell(self, back ? HILUM_HISTORY_UNDONE : HILUM_HISTORY_REDONE);
  return true;
}

bool hilum_history_undo(HilumHistory *self, GError **error)
{
  g_return_val_if_fail(HILUM_IS_HISTORY(self), false);
  if (refuse(self, error) || !move(self, true, error)) return false;
  changed(self);
  return true;
}

bool hilum_history_redo(HilumHistory *self, GError **error)
{
  g_return_val_if_fail(HILUM_IS_HISTORY(self), false);
  if (refuse(self, error) || !move(self, false, error)) return false;
  changed(self);
  return true;
}

bool hilum_history_go_to(HilumHistory *self, size_t depth, GError **error)
{
  g_return_val_if_fail(HILUM_IS_HISTORY(self), false);
  g_return_val_if_fail(depth <= self->undo.length + self->redo.length, false);
  if (refuse(self, error)) return false;
  const size_t before = self->undo.length;
  bool good = true;
  while (good && self->undo.length != depth)
    good = move(self, self->undo.length > depth, error);
  if (self->undo.length != before) changed(self);
  return good;
}

void hilum_history_begin_group(HilumHistory *self, const char *label)
{
  g_return_if_fail(HILUM_IS_HISTORY(self));
  if (!self->open) {
    self->open = hilum_history_step_new(label, self->state);
    self->open->group = true;
  }
  Mark mark = {self->open->commands->len, self->state};
  g_array_append_val(self->marks, mark);
}

void hilum_history_end_group(HilumHistory *self)
{
  g_return_if_fail(HILUM_IS_HISTORY(self) && self->open);
  g_array_set_size(self->marks, self->marks->len - 1);
  if (self->marks->len > 0) return;
  HilumHistoryStep *step = g_steal_pointer(&self->open);
  if (step->commands->len == 0) {
    hilum_history_step_free(step);
    return;
  }
  push_step(self, step);
  changed(self);
}

void hilum_history_abort_group(HilumHistory *self)
{
  g_return_if_fail(HILUM_IS_HISTORY(self) && self->open);
  Mark mark = g_array_index(self->marks, Mark, self->marks->len - 1);
  g_autoptr(GError) error = NULL;
  self->busy = true;
  bool reverted = revert_down_to(self->open->commands, mark.first, &error);
  self->busy = false;
  if (reverted) {
    g_ptr_array_set_size(self->open->commands, (int)mark.first);
    self->state = mark.state;
  } else { /* what could not be reverted stays part of the step, so that it can be undone later */
    g_critical("a group could not be taken back: %s", error->message);
  }
  hilum_history_end_group(self);
  changed(self);
}

bool hilum_history_is_grouping(HilumHistory *self)
{
  return self->open != NULL;
}

bool hilum_history_can_undo(HilumHistory *self)
{
  return !self->open && self->undo.length > 0;
}

bool hilum_history_can_redo(HilumHistory *self)
{
  return !self->open && self->redo.length > 0;
}

const char *hilum_history_get_undo_label(HilumHistory *self)
{
  const HilumHistoryStep *step = g_queue_peek_tail(&self->undo);
  return step ? step->label : NULL;
}

const char *hilum_history_get_redo_label(HilumHistory *self)
{
  const HilumHistoryStep *step = g_queue_peek_tail(&self->redo);
  return step ? step->label : NULL;
}

size_t hilum_history_get_bytes(HilumHistory *self)
{
  return self->bytes;
}

size_t hilum_history_get_budget(HilumHistory *self)
{
  return self->budget;
}

void hilum_history_set_budget(HilumHistory *self, size_t bytes)
{
  g_return_if_fail(HILUM_IS_HISTORY(self));
  const size_t before = self->undo.length;
  self->budget = bytes ? bytes : DEFAULT_BUDGET;
  trim(self);
  if (self->undo.length != before) changed(self);
}

size_t hilum_history_get_undo_depth(HilumHistory *self)
{
  return self->undo.length;
}

size_t hilum_history_get_redo_depth(HilumHistory *self)
{
  return self->redo.length;
}

uint64_t hilum_history_get_state(HilumHistory *self)
{
  return self->state;
}

void hilum_history_mark_saved_state(HilumHistory *self, uint64_t state)
{
  if (self->saved_state == state) return;
  self->saved_state = state;
  changed(self);
}

void hilum_history_mark_saved(HilumHistory *self)
{
  hilum_history_mark_saved_state(self, self->state);
}

bool hilum_history_get_modified(HilumHistory *self)
{
  return self->state != self->saved_state;
}

void hilum_history_clear(HilumHistory *self)
{
  g_return_if_fail(HILUM_IS_HISTORY(self) && !self->busy && !self->open);
  drop_redo(self);
  g_queue_clear_full(&self->undo, free_step);
  self->bytes = 0;
  tell(self, HILUM_HISTORY_CLEARED);
  changed(self);
}

/* --- for the journal and the case file --- */

void hilum_history_set_log(HilumHistory *self, HilumHistoryLog log, gpointer data)
{
  self->log = log;
  self->log_data = data;
}

HilumHistoryStep *hilum_history_get_step(HilumHistory *self, size_t index)
{
  const size_t done = self->undo.length;
  if (index < done) return g_queue_peek_nth(&self->undo, (guint)index);
  return index - done < self->redo.length
             ? g_queue_peek_nth(&self->redo, self->redo.length - 1 - (guint)(index - done))
             : NULL;
}

const char *hilum_history_get_step_label(HilumHistory *self, size_t index)
{
  const HilumHistoryStep *step = hilum_history_get_step(self, index);
  return step ? step->label : NULL;
}

uint64_t hilum_history_get_last_state(HilumHistory *self)
{
  return self->last_state;
}

uint64_t hilum_history_get_saved_state(HilumHistory *self)
{
  return self->saved_state;
}

bool hilum_history_replay(HilumHistory *self, HilumHistoryStep *step, GError **error)
{
  if (step->before != self->state || step->after <= self->last_state) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY,
                "“%s” does not follow what was done before it.", step->label);
    hilum_history_step_free(step);
    return false;
  }
  self->busy = true;
  const bool done = apply_all(step->commands, error);
  self->busy = false;
  if (!done) {
    hilum_history_step_free(step);
    return false;
  }
  self->state = self->last_state = step->after;
  push_step(self, step);
  changed(self);
  return true;
}

void hilum_history_drop_undone(HilumHistory *self)
{
  HilumHistoryStep *step = g_queue_pop_tail(&self->redo);
  if (!step) return;
  self->bytes -= step->bytes;
  hilum_history_step_free(step);
}

void hilum_history_drop_oldest(HilumHistory *self, size_t depth)
{
  while (self->undo.length > depth)
    drop_oldest(self);
}

void hilum_history_restore(HilumHistory *self, HilumHistoryStep **steps, size_t n_done, size_t n,
                           uint64_t state, uint64_t last_state, uint64_t saved_state)
{
  g_return_if_fail(self->undo.length == 0 && self->redo.length == 0 && !self->open);
  for (size_t i = 0; i < n; i++) {
    step_count_bytes(steps[i]);
    self->bytes += steps[i]->bytes;
    if (i < n_done)
      g_queue_push_tail(&self->undo, steps[i]);
    else
      g_queue_push_head(&self->redo, steps[i]);
  }
  self->state = state;
  self->last_state = last_state;
  self->saved_state = saved_state;
  changed(self);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HilumHistory *self = HILUM_HISTORY(object);
  switch (id) {
  case PROP_CAN_UNDO:
    g_value_set_boolean(value, hilum_history_can_undo(self));
    break;
  case PROP_CAN_REDO:
    g_value_set_boolean(value, hilum_history_can_redo(self));
    break;
  case PROP_MODIFIED:
    g_value_set_boolean(value, hilum_history_get_modified(self));
    break;
  case PROP_UNDO_LABEL:
    g_value_set_string(value, hilum_history_get_undo_label(self));
    break;
  case PROP_REDO_LABEL:
    g_value_set_string(value, hilum_history_get_redo_label(self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject *object)
{
  HilumHistory *self = HILUM_HISTORY(object);
  g_queue_clear_full(&self->undo, free_step);
  g_queue_clear_full(&self->redo, free_step);
  if (self->open) hilum_history_step_free(self->open);
  g_array_unref(self->marks);
  G_OBJECT_CLASS(hilum_history_parent_class)->finalize(object);
}

static void hilum_history_class_init(HilumHistoryClass *klass)
{
  GObjectClass *object = G_OBJECT_CLASS(klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  object->get_property = get_property;
  object->finalize = finalize;
  props[PROP_CAN_UNDO] = g_param_spec_boolean("can-undo", NULL, NULL, FALSE, flags);
  props[PROP_CAN_REDO] = g_param_spec_boolean("can-redo", NULL, NULL, FALSE, flags);
  props[PROP_MODIFIED] = g_param_spec_boolean("modified", NULL, NULL, FALSE, flags);
  props[PROP_UNDO_LABEL] = g_param_spec_string("undo-label", NULL, NULL, NULL, flags);
  props[PROP_REDO_LABEL] = g_param_spec_string("redo-label", NULL, NULL, NULL, flags);
  g_object_class_install_properties(object, N_PROPS, props);
  signals[SIGNAL_CHANGED] = g_signal_new("changed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void hilum_history_init(HilumHistory *self)
{
  self->marks = g_array_new(FALSE, FALSE, sizeof(Mark));
}

HilumHistory *hilum_history_new(size_t byte_budget)
{
  HilumHistory *self = g_object_new(HILUM_TYPE_HISTORY, NULL);
  self->budget = byte_budget ? byte_budget : DEFAULT_BUDGET;
  return self;
}
