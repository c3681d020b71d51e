/* Two phases at once: what is told, what is drawn with what, whose window is whose, and a case whose phase
 * moves while it is looked at. */
#include "hilum/base/memory.h"
#include "hilum/casefile/case.h"
#include "hilum/view/workspace.h"

#include <math.h>

static HilumVolume *volume_of(int32_t nx, const char *unit)
{
  HilumGrid grid = hilum_grid_new(nx, 20, 16, 1, 1, 2);
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  voxels[0] = 1000;
  HilumVolume *volume = hilum_volume_new_take(&grid, voxels, 1, 0, unit, NULL);
  g_assert_nonnull(volume);
  return volume;
}

static void on_changed(HilumWorkspace *workspace, guint changes, guint *seen)
{
  *seen |= changes;
}

static guint take(guint *seen)
{
  const guint taken = *seen;
  *seen = 0;
  return taken;
}

static void test_modes(void)
{
  for (int m = 0; m < HILUM_FUSION_MODES; m++) {
    HilumFusionMode mode = HILUM_FUSION_MODES;
    g_assert_true(hilum_fusion_mode_parse(hilum_fusion_mode_id((HilumFusionMode)m), &mode));
    g_assert_cmpint(mode, ==, m);
  }
  HilumFusionMode mode;
  g_assert_false(hilum_fusion_mode_parse("stripes", &mode));
  g_assert_false(hilum_fusion_mode_parse(NULL, &mode));
}

static void test_state(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  g_autoptr(HilumVolume) a = volume_of(24, "HU"), b = volume_of(24, "HU"), c = volume_of(25, "HU");
  HilumVolume *volumes[] = {a, b, c};
  hilum_workspace_set_phases(w, volumes, NULL, 3);
  guint seen = 0;
  g_signal_connect(w, "changed", G_CALLBACK(on_changed), &seen);
  HilumFusion fusion = *hilum_workspace_get_fusion(w);
  g_assert_cmpint(fusion.mode, ==, HILUM_FUSION_OFF);
  g_assert_null(hilum_workspace_get_fused_volume(w));
  hilum_workspace_set_fusion(w, &fusion); /* no change, no noise */
  g_assert_cmpuint(take(&seen), ==, 0);

  fusion.mode = HILUM_FUSION_BLEND;
  fusion.phase = 1;
  hilum_workspace_set_fusion(w, &fusion);
  g_assert_cmpuint(take(&seen), ==, HILUM_CHANGE_FUSION);
  g_assert_true(hilum_workspace_get_fused_volume(w) == b);
  hilum_workspace_set_active_phase(w, 1); /* a phase is not fused with itself */
  g_assert_null(hilum_workspace_get_fused_volume(w));
  hilum_workspace_set_active_phase(w, 0);
  g_assert_true(hilum_workspace_get_fused_volume(w) == b);
  fusion.phase = 2; /* another grid: never drawn as if it were the same */
  hilum_workspace_set_fusion(w, &fusion);
  g_assert_null(hilum_workspace_get_fused_volume(w));
  fusion.phase = 9;
  hilum_workspace_set_fusion(w, &fusion);
  g_assert_cmpint(hilum_workspace_get_fusion(w)->mode, ==, HILUM_FUSION_OFF);

  fusion = (HilumFusion){HILUM_FUSION_CHECKER, 1, 7, 1e9};
  hilum_workspace_set_fusion(w, &fusion);
  g_assert_cmpfloat(hilum_workspace_get_fusion(w)->blend, ==, 1);
  g_assert_cmpfloat(hilum_workspace_get_fusion(w)->square_mm, ==, 200);
  fusion.blend = fusion.square_mm = (double)NAN;
  hilum_workspace_set_fusion(w, &fusion);
  g_assert_cmpfloat(hilum_workspace_get_fusion(w)->blend, ==, 1);
  g_assert_cmpfloat(hilum_workspace_get_fusion(w)->square_mm, ==, 200);
}

