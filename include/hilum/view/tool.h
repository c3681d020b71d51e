/* Tools as state machines. A widget turns pointer and key events into tool events in patient coordinates; the
 * tool changes the workspace (window, preview, labels) or asks for work by the signal "job", which the window
 * runs with hilum_job_start() and hands back with hilum_tool_job_done(). Settings are GObject properties, so
 * that a panel binds them. Tested with no display: hilum_tool_job_run() does the same on the spot. Main
 * thread only. */
#pragma once

#include "hilum/segment/polygon.h"
#include "hilum/view/workspace.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_TOOL_WINDOW,
  HILUM_TOOL_THRESHOLD,
  HILUM_TOOL_GROW,
  HILUM_TOOL_BRUSH,
  HILUM_TOOL_ERASE,
  HILUM_TOOL_ISLANDS,
  HILUM_TOOL_LASSO,
  HILUM_TOOL_SCISSORS,
  HILUM_TOOL_LEVEL_TRACE,
  HILUM_TOOL_GUIDE,
  HILUM_TOOL_SEEDS,
  HILUM_TOOL_VESSEL,
  HILUM_TOOL_SPLIT,
  HILUM_TOOL_KINDS
} HilumToolKind;

typedef enum {
  HILUM_TOOL_PRESS,
  HILUM_TOOL_DRAG,
  HILUM_TOOL_RELEASE,
  HILUM_TOOL_HOVER,
  HILUM_TOOL_LEAVE,
  HILUM_TOOL_RESIZE /* Shift + wheel: `scroll` steps */
} HilumToolEventType;

enum { HILUM_MODIFIER_SHIFT = 1, HILUM_MODIFIER_CONTROL = 2, HILUM_MODIFIER_ALT = 4 };

typedef struct {
  HilumToolEventType type;
  HilumSlicePlane plane;   /* pane; HILUM_SLICE_PLANES in 3D */
  double x_px, y_px;       /* in the pane */
  int width_px, height_px; /* of the pane */
  HilumVec3 point_mm;      /* on the slice, or on the surface hit in 3D */
  HilumVoxel voxel;        /* on the labels' grid; meaningful if inside */
  bool inside;             /* the point lies in the grid */
  HilumVec3 normal;        /* of the slice, LPS */
  unsigned modifiers;
  double scroll; /* RESIZE: positive is larger */
} HilumToolEvent;

/* A pane's event from a position in its widget; the size matters in 3D only. */
HilumToolEvent hilum_tool_event_at(HilumWorkspace *workspace, HilumToolEventType type, HilumSlicePlane plane,
                                   double x_px, double y_px, int width_px, int height_px, unsigned modifiers);

#define HILUM_TYPE_TOOL hilum_tool_get_type()
G_DECLARE_DERIVABLE_TYPE(HilumTool, hilum_tool, HILUM, TOOL, GObject)
/* Signals: "job" (HilumTool *, HilumToolJob *job): run it, see below. "failed" (HilumTool *, const char
 * *message): a sentence for the user. Property "status" (string, read-only, notifies): what the panel says
 * under the settings ("151.8 ml · range 128 to 243 HU"), "badge" (string, read-only): why the tool cannot do
 * anything here, or did nothing just now; "" if there is no such reason. "can-apply" (boolean, read-only),
 * "busy" (boolean, read-only). */

/* Belongs to the workspace it is made for (not referenced; it must outlive the tool). */
HilumTool *hilum_tool_new(HilumWorkspace *workspace, HilumToolKind kind);
HilumToolKind hilum_tool_get_kind(HilumTool *tool);
const char *hilum_tool_kind_id(HilumToolKind kind);   /* "grow": actions, icons, tests */
const char *hilum_tool_kind_name(HilumToolKind kind); /* "Grow": to be translated */

/* True if the tool used the event; else the widget does what it does without a tool. */
bool hilum_tool_handle(HilumTool *tool, const HilumToolEvent *event);
/* Enter. Asks for the final job or commits at once. Nothing if !can-apply. */
void hilum_tool_apply(HilumTool *tool);
/* Esc, another tool, another structure, undo: forgets the preview, reverts a stroke in progress. */
void hilum_tool_cancel(HilumTool *tool);
/* Backspace: takes the last point of an outline or a vessel, or the last seed stroke or click, back. False if
 * there is none. */
