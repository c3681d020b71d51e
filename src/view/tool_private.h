/* Shared by tool*.c: the base class, its virtual functions, and what a job computes. */
#pragma once

#include "hilum/segment/threshold.h"
#include "hilum/view/tool.h"

struct _HilumToolClass {
  GObjectClass parent_class;
  HilumToolKind kind;
  bool (*handle)(HilumTool *tool, const HilumToolEvent *event);
  void (*apply)(HilumTool *tool);
  void (*cancel)(HilumTool *tool);
  void (*changed)(HilumTool *tool, unsigned changes);
  double (*ring)(HilumTool *tool);
  /* Main thread: a preview or final mask arrived; takes nothing over. */
  void (*previewed)(HilumTool *tool, HilumToolJob *job);
};

HilumWorkspace *hilum_tool_get_workspace(HilumTool *tool);
void hilum_tool_set_status(HilumTool *tool, const char *format, ...) G_GNUC_PRINTF(2, 3);
void hilum_tool_set_can_apply(HilumTool *tool, bool can_apply);
void hilum_tool_fail(HilumTool *tool, const char *message);
/* "Grow Parenchyma": a step's title. g_free(). */
char *hilum_tool_dup_title(HilumTool *tool, const char *verb);
/* "12.3 ml" into a buffer. */
void hilum_tool_format_ml(HilumTool *tool, uint64_t voxels, char out[48]);

/* --- what a job does --- */
typedef enum { TOOL_WORK_THRESHOLD, TOOL_WORK_GROW, TOOL_WORK_ISLANDS } ToolWork;

typedef struct {
  HilumMask *mask;
  HilumLabelDelta *delta;
  double lo, hi; /* the range used */
  uint64_t voxels;
} ToolResult;

/* Inputs are referenced or copied: immutable while the job lives. */
struct HilumToolJob {
  gatomicrefcount refs;
  HilumTool *tool;     /* referenced; touched on the main thread only */
  uint64_t generation; /* of the tool when the job was made: older results are dropped */
  char *label;
  char *title; /* of the step, if `write_delta` */
  ToolWork work;
  HilumVolume *volume;
  HilumLabelSnapshot *labels;
  uint8_t structure;
  double lo, hi, tolerance;
  HilumConnectivity connectivity;
  HilumVoxel seed;
  bool only_inside;
  HilumIslandsAction islands;
  double min_ml;
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
ToolResult *hilum_tool_work_run(const HilumToolJob *job, const HilumProgress *progress, GError **error);
void hilum_tool_result_free(ToolResult *result);

GType hilum_window_tool_get_type(void);
GType hilum_threshold_tool_get_type(void);
GType hilum_grow_tool_get_type(void);
GType hilum_brush_tool_get_type(void);
GType hilum_erase_tool_get_type(void);
GType hilum_islands_tool_get_type(void);