static void test_windows(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  g_autoptr(HilumVolume) a = volume_of(24, "HU"), b = volume_of(24, "HU"), mr = volume_of(24, "");
  HilumVolume *volumes[] = {a, b, mr};
  hilum_workspace_set_phases(w, volumes, NULL, 3);
  hilum_workspace_set_window(w, (HilumWindowLevel){300, 60});
  g_assert_cmpfloat(hilum_workspace_get_phase_window(w, 1).width, ==, 300); /* HU like the active one */
  g_assert_cmpfloat(hilum_workspace_get_phase_window(w, 2).width, !=, 300);
  hilum_workspace_set_active_phase(w, 1);
  g_assert_cmpfloat(hilum_workspace_get_window(w).width, ==, 300);
  hilum_workspace_set_active_phase(w, 0);

  guint seen = 0;
  g_signal_connect(w, "changed", G_CALLBACK(on_changed), &seen);
  hilum_workspace_set_phase_window(w, 1, (HilumWindowLevel){600, 150});
  g_assert_cmpuint(take(&seen), ==, HILUM_CHANGE_FUSION);
  g_assert_cmpfloat(hilum_workspace_get_window(w).width, ==, 300);
  g_assert_cmpfloat(hilum_workspace_get_phase_window(w, 1).width, ==, 600);
  hilum_workspace_set_active_phase(w, 1);
  g_assert_true(take(&seen) & HILUM_CHANGE_WINDOW);
  g_assert_cmpfloat(hilum_workspace_get_window(w).level, ==, 150);
  hilum_workspace_set_window(w, (HilumWindowLevel){700, 160});
  hilum_workspace_set_active_phase(w, 2);
  hilum_workspace_set_active_phase(w, 1);
  g_assert_cmpfloat(hilum_workspace_get_window(w).width, ==, 700); /* its own, as it was left */
}

static void test_phase_moves(void)
{
  g_autoptr(HilumCase) c = hilum_case_new();
  g_autoptr(HilumVolume) a = volume_of(24, "HU"), b = volume_of(24, "HU");
  HilumPhase *first = hilum_case_add_phase(c, NULL, a, NULL);
  g_assert_nonnull(first);
  g_assert_nonnull(hilum_case_add_phase(c, NULL, b, NULL));
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  hilum_workspace_set_case(w, c);
  HilumFusion fusion = {HILUM_FUSION_BLEND, 1, 0.25, 20};
  hilum_workspace_set_fusion(w, &fusion);
  hilum_workspace_set_phase_window(w, 1, (HilumWindowLevel){600, 150});
  const HilumVec3 cursor = {3, 17, 10};
  hilum_workspace_set_cursor_mm(w, cursor);
  g_assert_true(hilum_workspace_get_fused_volume(w) == b);
  guint seen = 0;
  g_signal_connect(w, "changed", G_CALLBACK(on_changed), &seen);
  const HilumAlignment scanner = hilum_alignment_scanner();
  const HilumAlignment moved = hilum_alignment_nudged(
      &scanner, (HilumRigidParameters){.translation_mm = {2, 0, 0}}, hilum_vec3(0, 0, 0));
  g_assert_true(hilum_case_set_alignment(c, 1, &moved, NULL, "Nudge", NULL));
  g_assert_true(take(&seen) & HILUM_CHANGE_PHASE);
  HilumVolume *now = hilum_workspace_get_fused_volume(w);
  g_assert_nonnull(now);
  g_assert_true(now != b);
  /* The bright voxel is seen 2 mm further left, and everything else is where it was. */
  g_assert_cmpfloat(hilum_volume_get_value(now, (HilumVoxel){2, 0, 0}), ==, 1000);
  g_assert_cmpfloat(hilum_vec3_distance(hilum_workspace_get_cursor_mm(w), cursor), ==, 0);
  g_assert_cmpfloat(hilum_workspace_get_phase_window(w, 1).width, ==, 600);
  g_assert_cmpfloat(hilum_workspace_get_fusion(w)->blend, ==, 0.25);
  g_assert_true(hilum_history_undo(hilum_case_get_history(c), NULL));
  g_assert_true(hilum_workspace_get_fused_volume(w) == b);
  hilum_workspace_set_case(w, NULL);
  g_assert_cmpint(hilum_workspace_get_fusion(w)->mode, ==, HILUM_FUSION_OFF);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/fusion/modes", test_modes);
  g_test_add_func("/fusion/state", test_state);
  g_test_add_func("/fusion/windows", test_windows);
  g_test_add_func("/fusion/phase-moves", test_phase_moves);
  return g_test_run();
}