bool hilum_tool_step_back(HilumTool *tool);
/* True while the tool holds steps of its own that are not in the history yet (seed strokes since the last
 * Apply, clicks to split at): undo takes the last of these back, by hilum_tool_step_back(), before it turns
 * to the history. */
bool hilum_tool_has_own_steps(HilumTool *tool);
/* Esc: forgets an outline, points or strokes in progress and their preview. False if there were none: then
 * the tool is put away. */
bool hilum_tool_back_out(HilumTool *tool);
/* Called by the workspace: HilumChange bits that happened. */
void hilum_tool_workspace_changed(HilumTool *tool, unsigned changes);
/* Radius of the ring to draw at the pointer in mm; 0: none. */
double hilum_tool_get_ring_mm(HilumTool *tool);
/* True if dragging in the 3D pane draws, instead of turning the model. */
bool hilum_tool_draws_in_3d(HilumTool *tool);
/* What is to be drawn over a pane while an outline is in progress. HILUM_CHANGE_OUTLINE tells of changes. */
typedef struct {
  GArray *points_px; /* HilumPoint2, the pane's pixels; the caller's, cleared and filled */
  bool closed;       /* the last point joins the first */
  bool marks;        /* points were set by hand: show the first and the last */
  bool loose_end;    /* the last point is the pointer's and not set yet */
} HilumToolOutline;
/* `plane`: HILUM_SLICE_PLANES in 3D. False: nothing to draw in that pane. */
bool hilum_tool_get_outline(HilumTool *tool, HilumSlicePlane plane, HilumToolOutline *outline);
/* Seed strokes where a slice meets them, points and courses of vessels: lines with round ends, in the pane's
 * pixels. */
typedef struct {
  HilumPoint2 a, b;
  double width_px;
  uint8_t label; /* 0: background */
} HilumToolStroke;
/* Appends to `strokes` (HilumToolStroke). Nothing in 3D, or if the tool has none. */
void hilum_tool_get_strokes(HilumTool *tool, HilumSlicePlane plane, GArray *strokes);
const char *hilum_tool_get_status(HilumTool *tool);
const char *hilum_tool_get_badge(HilumTool *tool); /* never NULL */
/* Why nothing can be written into the active structure: the badge of what has no tool in the view. A
 * sentence, or NULL; g_free(). */
char *hilum_tool_dup_obstacle(HilumWorkspace *workspace);
bool hilum_tool_get_can_apply(HilumTool *tool);
bool hilum_tool_get_busy(HilumTool *tool);

/* --- jobs --- */
/* A pure function over immutable data. In the handler of "job":
 *
 *   hilum_job_start(hilum_tool_job_get_label(job), hilum_tool_job_work, hilum_tool_job_ref(job),
 *                   hilum_tool_job_unref, hilum_tool_job_free_result, done, job);
 *
 * and in `done` hilum_tool_job_done(job, result, error). A tool has one job at a time: a setting that changes
 * meanwhile is taken up when that is done, so that a drag always shows something. */
typedef struct HilumToolJob HilumToolJob;
const char *hilum_tool_job_get_label(const HilumToolJob *job); /* "Growing Parenchyma" */
/* Worker thread: pass as HilumJobFunc with the job as data. */
gpointer hilum_tool_job_work(gpointer job, const HilumProgress *progress, GError **error);
void hilum_tool_job_free_result(gpointer result);
HilumToolJob *hilum_tool_job_ref(HilumToolJob *job);
void hilum_tool_job_unref(gpointer job);
/* Main thread; takes the result over; `error` as the job ended. A stale or superseded result is dropped. */
void hilum_tool_job_done(HilumToolJob *job, gpointer result, const GError *error);
/* Runs work and done on the spot (tests, headless). */
void hilum_tool_job_run(HilumToolJob *job);

