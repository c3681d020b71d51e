/* A case with two bright balls, a workspace whose panes have 480 x 400 pixels, and a tool in hand whose jobs
 * wait to be run: for tests of tools with no display. */
#pragma once

#include "hilum/base/memory.h"
#include "hilum/casefile/case.h"
#include "hilum/view/tool.h"

#include <string.h>

typedef struct {
  HilumCase *the_case;
  HilumWorkspace *workspace;
  HilumTool *tool;
  HilumToolJob *waiting; /* the last job asked for and not yet run */
  int jobs, failures;
} Fixture;

/* Two bright balls of 200 HU in 0 HU; the second one is not connected to the first. */
static inline HilumVolume *balls(void)
{
  HilumGrid grid = hilum_grid_new(48, 40, 36, 1, 1, 1.5);
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (HilumVoxel v = {0, 0, 0}; v.k < 36; v.k++)
    for (v.j = 0; v.j < 40; v.j++)
      for (v.i = 0; v.i < 48; v.i++) {
        HilumVec3 p = hilum_grid_voxel_to_mm(&grid, v);
        if (hilum_vec3_distance(p, hilum_vec3(14, 20, 27)) < 9 ||
            hilum_vec3_distance(p, hilum_vec3(36, 20, 27)) < 6)
          voxels[hilum_grid_offset(&grid, v)] = 200;
      }
  g_autoptr(GError) error = NULL;
  HilumVolume *volume = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", &error);
  g_assert_no_error(error);
  return volume;
}

static inline void on_job(HilumTool *tool, HilumToolJob *job, Fixture *f)
{
  g_assert_null(f->waiting); /* one at a time */
  f->waiting = hilum_tool_job_ref(job);
  f->jobs++;
}

static inline void on_failed(HilumTool *tool, const char *message, Fixture *f)
{
  g_assert_cmpint((int)strlen(message), >, 10);
  f->failures++;
}

static inline void run_waiting(Fixture *f)
{
  while (f->waiting) {
    HilumToolJob *job = g_steal_pointer(&f->waiting);
    hilum_tool_job_run(job);
    hilum_tool_job_unref(job);
  }
}

static inline void take_tool(Fixture *f, HilumToolKind kind)
{
  g_clear_object(&f->tool);
  f->tool = hilum_tool_new(f->workspace, kind);
  g_signal_connect(f->tool, "job", G_CALLBACK(on_job), f);
  g_signal_connect(f->tool, "failed", G_CALLBACK(on_failed), f);
  hilum_workspace_set_tool(f->workspace, f->tool);
}

static inline void set_up_with(Fixture *f, HilumVolume *volume)
{
  g_autoptr(GError) error = NULL;
  f->the_case = hilum_case_new();
  g_assert_nonnull(hilum_case_add_phase(f->the_case, NULL, volume, &error));
  g_assert_nonnull(hilum_case_add_structure(f->the_case, HILUM_STRUCTURE_PARENCHYMA, NULL, &error));
  g_assert_nonnull(hilum_case_add_structure(f->the_case, HILUM_STRUCTURE_TUMOUR, NULL, &error));
  f->workspace = hilum_workspace_new();
  hilum_workspace_set_case(f->workspace, f->the_case);
  for (int p = 0; p < HILUM_SLICE_PLANES; p++) {
    HilumSliceState s = *hilum_workspace_get_slice(f->workspace, (HilumSlicePlane)p);
    hilum_slice_state_set_size(&s, 480, 400);
    hilum_workspace_set_slice(f->workspace, &s);
  }
  hilum_workspace_set_cursor_mm(f->workspace, hilum_vec3(14, 20, 27));
}

static inline void set_up(Fixture *f, gconstpointer data)
{
  g_autoptr(HilumVolume) volume = balls();
  set_up_with(f, volume);
}

static inline void tear_down(Fixture *f, gconstpointer data)
{
  if (f->waiting) hilum_tool_job_unref(f->waiting);
  hilum_workspace_set_tool(f->workspace, NULL);
  g_clear_object(&f->tool);
  g_clear_object(&f->workspace);
  g_clear_object(&f->the_case);
}

static inline bool send(Fixture *f, HilumToolEventType type, HilumVec3 mm, double dy_px, unsigned modifiers)
{
  double x, y;
  const HilumSliceState *s = hilum_workspace_get_slice(f->workspace, HILUM_SLICE_AXIAL);
  hilum_slice_state_mm_to_widget(s, mm, &x, &y, NULL);
  HilumToolEvent e =
      hilum_tool_event_at(f->workspace, type, HILUM_SLICE_AXIAL, x, y + dy_px, 480, 400, modifiers);
  return hilum_tool_handle(f->tool, &e);
}

static inline uint64_t count(Fixture *f, uint8_t label)
{
  return hilum_label_map_count(hilum_workspace_get_labels(f->workspace), label);
}

static inline size_t steps(Fixture *f)
{
  return hilum_history_get_undo_depth(hilum_case_get_history(f->the_case));
}

static inline void undo(Fixture *f)
{
  g_assert_true(hilum_history_undo(hilum_case_get_history(f->the_case), NULL));
}

/* In the middle of the two balls, and in neither. */
#define BALL hilum_vec3(14, 20, 27)
#define OTHER hilum_vec3(36, 20, 27)
#define AIR hilum_vec3(25, 5, 27)

#define ADD(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)
