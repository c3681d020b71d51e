/* What the window test waits for. */
#include "test_state.h"

#include "hilum/casefile/boundaries.h"
#include "hilum/casefile/journal.h"
#include "hilum/view/tool.h"
#include "loop_gauge.h"
#include "study_browser.h"
#include "tool_table.h"
#include "window_private.h"

#include <math.h>
#include <string.h>

static void add_string(GString *json, const char *key, const char *value)
{
  g_string_append_printf(json, ", \"%s\": \"", key);
  for (const char *c = value ? value : ""; *c; c++) {
    if (*c == '"' || *c == '\\')
      g_string_append_printf(json, "\\%c", *c);
    else if ((unsigned char)*c < 0x20)
      g_string_append_printf(json, "\\u%04x", (unsigned char)*c);
    else
      g_string_append_c(json, *c);
  }
  g_string_append_c(json, '"');
}

static void add_number(GString *json, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf(json, ", \"%s\": %s", key, g_ascii_dtostr(text, sizeof text, value));
}

static void add_flag(GString *json, const char *key, bool value)
{
  g_string_append_printf(json, ", \"%s\": %s", key, value ? "true" : "false");
}

static void add_vector(GString *json, const char *key, HilumVec3 v)
{
  char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE], z[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf(json, ", \"%s\": [%s, %s, %s]", key, g_ascii_dtostr(x, sizeof x, v.x),
                         g_ascii_dtostr(y, sizeof y, v.y), g_ascii_dtostr(z, sizeof z, v.z));
}

/* As far as it is known; "" otherwise. */
static void add_verdict(GString *json, HilumWindow *window, uint8_t label)
{
  const HilumSurfaceCheck *check = hilum_surface_checks_get(window->checks, label);
  const bool done = check->depth == HILUM_SURFACE_CHECKED;
  g_autofree char *words =
      hilum_surface_check_dup_headline(check, hilum_workspace_get_thin_mm(window->workspace));
  add_string(json, "verdict", done ? words : "");
  const double ray_mm = check->beyond.thickness.min_ray_mm, ball_mm = check->beyond.thickness.min_ball_mm;
  add_number(json, "wall_ray_mm", done && isfinite(ray_mm) ? ray_mm : -1);
  add_number(json, "wall_ball_mm", done && isfinite(ball_mm) ? ball_mm : -1);
  add_flag(json, "measured", check->depth >= HILUM_SURFACE_MEASURED);
}

/* The range that the structure's surface follows; null: its labels. */
static void add_boundary(GString *json, HilumWindow *window, HilumStructure *structure)
{
  const HilumStructureBoundary *boundary = hilum_structure_get_boundary(structure);
  const bool used =
      hilum_case_get_boundary_image(window->the_case, hilum_structure_get_label(structure)) != NULL;
  add_string(json, "position", used ? "grey values" : "labels");
  if (!hilum_structure_boundary_is_range(boundary)) {
    g_string_append(json, ", \"boundary\": null");
    return;
  }
  g_string_append_printf(json, ", \"boundary\": {\"phase\": %u", boundary->phase);
  add_number(json, "lo", CLAMP(boundary->lo, -1e9, 1e9)); /* JSON has no infinity */
  add_number(json, "hi", CLAMP(boundary->hi, -1e9, 1e9));
  g_string_append_c(json, '}');
}

static void add_structures(GString *json, HilumWindow *window)
{
  const HilumSurfaceCheck *whole = hilum_surface_checks_get(window->checks, 0);
  g_autofree char *words = hilum_surface_check_dup_headline(whole, 0);
  add_string(json, "union_verdict", whole->depth == HILUM_SURFACE_CHECKED ? words : "");
  add_number(json, "union_shells", whole->report.shells);
  GListModel *structures = hilum_case_get_structures(window->the_case);
  g_string_append(json, ", \"structures\": [");
  for (guint n = 0; n < g_list_model_get_n_items(structures); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(structures, n);
    uint8_t label = hilum_structure_get_label(structure);
    HilumMesh *mesh = hilum_workspace_get_mesh(window->workspace, label);
    g_string_append_printf(json, "%s{\"label\": %u", n ? ", " : "", label);
    add_string(json, "name", hilum_structure_get_name(structure));
    add_number(json, "voxels", (double)hilum_structure_get_voxels(structure));
    add_number(json, "volume_ml", hilum_structure_get_volume_ml(structure));
    add_flag(json, "visible", hilum_structure_get_visible(structure));
    add_flag(json, "shown", hilum_workspace_is_shown(window->workspace, label));
    add_flag(json, "locked", hilum_structure_get_locked(structure));
    add_boundary(json, window, structure);
    add_number(json, "triangles", mesh ? hilum_mesh_get_triangle_count(mesh) : 0);
    add_string(json, "coloring", hilum_coloring_id(hilum_workspace_get_coloring(window->workspace, label)));
    add_flag(json, "colored", hilum_workspace_get_values(window->workspace, label) != NULL);
    add_verdict(json, window, label);
    add_flag(json, "live", hilum_workspace_shows_pieces(window->workspace, label));
    add_number(json, "live_serial", (double)hilum_workspace_get_pieces_serial(window->workspace, label));
    add_number(json, "live_triangles",
               (double)hilum_workspace_count_structure_triangles(window->workspace, label));
    g_string_append_c(json, '}');
  }
  g_string_append_c(json, ']');
}