/* --- settings (GObject properties, all double/boolean/int/enum, notify) ---
 * threshold: "lo", "hi" (real values).
 * grow: "lo", "hi", "use-tolerance" (boolean), "tolerance" (HU), "use-confidence" (boolean, before
 * tolerance), "confidence" (standard deviations), "barrier" (HU/mm; 0: none), "radius-mm" (0: no limit),
 * "connectivity" (6 or 26), "only-inside" (boolean: inside the structure's present voxels), "mode"
 * (HilumLabelMode: add or replace); every change renews the preview, and the workspace's edit limits fence
 * growth in. brush, erase: "radius-mm", "ball" (boolean), "smart" (HilumSmartBrush), "smart-sd" (standard
 * deviations), "tolerance" (HU). islands: "action" (HilumIslandsAction), "min-ml". lasso, level trace: "mode"
 * (HilumDrawMode); lasso, scissors: "fill-rule" (HilumFillRule); level trace: "dark" (boolean: at most the
 * value, else at least). scissors: "outside" (boolean), "all" (boolean: every structure that is shown and not
 * locked), "reach" (HilumCutReach), "depth-mm". seeds: "radius-mm", "background" (boolean: strokes are
 * background's; Shift while drawing turns it round), "one-phase" (boolean: look only at the phase shown),
 * "reach-mm" (how far round the strokes). vessel: "follow" (HilumVesselAction), "widest-mm" (radius),
 * "tolerance" (HU; 0: from the image). split: "method" (HilumSplitMethod), "parts" (how many). */
typedef enum {
  HILUM_ISLANDS_KEEP_CLICKED,
  HILUM_ISLANDS_REMOVE_CLICKED,
  HILUM_ISLANDS_KEEP_LARGEST,
  HILUM_ISLANDS_REMOVE_BELOW,
  HILUM_ISLANDS_SPLIT_CLICKED, /* the part becomes a structure of its own */
  HILUM_ISLANDS_FILL_HOLES
} HilumIslandsAction;

/* The range that a brush keeps to: none; the mean of the 3x3x3 voxels under the centre as the stroke begins,
 * less and plus standard deviations of theirs, or less and plus a tolerance. */
typedef enum { HILUM_SMART_OFF, HILUM_SMART_SD, HILUM_SMART_TOLERANCE } HilumSmartBrush;
/* REPLACE: in its slice the structure becomes just what was drawn. */
typedef enum { HILUM_DRAW_ADD, HILUM_DRAW_ERASE, HILUM_DRAW_REPLACE } HilumDrawMode;
/* How far scissors cut along the viewing direction: through everything; the slice that is drawn on; a depth
 * centred on the slice, in 3D on the crosshair. */
typedef enum { HILUM_CUT_THROUGH, HILUM_CUT_SLICE, HILUM_CUT_DEPTH } HilumCutReach;

/* COURSE: from a root to tips; TREE: what grows from a click; APART: the vessel of the points set with Shift
 * becomes a structure of its own. */
typedef enum { HILUM_VESSEL_COURSE, HILUM_VESSEL_TREE, HILUM_VESSEL_APART } HilumVesselAction;

/* Sets lo and hi from the neighbourhood of a voxel, mean -+ 2.5
 * standard deviations over 5x5x5 (threshold: a click does this). */
void hilum_tool_set_range_from_voxel(HilumTool *tool, HilumVoxel voxel);
/* Threshold and grow. Sets lo and hi; growth then goes by them, not by tolerance or confidence. */
void hilum_tool_set_range(HilumTool *tool, double lo, double hi);
/* The same, from what lies around a voxel of the active volume: hilum_suggest_range(). False outside of it.
 * (threshold: Shift+click.) */
bool hilum_tool_suggest_range(HilumTool *tool, HilumVoxel voxel);
/* First seed of the grow tool; false if none is set. */
bool hilum_tool_grow_get_seed(HilumTool *tool, HilumVec3 *seed_mm);

/* The kidney guide's pointer: a click in a slice sets a point, and the crosshair with it; the next click or a
 * drag moves it. Properties "wanted" (boolean: without it clicks go to the pane) and "placed" (boolean,
 * read-only: there is a point; notifies with every move of it). NULL takes the point away. */
void hilum_tool_guide_set_point(HilumTool *tool, const HilumVec3 *point_mm);
/* False, with the point untouched, if there is none. */
bool hilum_tool_guide_get_point(HilumTool *tool, HilumVec3 *point_mm);

G_END_DECLS
