/* The hand on a free cut: gestures to hilum/view/clip.h. */
#include "cut_hand.h"

#include "hilum/view/tool.h"

static bool is_free(HilumWorkspace *workspace)
{
  const HilumClipKind kind = hilum_workspace_get_clip(workspace)->kind;
  HilumTool *tool = hilum_workspace_get_tool(workspace);
  return (kind == HILUM_CLIP_PLANE || kind == HILUM_CLIP_SPHERE) && !(tool && hilum_tool_draws_in_3d(tool));
}

HilumClipGrip hilum_cut_hand_grip_at(HilumWorkspace *workspace, GtkWidget *area, double x, double y)
{
  if (!is_free(workspace)) return HILUM_CLIP_GRIP_NONE;
  return hilum_clip_grip_at(hilum_workspace_get_clip(workspace), hilum_workspace_get_camera(workspace),
                            (HilumPoint2){x, y}, gtk_widget_get_width(area), gtk_widget_get_height(area));
}

bool hilum_cut_hand_begin(HilumCutHand *hand, HilumWorkspace *workspace, GtkWidget *area, double x, double y,
                          GdkModifierType state)
{
  *hand = (HilumCutHand){.grip = HILUM_CLIP_GRIP_NONE, .last_px = {x, y}};
  if (!is_free(workspace)) return false;
  hand->pushed = state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK);
  hand->grip = state & GDK_SHIFT_MASK ? HILUM_CLIP_GRIP_DEPTH
               : hand->pushed         ? HILUM_CLIP_GRIP_PLACE
                                      : hilum_cut_hand_grip_at(workspace, area, x, y);
  return hand->grip != HILUM_CLIP_GRIP_NONE;
}

void hilum_cut_hand_move(HilumCutHand *hand, HilumWorkspace *workspace, GtkWidget *area, double x, double y)
{
  HilumClip clip = *hilum_workspace_get_clip(workspace);
  const HilumCamera *camera = hilum_workspace_get_camera(workspace);
  const HilumPoint2 to = {x, y};
  if (hand->pushed)
    hilum_clip_push(&clip, hand->grip, camera, hand->last_px, to, gtk_widget_get_height(area));
  else
    hilum_clip_drag(&clip, hand->grip, camera, hand->last_px, to, gtk_widget_get_width(area),
                    gtk_widget_get_height(area));
  hand->last_px = to;
  hilum_workspace_set_clip(workspace, &clip);
}

bool hilum_cut_hand_scroll(HilumWorkspace *workspace, double dy, GdkModifierType state)
{
  if (!(state & GDK_SHIFT_MASK) || !is_free(workspace)) return false;
  HilumClip clip = *hilum_workspace_get_clip(workspace);
  const HilumCamera *camera = hilum_workspace_get_camera(workspace);
  const bool faces = hilum_vec3_dot(hilum_clip_cutter(&clip).normal, camera->back) >= 0;
  hilum_clip_shift(&clip, clip.kind == HILUM_CLIP_PLANE && faces ? dy : -dy);
  hilum_workspace_set_clip(workspace, &clip);
  return true;
}
