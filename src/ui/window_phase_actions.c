/* Acts on how two phases lie on each other: seeing both, registering, nudging, putting back. The phase that
 * moves is the one that is looked at, unless that is the first, which the structures lie on: then the one
 * that is fused with it. */
#include "window_private.h"

#define STEP_MM 0.5
#define STEP_DEG 0.5

/* 0: the case has no phase that could move. */
static guint moving_phase(HilumWindow *self)
{
  const size_t active = hilum_workspace_get_active_phase(self->workspace);
  const size_t fused = hilum_workspace_get_fusion(self->workspace)->phase;
  const size_t n = hilum_workspace_get_phase_count(self->workspace);
  if (!hilum_window_get_shown_case(self) || n < 2) return 0;
  if (active > 0) return (guint)active;
  return fused > 0 && fused < n ? (guint)fused : 1;
}

/* The phase to see with the active one. */
static size_t partner(HilumWindow *self)
{
  return hilum_workspace_get_active_phase(self->workspace) > 0 ? 0 : moving_phase(self);
}

static void register_phase(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  const guint phase = moving_phase(self);
  if (phase > 0) hilum_aligner_register(self->aligner, phase);
}

static void use_registration(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_aligner_use_pending(((HilumWindow *)data)->aligner);
}

static void reset_phase(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  const guint phase = moving_phase(self);
  if (phase > 0) hilum_aligner_reset(self->aligner, phase);
}

/* In the plane of the pane that the hand is in, as it is seen there; axial over the model. */
static void nudge_phase(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  const guint phase = moving_phase(self);
  const char *way = g_variant_get_string(parameter, NULL);
  HilumSlicePlane plane = hilum_four_up_get_current(self->four_up);
  if (plane == HILUM_SLICE_PLANES) plane = HILUM_SLICE_AXIAL;
  const HilumSliceState *state = hilum_workspace_get_slice(self->workspace, plane);
  const HilumVec3 right = hilum_slice_state_right(state), down = hilum_slice_state_down(state);
  const HilumVec3 away = hilum_vec3_cross(right, down); /* turning about it is clockwise on the screen */
  const double turn = STEP_DEG * G_PI / 180;
  HilumRigidParameters move = {0};
  if (g_str_equal(way, "left")) move.translation_mm = hilum_vec3_scale(right, -STEP_MM);
  if (g_str_equal(way, "right")) move.translation_mm = hilum_vec3_scale(right, STEP_MM);
  if (g_str_equal(way, "up")) move.translation_mm = hilum_vec3_scale(down, -STEP_MM);
  if (g_str_equal(way, "down")) move.translation_mm = hilum_vec3_scale(down, STEP_MM);
  if (g_str_equal(way, "clockwise")) move.rotation_rad = hilum_vec3_scale(away, turn);
  if (g_str_equal(way, "counterclockwise")) move.rotation_rad = hilum_vec3_scale(away, -turn);
  if (phase > 0)
    hilum_aligner_nudge(self->aligner, phase, move, hilum_workspace_get_cursor_mm(self->workspace));
}

static void change_fusion(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWindow *self = data;
  HilumFusion fusion = *hilum_workspace_get_fusion(self->workspace);
  if (!hilum_fusion_mode_parse(g_variant_get_string(state, NULL), &fusion.mode)) return;
  fusion.phase = partner(self);
  hilum_workspace_set_fusion(self->workspace, &fusion);
}

/* Off, blend, checkerboard, off: one key to compare. */
static void next_fusion(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumFusion fusion = *hilum_workspace_get_fusion(self->workspace);
  fusion.mode = (HilumFusionMode)((fusion.mode + 1) % HILUM_FUSION_MODES);
  fusion.phase = partner(self);
  hilum_workspace_set_fusion(self->workspace, &fusion);
}

void hilum_window_update_phase_actions(HilumWindow *self)
{
  static const char *const on_two[] = {"register-phase", "reset-phase", "nudge-phase", "fusion",
                                       "next-fusion"};
  const guint moving = moving_phase(self);
  for (size_t n = 0; n < G_N_ELEMENTS(on_two); n++)
    hilum_window_enable(self, on_two[n], moving > 0);
  HilumPhase *phase = moving > 0 ? hilum_case_get_phase(self->the_case, moving) : NULL;
  hilum_window_enable(self, "reset-phase",
                      phase && hilum_phase_get_alignment(phase)->method != HILUM_ALIGNMENT_SCANNER);
  hilum_window_enable(self, "use-registration", hilum_aligner_has_pending(self->aligner));
  HilumFusion fusion = *hilum_workspace_get_fusion(self->workspace);
  hilum_window_set_state(self, "fusion", g_variant_new_string(hilum_fusion_mode_id(fusion.mode)));
  if (fusion.mode != HILUM_FUSION_OFF && moving > 0 &&
      fusion.phase == hilum_workspace_get_active_phase(self->workspace)) {
    fusion.phase = partner(self);
    hilum_workspace_set_fusion(self->workspace, &fusion);
  }
}

void hilum_window_add_phase_actions(HilumWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "register-phase", .activate = register_phase},
      {.name = "use-registration", .activate = use_registration},
      {.name = "reset-phase", .activate = reset_phase},
      {.name = "nudge-phase", .activate = nudge_phase, .parameter_type = "s"},
      {.name = "fusion", .parameter_type = "s", .state = "'off'", .change_state = change_fusion},
      {.name = "next-fusion", .activate = next_fusion},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
}
