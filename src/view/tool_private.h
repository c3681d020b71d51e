/* Shared by tool*.c: the base class, its virtual functions, and what a job computes. */
#pragma once

#include "hilum/segment/limits.h"
#include "hilum/segment/scissors.h"
#include "hilum/segment/seeds.h"
#include "hilum/segment/step.h"
#include "hilum/segment/threshold.h"
#include "hilum/view/tool.h"

struct _HilumToolClass {
  GObjectClass parent_class;
  HilumToolKind kind;
  bool draws_in_3d;
  bool writes; /* changes labels: true unless a class says otherwise */
  bool (*handle)(HilumTool *tool, const HilumToolEvent *event);
  void (*apply)(HilumTool *tool);
  void (*cancel)(HilumTool *tool);
  void (*changed)(HilumTool *tool, unsigned changes);
  double (*ring)(HilumTool *tool);
  bool (*step_back)(HilumTool *tool);
  bool (*back_out)(HilumTool *tool);
  bool (*has_own_steps)(HilumTool *tool);
  bool (*outline)(HilumTool *tool, HilumSlicePlane plane, HilumToolOutline *outline);
  void (*strokes)(HilumTool *tool, HilumSlicePlane plane, GArray *strokes);
  /* Main thread: writes the finished delta; NULL: one step of the history. */
  bool (*commit)(HilumTool *tool, HilumToolJob *job, HilumLabelDelta *delta, GError **error);
  /* Main thread: a preview or final mask arrived; takes nothing over. */
  void (*previewed)(HilumTool *tool, HilumToolJob *job);
  /* Makes and submits the job that hilum_tool_request() asks for, or finds that there is nothing to do. No
   * job is in flight. */
  void (*start)(HilumTool *tool, bool final);
};

HilumWorkspace *hilum_tool_get_workspace(HilumTool *tool);
void hilum_tool_set_status(HilumTool *tool, const char *format, ...) G_GNUC_PRINTF(2, 3);
void hilum_tool_set_can_apply(HilumTool *tool, bool can_apply);
void hilum_tool_fail(HilumTool *tool, const char *message);
/* Why the tool just did nothing; "" once that is over. */
void hilum_tool_set_badge(HilumTool *tool, const char *reason);
/* Why it cannot do anything as things are; shown before the badge. */
void hilum_tool_set_obstacle(HilumTool *tool, const char *reason);
const char *hilum_tool_get_obstacle(HilumTool *tool);
/* "Grow Parenchyma": a step's title. g_free(). */
char *hilum_tool_dup_title(HilumTool *tool, const char *verb);
/* "12.3 ml" into a buffer. */
void hilum_tool_format_ml(HilumTool *tool, uint64_t voxels, char out[48]);

/* --- what a job does --- */
typedef enum {
  TOOL_WORK_THRESHOLD,
  TOOL_WORK_GROW,
  TOOL_WORK_ISLANDS,
  TOOL_WORK_DRAW,    /* an outline in a slice */
  TOOL_WORK_CUT,     /* an outline through the volume */
  TOOL_WORK_RELABEL, /* several structures at once: `relabel` */
  TOOL_WORK_VESSEL   /* `extra` is a ToolVessel */
} ToolWork;

typedef struct {
  HilumMask *mask;
  HilumLabelDelta *delta;
  double lo, hi; /* the range used */
  HilumMade made;
  uint64_t voxels;
  HilumEditRefused refused;  /* what the edit limits took out */
  HilumLabelSnapshot *after; /* RELABEL, in place of the mask */
  HilumVoxelBox box;         /* RELABEL: outside of it nothing changes */
} ToolResult;

enum { TOOL_MAX_SEEDS = 64 };

/* Inputs are referenced or copied: immutable while the job lives. */
struct HilumToolJob {
  gatomicrefcount refs;
  HilumTool *tool;     /* referenced; touched on the main thread only */
  uint64_t generation; /* of the tool when the job was made: older results are dropped */
  char *label;
  char *title; /* of the step, if `write_delta` */
  ToolWork work;
  HilumVolume *volume;
  size_t phase; /* that it is of */
  HilumLabelSnapshot *labels;
  uint8_t structure;
  double lo, hi, tolerance, confidence, barrier, radius_mm;
  HilumConnectivity connectivity;
  HilumVoxel seed; /* islands: what was clicked */
  HilumVoxel seeds[TOOL_MAX_SEEDS];
  size_t n_seeds;
  bool only_inside;
  HilumIslandsAction islands;
  double min_ml;
  HilumPoint2 *points;             /* DRAW, CUT: owned, `cut.polygon` borrows them */
  HilumScissors cut;               /* DRAW: only the polygon, in the slice's coordinates */
  int n_axis;                      /* DRAW */
  int32_t slice;                   /* DRAW */
  bool targets[HILUM_LABEL_COUNT]; /* CUT: labels that are cut */
  HilumEditLimits limits;
  /* RELABEL: worker thread; how the labels are to be, and where they may differ. */
  HilumLabelSnapshot *(*relabel)(const HilumToolJob *job, HilumVoxelBox *box, const HilumProgress *progress,
                                 GError **error);
  gpointer extra; /* what relabel needs besides; owned, by free_extra */
  GDestroyNotify free_extra;
  bool write_delta;
  HilumLabelWrite write;
  const ToolResult *result; /* during `previewed` */
};

/* A job for the tool with the workspace's volume, labels and active structure; NULL, after telling the user,
 * if the structure cannot be written and `final` asks for it. */
HilumToolJob *hilum_tool_job_new(HilumTool *tool, ToolWork work, const char *label_verb,
                                 const char *title_verb, bool final, HilumLabelMode mode);
