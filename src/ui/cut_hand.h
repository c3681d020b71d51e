/* The hand that moves a free cut in 3D: by its handle, from anywhere with Shift (along it, or its radius) or
 * Ctrl (tilt, or its middle) held, and with Shift and the wheel. Main thread only. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct {
  HilumClipGrip grip; /* NONE: nothing is held */
  bool pushed;        /* by a key, not by the handle */
  HilumPoint2 last_px;
} HilumCutHand;

/* True if the press takes hold of the cut. Never where a tool draws in 3D. */
bool hilum_cut_hand_begin(HilumCutHand *hand, HilumWorkspace *workspace, GtkWidget *area, double x, double y,
                          GdkModifierType state);
void hilum_cut_hand_move(HilumCutHand *hand, HilumWorkspace *workspace, GtkWidget *area, double x, double y);
/* A notch of the wheel: 1 mm away from the eye (a larger radius) where it turns up. */
bool hilum_cut_hand_scroll(HilumWorkspace *workspace, double dy, GdkModifierType state);
/* What is under the pointer, for its shape. */
HilumClipGrip hilum_cut_hand_grip_at(HilumWorkspace *workspace, GtkWidget *area, double x, double y);

G_END_DECLS
