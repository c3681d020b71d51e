/* Step records: taken from a history, put back into one. */
#include "step_private.h"

HilumCommandRecord *hilum_command_record_new(HilumCommandKind kind, const char *label)
{
  HilumCommandRecord *command = g_new0(HilumCommandRecord, 1);
  command->kind = kind;
  command->label = g_strdup(label);
  return command;
}

void hilum_command_record_free(HilumCommandRecord *command)
{
  hilum_label_delta_unref(command->delta);
  hilum_structure_traits_clear(&command->before);
  hilum_structure_traits_clear(&command->after);
  g_free(command->label);
  g_free(command);
}

static void free_command(gpointer command)
{
  hilum_command_record_free(command);
}

HilumStepRecord *hilum_step_record_new(const char *label, uint64_t before, uint64_t after, bool group)
{
  HilumStepRecord *step = g_new0(HilumStepRecord, 1);
  atomic_init(&step->refs, 1);
  step->label = g_strdup(label);
  step->before = before;
  step->after = after;
  step->group = group;
  step->commands = g_ptr_array_new_with_free_func(free_command);
  pthread_mutex_init(&step->lock, NULL);
  return step;
}

HilumStepRecord *hilum_step_record_ref(HilumStepRecord *step)
{
  atomic_fetch_add_explicit(&step->refs, 1, memory_order_relaxed);
  return step;
}

void hilum_step_record_unref(HilumStepRecord *step)
{
  if (atomic_fetch_sub(&step->refs, 1) != 1) return;
  g_ptr_array_unref(step->commands);
  g_clear_pointer(&step->packed, g_bytes_unref);
  pthread_mutex_destroy(&step->lock);
  g_free(step->label);
  g_free(step);
}

HilumStepRecord *hilum_history_dup_step_record(HilumHistory *self, size_t index)
{
  HilumHistoryStep *step = hilum_history_get_step(self, index);
  if (!step) return NULL;
  if (step->record) return hilum_step_record_ref(step->record);
  g_autoptr(HilumStepRecord) record =
      hilum_step_record_new(step->label, step->before, step->after, step->group);
  for (guint c = 0; c < step->commands->len; c++) {
    const HilumCommand *command = g_ptr_array_index(step->commands, c);
    HilumCommandRecord *described = command->klass->describe ? command->klass->describe(command) : NULL;
    if (!described) return NULL;
    g_ptr_array_add(record->commands, described);
  }
  step->record = hilum_step_record_ref(record);
  return g_steal_pointer(&record);
}

HilumHistoryStep *hilum_step_record_to_step(HilumStepRecord *record, HilumCase *self, bool done)
{
  HilumHistoryStep *step = hilum_history_step_new(record->label, record->before);
  step->after = record->after;
  step->group = record->group;
  for (guint c = 0; c < record->commands->len; c++)
    g_ptr_array_add(step->commands,
                    hilum_command_new_from_record(self, g_ptr_array_index(record->commands, c), done));
  step->record = hilum_step_record_ref(record);
  return step;
}
