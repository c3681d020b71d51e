/* Shared by slice_pane.c (what is shown) and slice_pane_input.c (what the hand does). */
#pragma once

#include "cut_view.h"
#include "hilum/render/slice_pass.h"
#include "outline_view.h"
#include "slice_pane.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_HAND_IDLE,
  HILUM_HAND_TOOL,
  HILUM_HAND_WINDOW,
  HILUM_HAND_PAN,
  HILUM_HAND_ZOOM
} HilumHand;

struct _HilumSlicePane {
  GtkWidget parent_instance;
  GtkGLArea *area;
  GtkLabel *title, *position, *window_note, *loading, *badge;
  HilumCutView *cut_view;
  HilumOutlineView *outline;
  GtkLabel *letter_top, *letter_bottom, *letter_left, *letter_right;
  GtkWidget *ruler;
  GtkScale *slider;
  GtkAdjustment *slider_value;
  GtkPopoverMenu *menu;

  HilumSlicePlane plane;
  HilumWorkspace *workspace;
  HilumGlShare *share;
  HilumSlicePass *pass;
  double loaded;    /* share of the volume on the GPU, 0..1 */
  bool more;        /* something is still to be brought to the GPU */
  char *note;       /* about what is seen, or NULL */
  bool failed;      /* OpenGL failed here; said once */
  unsigned pending; /* HilumChange bits whose labels are not up to date */
  guint update_id;
  bool updating; /* the slider is being set from the state */

  HilumHand hand;
  double pointer_x, pointer_y; /* in the area */
  double start_x, start_y, last_x, last_y;
  bool moved; /* beyond the threshold of a click */
  HilumWindowLevel start_window;
  double scroll_rest;
};

/* Gestures and controllers of the area. */
void hilum_slice_pane_init_input(HilumSlicePane *self);

G_END_DECLS
