/* The tools that the window offers, in the order of the grid: one entry is all that a new tool needs besides
 * its settings. Immutable; main thread. */
#pragma once

#include "hilum/view/tool.h"

G_BEGIN_DECLS

typedef struct {
  const char *id;     /* of the action win.tool, and of the icon hilum-<id>-symbolic */
  int kind;           /* HilumToolKind; -1: a step without a pointer */
  bool in_grid;       /* else in the popover under "More"; the nth in the grid has the digit n */
  const char *letter; /* key, in the popover as in the grid; NULL: none */
  const char *page;   /* of the settings: "none" "window" "range" "brush" "draw" "islands" "step" */
  bool applies;       /* has an Apply button */
  const char *name;   /* on the button; translatable, as are the next three */
  const char *tooltip;
  const char *title; /* over the settings */
  const char *hint;
  void (*prepare)(HilumTool *tool); /* after the tool was made; may be NULL */
} HilumToolEntry;

size_t hilum_tool_table_get_count(void);
const HilumToolEntry *hilum_tool_table_get(size_t index);
/* Index of an id; -1 if there is none. */
int hilum_tool_table_find(const char *id);
/* The key that takes it: its digit in the grid ("3"), or 0 for an entry without. */
int hilum_tool_table_get_digit(size_t index);

G_END_DECLS