/* Takes the job over: emits "job". One at a time (busy). */
void hilum_tool_submit(HilumTool *tool, HilumToolJob *job);
/* The class's start(), at once or when the job in flight is done (after `previewed`), if the tool is still in
 * hand then; of several requests the newest counts, and one that is `final` is not forgotten. Cancelling the
 * tool forgets them, and so does: */
void hilum_tool_forget_requests(HilumTool *tool);
void hilum_tool_request(HilumTool *tool, bool final);
/* Until the job in flight is done, `previewed` included: another was asked for since; it writes. */
bool hilum_tool_is_asked_again(HilumTool *tool);
bool hilum_tool_is_writing(HilumTool *tool);
ToolResult *hilum_tool_work_run(const HilumToolJob *job, const HilumProgress *progress, GError **error);
void hilum_tool_result_free(ToolResult *result);

/* --- tools that draw (tool_edit.c) --- */
/* hilum_tool_refresh_badge() if the changes matter to it. */
void hilum_tool_badge_follow(HilumTool *tool, unsigned changes);
/* Finds anew what stands in the way: nothing open, nothing selected, locked, hidden. */
void hilum_tool_refresh_badge(HilumTool *tool);
/* The same at the begin of an edit; forgets the badge of the last one. False, after telling the user, if
 * something does. */
bool hilum_tool_may_write(HilumTool *tool);
/* Says why an edit that covered `voxels` voxels changed none. */
void hilum_tool_explain_nothing(HilumTool *tool, const HilumEditRefused *refused, uint64_t voxels,
                                bool removing);
/* Writes what an outline covers in one slice; the points are copied. NULL after telling the user. */
HilumToolJob *hilum_tool_draw_job_new(HilumTool *tool, const HilumPolygon *polygon, int n_axis, int32_t slice,
                                      HilumDrawMode mode, const char *verb);
/* Status and badge after such a job. */
void hilum_tool_draw_job_report(HilumTool *tool, const HilumToolJob *job);
/* What scissors cut from the active structure, or from `all` that are shown and not locked. */
HilumToolJob *hilum_tool_cut_job_new(HilumTool *tool, const HilumScissors *cut, bool all, bool final);
/* The part that the job cuts off goes into the label that the case will give to the next structure; false
 * after telling the user that there is none left. Then, as its `commit`: the new structure and its voxels are
 * one step. */
bool hilum_tool_write_into_new(HilumTool *tool, HilumToolJob *job);
bool hilum_tool_commit_into_new(HilumTool *tool, HilumToolJob *job, HilumLabelDelta *delta, GError **error);
/* False if the tool was cancelled since the job was made. */
bool hilum_tool_job_is_current(const HilumToolJob *job);
/* Worker thread: the mask of a job whose `extra` is a ToolVessel (tool_vessel_private.h). */
HilumMask *hilum_tool_vessel_work(const HilumToolJob *job, const HilumProgress *progress, GError **error);
/* True for scissors that do not need an active structure. */
bool hilum_tool_scissors_cut_all(HilumTool *tool);

/* --- brushes --- */
#define TOOL_MIN_RADIUS_MM 0.2
#define TOOL_MAX_RADIUS_MM 50.0
/* Shift + wheel: sets the property "radius-mm". False for another event. */
bool hilum_tool_resize(HilumTool *tool, double radius_mm, const HilumToolEvent *event);

/* --- growing from seeds (tool_seeds_work.c, tool_strokes.c) --- */
/* Appends what a slice shows of a stroke (HilumToolStroke). */
void hilum_tool_add_stroke(GArray *out, const HilumSliceState *slice, const HilumStroke *stroke);
/* What stays between the jobs of one set of strokes: images, where fronts may go, the growth itself. Only the
 * job in flight touches it. */
typedef struct ToolSeeds ToolSeeds;
/* Of the phase shown, or of all that have images; there must be labels. NULL without images. */
ToolSeeds *hilum_tool_seeds_new(HilumTool *tool, bool one_phase, double reach_mm);
/* True if fronts may go to the same places in both and look at the same images. Any thread. */
bool hilum_tool_seeds_equal(const ToolSeeds *a, const ToolSeeds *b);
void hilum_tool_seeds_unref(ToolSeeds *seeds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ToolSeeds, hilum_tool_seeds_unref)
/* Brings the growth up to the strokes (a GArray of HilumStroke, taken over) and makes labels of it. */
HilumToolJob *hilum_tool_seeds_job_new(HilumTool *tool, ToolSeeds *seeds, GArray *strokes, bool final);

/* Labels of structures that are locked, as writing and growing want them. */
void hilum_tool_find_locked(HilumTool *tool, uint8_t locked[HILUM_LABEL_COUNT]);
/* A job that changes several structures; `extra` is the caller's to set. */
HilumToolJob *hilum_tool_relabel_job_new(HilumTool *tool, const char *label, const char *title, bool final);

GType hilum_window_tool_get_type(void);
GType hilum_threshold_tool_get_type(void);
GType hilum_grow_tool_get_type(void);
GType hilum_brush_tool_get_type(void);
GType hilum_erase_tool_get_type(void);
GType hilum_islands_tool_get_type(void);
GType hilum_lasso_tool_get_type(void);
GType hilum_scissors_tool_get_type(void);
GType hilum_trace_tool_get_type(void);
GType hilum_guide_tool_get_type(void);
GType hilum_seeds_tool_get_type(void);
GType hilum_vessel_tool_get_type(void);
GType hilum_split_tool_get_type(void);