/* Where each pane lies in the window, and how its pixels lie in the patient: a test clicks on millimetres. */
static void add_panes(GString *json, HilumWindow *window)
{
  g_string_append(json, ", \"panes\": [");
  for (unsigned plane = HILUM_SLICE_AXIAL; plane <= HILUM_SLICE_PLANES; plane++) {
    GtkWidget *area = hilum_four_up_get_area(window->four_up, (HilumSlicePlane)plane);
    double x = 0, y = 0, offset_x = 0, offset_y = 0;
    gtk_widget_translate_coordinates(area, GTK_WIDGET(window), 0, 0, &x, &y);
    gtk_native_get_surface_transform(GTK_NATIVE(window), &offset_x, &offset_y);
    g_string_append_printf(json, "%s{\"visible\": %s", plane ? ", " : "",
                           gtk_widget_get_mapped(area) ? "true" : "false");
    add_number(json, "x", x + offset_x);
    add_number(json, "y", y + offset_y);
    add_number(json, "width", gtk_widget_get_width(area));
    add_number(json, "height", gtk_widget_get_height(area));
    if (plane < HILUM_SLICE_PLANES) {
      const HilumSliceState *state = hilum_workspace_get_slice(window->workspace, (HilumSlicePlane)plane);
      add_number(json, "slice", hilum_slice_state_get_position(state));
      if (state->px_per_mm > 0) {
        add_number(json, "px_per_mm", state->px_per_mm);
        add_vector(json, "origin_mm", hilum_slice_state_widget_to_mm(state, 0, 0));
        add_vector(json, "right", hilum_slice_state_right(state));
        add_vector(json, "down", hilum_slice_state_down(state));
      }
    }
    g_string_append_c(json, '}');
  }
  g_string_append_c(json, ']');
}

/* Points of the outline in progress, wherever it is drawn. */
static void add_outline(GString *json, HilumWindow *window, HilumTool *tool)
{
  HilumToolOutline outline = {.points_px = g_array_new(FALSE, FALSE, sizeof(HilumPoint2))};
  guint n = 0;
  for (unsigned plane = HILUM_SLICE_AXIAL; tool && plane <= HILUM_SLICE_PLANES; plane++)
    if (hilum_tool_get_outline(tool, (HilumSlicePlane)plane, &outline))
      n += outline.points_px->len - outline.loose_end;
  add_number(json, "outline", n);
  g_array_unref(outline.points_px);
}

/* Pieces of seed strokes in the slices. */
static void add_strokes(GString *json, HilumTool *tool)
{
  g_autoptr(GArray) strokes = g_array_new(FALSE, FALSE, sizeof(HilumToolStroke));
  for (unsigned plane = HILUM_SLICE_AXIAL; tool && plane < HILUM_SLICE_PLANES; plane++)
    hilum_tool_get_strokes(tool, (HilumSlicePlane)plane, strokes);
  add_number(json, "strokes", strokes->len);
}

static void count_preview(HilumWorkspace *workspace, guint changes, unsigned *previews)
{
  if (changes & HILUM_CHANGE_PREVIEW && hilum_workspace_get_preview(workspace)->kind >= HILUM_PREVIEW_MASK)
    ++*previews;
}

/* Previews of masks and labels so far: idle time, when the state is written, is scarce while a hand drags. */
static unsigned count_previews(HilumWindow *window)
{
  static HilumWorkspace *counted;
  static unsigned previews;
  if (counted != window->workspace)
    g_signal_connect(window->workspace, "changed", G_CALLBACK(count_preview), &previews);
  counted = window->workspace;
  return previews;
}

/* The tools of the grid and of “More”: the test drives every one of them. */
static void add_tools(GString *json)
{
  g_string_append(json, ", \"tools\": [");
  for (size_t n = 0; n < hilum_tool_table_get_count(); n++)
    g_string_append_printf(json, "%s\"%s\"", n ? ", " : "", hilum_tool_table_get(n)->id);
  g_string_append_c(json, ']');
}

