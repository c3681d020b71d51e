/* The tools that the window offers. Filling holes is the islands tool with that action; margins, smoothing,
 * filling between slices and combining have no tool in the view, only a step. */
#include "tool_table.h"

#include <glib/gi18n.h>

static void fill_holes(HilumTool *tool)
{
  g_object_set(tool, "action", HILUM_ISLANDS_FILL_HOLES, NULL);
}

static const HilumToolEntry entries[] = {
    {"window", HILUM_TOOL_WINDOW, true, NULL, "window", false, N_("Window"), N_("Window width and level"),
     N_("WINDOW"), N_("Drag in a slice: right widens, up brightens."), NULL},
    {"threshold", HILUM_TOOL_THRESHOLD, true, NULL, "range", true, N_("Threshold"),
     N_("Everything within a range of HU"), N_("THRESHOLD"),
     N_("Everything in the range joins the structure. Click in the tissue to take the range from there."),
     NULL},
    {"grow", HILUM_TOOL_GROW, true, NULL, "range", true, N_("Grow"), N_("Grow from a click"),
     N_("REGION GROWING"), N_("Click inside the structure to set the seed; Shift+click adds another."), NULL},
    {"brush", HILUM_TOOL_BRUSH, true, NULL, "brush", false, N_("Brush"), N_("Paint"), N_("BRUSH"),
     N_("Drag to paint. Shift+wheel sets the radius."), NULL},
    {"erase", HILUM_TOOL_ERASE, true, NULL, "brush", false, N_("Erase"), N_("Erase"), N_("ERASER"),
     N_("Drag to erase. Shift+wheel sets the radius."), NULL},
    {"scissors", HILUM_TOOL_SCISSORS, true, NULL, "draw", true, N_("Scissors"),
     N_("Cut through the model along the view"), N_("SCISSORS"),
     N_("Draw round what is to go, in 3D or in a slice: click points, or drag a loop. Shift+drag turns the "
        "model."),
     NULL},
    {"lasso", HILUM_TOOL_LASSO, true, NULL, "draw", true, N_("Lasso"),
     N_("Outline in a slice, by points or freehand"), N_("LASSO"),
     N_("Click points, or drag a loop. Double-click, Enter or the first point closes it; Backspace takes the "
        "last point "
        "back."),
     NULL},
    {"level-trace", HILUM_TOOL_LEVEL_TRACE, true, "t", "draw", false, N_("Trace"),
     N_("The contour through the value under the pointer"), N_("LEVEL TRACING"),
     N_("Point at the border of a structure until the contour fits; click fills it."), NULL},
    {"islands", HILUM_TOOL_ISLANDS, true, "i", "islands", true, N_("Islands"),
     N_("Keep, remove or split parts"), N_("ISLANDS"), N_("Click a part, or choose what stays."), NULL},
    {"seeds", HILUM_TOOL_SEEDS, true, "s", "draw", true, N_("Seeds"),
     N_("Strokes grow into structures, several at once"), N_("GROW FROM SEEDS"),
     N_("Draw strokes in several structures; Shift draws background. Backspace takes the last stroke back, "
        "Enter writes what is shown."),
     NULL},
    {"vessel", HILUM_TOOL_VESSEL, true, "a", "draw", true, N_("Vessel"),
     N_("A vessel from root to tip, its tree, or an artery from a vein"), N_("VESSEL"),
     N_("Backspace takes the last point back, Enter writes what is shown, Esc drops it."), NULL},
    {"split", HILUM_TOOL_SPLIT, true, "d", "draw", true, N_("Split"),
     N_("Parts become structures of their own"), N_("SPLIT"),
     N_("Enter makes every part but the first a structure of its own."), NULL},
    {"margin", -1, true, "m", "step", true, N_("Margin"), N_("Grow, shrink, shell, hollow in mm"),
     N_("MARGIN"), N_("Millimetres, the same in every direction."), NULL},
    {"smooth", -1, true, "u", "step", true, N_("Smooth"), N_("Smooth one structure, or all together"),
     N_("SMOOTH"),
     N_("Median keeps flat walls and edges, the Gaussian rounds them. All together leaves neither gaps nor "
        "overlaps between structures."),
     NULL},
    {"fill-slices", -1, false, "z", "step", true, N_("Between"), N_("Fill between drawn slices"),
     N_("FILL BETWEEN SLICES"),
     N_("Draw the structure in some slices, with Lasso or Brush; the empty ones between them are filled by "
        "its shape."),
     NULL},
    {"fill-holes", HILUM_TOOL_ISLANDS, false, "h", "none", true, N_("Fill"), N_("Fill holes"),
     N_("FILL HOLES"), N_("Fills every cavity that the structure encloses on all sides."), fill_holes},
    {"combine", -1, false, "b", "step", true, N_("Combine"),
     N_("Add, cut or keep where another structure is"), N_("COMBINE"),
     N_("Uses the voxels of another structure of this case."), NULL},
    {"guide", HILUM_TOOL_GUIDE, false, "g", "none", false, N_("Guide"),
     N_("Lead me through the structures of a kidney"), N_("KIDNEY GUIDE"),
     N_("The card below says what to click. Another click moves the point; Enter goes on."), NULL},
};

size_t hilum_tool_table_get_count(void)
{
  return G_N_ELEMENTS(entries);
}

const HilumToolEntry *hilum_tool_table_get(size_t index)
{
  g_return_val_if_fail(index < G_N_ELEMENTS(entries), NULL);
  return &entries[index];
}

int hilum_tool_table_find(const char *id)
{
  for (size_t n = 0; n < G_N_ELEMENTS(entries); n++)
    if (g_str_equal(entries[n].id, id)) return (int)n;
  return -1;
}

int hilum_tool_table_get_digit(size_t index)
{
  int digit = 0;
  for (size_t n = 0; n <= index; n++)
    digit += entries[n].in_grid;
  return entries[index].in_grid && digit <= 9 ? digit : 0;
}