static void add_guide(GString *json, HilumGuideSession *guide)
{
  HilumVec3 point_mm;
  const HilumStage *stage = hilum_guide_session_get_shown(guide);
  GArray *places = hilum_guide_session_get_places(guide);
  add_string(json, "guide", hilum_guide_session_get_name(guide));
  add_number(json, "guide_stage", (double)hilum_guide_session_get_stage(guide));
  add_number(json, "guide_count", (double)hilum_guide_session_get_count(guide));
  add_string(json, "guide_title", stage ? stage->title : "");
  add_flag(json, "guide_done", hilum_guide_session_is_done(guide));
  add_flag(json, "guide_can_apply", hilum_guide_session_can_apply(guide));
  add_flag(json, "guide_can_next", hilum_guide_session_can_next(guide));
  add_number(json, "guide_places", places ? places->len : -1.0);
  if (hilum_guide_session_get_point(guide, &point_mm)) add_vector(json, "guide_point_mm", point_mm);
}

static void add_case(GString *json, HilumWindow *window)
{
  HilumHistory *history = hilum_case_get_history(window->the_case);
  HilumTool *tool = hilum_toolbox_get_tool(window->toolbox);
  HilumWindowLevel level = hilum_workspace_get_window(window->workspace);
  add_string(json, "path", hilum_case_get_path(window->the_case));
  add_flag(json, "modified", hilum_history_get_modified(history));
  add_number(json, "phases", hilum_case_get_phase_count(window->the_case));
  add_number(json, "phase", (double)hilum_workspace_get_active_phase(window->workspace));
  add_number(json, "steps", (double)hilum_history_get_undo_depth(history));
  add_number(json, "redo_steps", (double)hilum_history_get_redo_depth(history));
  add_flag(json, "followed", hilum_case_is_followed(window->the_case));
  add_flag(json, "kept_safe",
           hilum_case_flush_journal(window->the_case, NULL)); /* only a test waits for it */
  add_flag(json, "history_shown", gtk_widget_get_mapped(GTK_WIDGET(window->history_panel)));
  add_string(json, "undo", hilum_history_get_undo_label(history));
  add_string(json, "redo", hilum_history_get_redo_label(history));
  add_string(json, "tool", hilum_toolbox_get_id(window->toolbox));
  add_string(json, "status", tool ? hilum_tool_get_status(tool) : "");
  add_string(json, "badge", tool ? hilum_tool_get_badge(tool) : "");
  add_outline(json, window, tool);
  add_strokes(json, tool);
  add_tools(json);
  add_number(json, "preview", hilum_workspace_get_preview(window->workspace)->kind);
  add_number(json, "previews", count_previews(window));
  add_number(json, "preview_serial", (double)hilum_workspace_get_preview(window->workspace)->serial);
  const HilumEditLimits limits = hilum_workspace_get_limits(window->workspace);
  add_flag(json, "limits", hilum_edit_limits_any(&limits));
  add_flag(json, "can_apply", hilum_tool_panel_can_apply(window->tool_panel));
  add_number(json, "active", hilum_workspace_get_active(window->workspace));
  add_number(json, "window_width", level.width);
  add_number(json, "window_level", level.level);
  add_vector(json, "cursor_mm", hilum_workspace_get_cursor_mm(window->workspace));
  const HilumCamera *camera = hilum_workspace_get_camera(window->workspace);
  add_vector(json, "camera_back", camera->back);
  add_vector(json, "camera_right", camera->right);
  add_vector(json, "camera_up", camera->up);
  add_vector(json, "camera_target_mm", camera->target_mm);
  add_number(json, "camera_distance_mm", camera->distance_mm);
  add_string(json, "fusion", hilum_fusion_mode_id(hilum_workspace_get_fusion(window->workspace)->mode));
  add_number(json, "fused_phase", (double)hilum_workspace_get_fusion(window->workspace)->phase);
  add_number(json, "blend", hilum_workspace_get_fusion(window->workspace)->blend);
  HilumPhase *phase =
      hilum_case_get_phase(window->the_case, (guint)hilum_workspace_get_active_phase(window->workspace));
  add_number(json, "moved_mm", phase ? hilum_phase_get_moved_mm(phase) : 0);
  add_string(json, "alignment",
             phase ? hilum_alignment_method_name(hilum_phase_get_alignment(phase)->method) : "");
  add_number(json, "thin_mm", hilum_workspace_get_thin_mm(window->workspace));
  HilumMeasurements *numbers = hilum_review_panel_get_numbers(window->review_panel);
  add_number(json, "measured", numbers ? (double)numbers->n_structures : -1);
  double lo = 0, hi = 0;
  const char *id = hilum_toolbox_get_id(window->toolbox);
  if (g_str_equal(id, "threshold") || g_str_equal(id, "grow")) g_object_get(tool, "lo", &lo, "hi", &hi, NULL);
  add_number(json, "range_lo", lo);
  add_number(json, "range_hi", hi);
  add_guide(json, window->guide);
  add_structures(json, window);
  add_panes(json, window);
}

/* What runs in the foreground, and how long the main loop was busy at a stretch since something began to run
 * there, or since it ended; and in the time before that. */
static void add_work(GString *json, HilumWindow *window)
{
  static bool measuring, was_running;
  static double before_wall_ms, before_cpu_ms;
  const guint jobs = hilum_job_list_count(window->jobs, false);
  if (!measuring || (jobs > 0) != was_running) {
    before_wall_ms = hilum_loop_gauge_get_wall_ms();
    before_cpu_ms = hilum_loop_gauge_get_cpu_ms();
    hilum_loop_gauge_reset();
  }
  measuring = true;
  was_running = jobs > 0;
  HilumJob *job = jobs > 0 ? hilum_job_list_get_shown(window->jobs) : NULL;
  add_number(json, "jobs", jobs);
  add_number(json, "background", hilum_job_list_count(window->jobs, true) - (double)jobs);
  add_string(json, "job", job ? hilum_job_get_label(job) : "");
  add_string(json, "what", job ? hilum_job_get_what(job) : "");
  add_number(json, "fraction", job ? hilum_job_get_fraction(job) : 0);
  add_number(json, "busy_ms", hilum_loop_gauge_get_wall_ms());
  add_number(json, "busy_cpu_ms", hilum_loop_gauge_get_cpu_ms());
  add_number(json, "before_busy_ms", before_wall_ms);
  add_number(json, "before_busy_cpu_ms", before_cpu_ms);
}

static void add_browser(GString *json, HilumWindow *window)
{
  g_autoptr(GList) tops = gtk_window_list_toplevels();
  for (GList *top = tops; top; top = top->next) {
    if (!HILUM_IS_STUDY_BROWSER(top->data) || gtk_window_get_transient_for(top->data) != GTK_WINDOW(window))
      continue;
    HilumStudyBrowserState state;
    hilum_study_browser_get_state(top->data, &state);
    g_string_append_printf(json,
                           ", \"browser\": {\"volumes\": %u, \"listed\": %u, \"shown\": %u, \"ticked\": %u, "
                           "\"pictures\": %u, \"waiting\": %u}",
                           state.volumes, state.listed, state.shown, state.ticked, state.pictures,
                           state.waiting);
    return;
  }
}

static void add_cut(GString *json, HilumWorkspace *workspace)
{
  HilumCut cut;
  const HilumClip *clip = hilum_workspace_get_clip(workspace);
  add_flag(json, "cut", hilum_workspace_get_cut(workspace, &cut));
  add_flag(json, "caps_lag", cut.caps_lag);
  add_number(json, "cut_mm", hilum_vec3_dot(cut.cutter.point_mm, cut.cutter.normal));
  add_number(json, "cut_kind", clip->kind);
  add_vector(json, "cut_point_mm", clip->point_mm);
  add_vector(json, "cut_normal", clip->normal);
  add_number(json, "cut_radius_mm", clip->radius_mm);
  add_flag(json, "cut_other_side", clip->other_side);
  double area = 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    HilumCapSize size;
    if (hilum_workspace_get_section(workspace, (uint8_t)l, &size)) area += size.area_mm2;
  }
  add_number(json, "cut_area_mm2", area);
  const HilumSpan *span = hilum_workspace_get_span(workspace);
  add_number(json, "span_mm", span->on ? hilum_vec3_distance(span->a_mm, span->b_mm) : -1);
}

void hilum_test_state_write(HilumWindow *window)
{
  const char *path = g_getenv("HILUM_TEST_STATE_FILE");
  if (!path) return;
  static guint serial;
  g_autoptr(GString) json = g_string_new(NULL);
  g_string_append_printf(json, "{\"serial\": %u", ++serial);
  add_flag(json, "case", hilum_window_get_shown_case(window) != NULL);
  add_flag(json, "coarse", window->coarse != NULL);
  add_work(json, window);
  add_browser(json, window);
  add_number(json, "smoothing", hilum_workspace_get_smoothing(window->workspace));
  add_flag(json, "surfaces_busy", hilum_surfaces_is_busy(window->surfaces));
  add_flag(json, "live_ready", hilum_live_surfaces_is_ready(hilum_surfaces_get_live(window->surfaces)));
  add_cut(json, window->workspace);
  add_flag(json, "saving", window->saving);
  add_number(json, "recent", g_menu_model_get_n_items(G_MENU_MODEL(window->recent)));
  add_string(json, "message", hilum_message_bar_get_text(window->messages));
  if (hilum_window_get_shown_case(window))
    add_case(json, window);
  else if (window->coarse)
    add_panes(json, window);
  g_string_append(json, "}\n");
  /* Written to a temporary and renamed; no need to reach the disk. */
  g_file_set_contents_full(path, json->str, (gssize)json->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}
