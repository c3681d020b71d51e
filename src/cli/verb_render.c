/* render: a picture of a case without a display, by the window's own passes. */
#include "cutter.h"
#include "grey_ranges.h"

#include "hilum/exchange/png.h"
#include "hilum/mesh/surface.h"
#include "hilum/render/offscreen.h"

#include <stdio.h>
#include <string.h>

#define CAPTION "Planning aid. Not for diagnosis."

static bool parse_size(const char *text, int *width, int *height, GError **error)
{
  g_auto(GStrv) parts = g_strsplit(text, "x", 2);
  gint64 w = 0, h = 0;
  if (g_strv_length(parts) == 2 && g_ascii_string_to_signed(parts[0], 10, 16, 8192, &w, NULL) &&
      g_ascii_string_to_signed(parts[1], 10, 16, 8192, &h, NULL)) {
    *width = (int)w;
    *height = (int)h;
    return true;
  }
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
              "--size is WxH with sides of 16 to 8192 pixels, not '%s'", text);
  return false;
}

/* A plane, "3d", "four-up", or the side a 3D picture is seen from. */
static bool parse_view(const char *text, HilumPictureOptions *options, HilumStandardView *view,
                       GError **error)
{
  static const struct {
    const char *name;
    HilumPictureLayout layout;
  } layouts[] = {{"axial", HILUM_PICTURE_AXIAL},
                 {"sagittal", HILUM_PICTURE_SAGITTAL},
                 {"coronal", HILUM_PICTURE_CORONAL},
                 {"3d", HILUM_PICTURE_3D},
                 {"four-up", HILUM_PICTURE_FOUR_UP}};
  for (size_t n = 0; n < G_N_ELEMENTS(layouts); n++)
    if (g_ascii_strcasecmp(text, layouts[n].name) == 0) {
      options->layout = layouts[n].layout;
      return true;
    }
  if (hilum_standard_view_parse(text, view)) {
    options->layout = HILUM_PICTURE_3D;
    return true;
  }
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
              "--view is axial, sagittal, coronal, 3d, four-up, anterior, posterior, left, right, superior "
              "or inferior, not '%s'",
              text);
  return false;
}

/* Surfaces of what is shown; the crosshair goes to the middle of it unless the user said where. */
static bool add_surfaces(HilumWorkspace *workspace, HilumCase *self, const CliArgs *args, GError **error)
{
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  GListModel *list = hilum_case_get_structures(self);
  guint count = g_list_model_get_n_items(list);
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  bool any = false;
  for (guint n = 0; n < count; n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if (!hilum_structure_get_visible(structure) || hilum_structure_get_voxels(structure) == 0) continue;
    wanted[hilum_structure_get_label(structure)] = 1;
    any = true;
  }
  g_auto(CliGrey) grey = {NULL};
  if (!any) return true;
  if (!cli_grey_init(&grey, args, self, error)) return false;
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 0.8, "surfaces");
  g_autoptr(HilumJoint) joint =
      cli_grey_joint(&grey, labels, wanted, hilum_case_get_smoothing(self), &part, error);
  if (!joint) return false;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    if (!wanted[label]) continue;
    g_autoptr(HilumMesh) mesh = hilum_joint_split(joint, (uint8_t)label, error);
    if (!mesh) return false;
    hilum_workspace_set_mesh(workspace, (uint8_t)label, mesh, NULL, hilum_label_snapshot_get_serial(labels));
  }
  return true;
}

/* The values of one surface. */
static bool color_surface(HilumWorkspace *workspace, HilumLabelSnapshot *labels, uint8_t label,
                          HilumColoring coloring, GError **error)
{
  HilumMesh *mesh = hilum_workspace_get_mesh(workspace, label);
  float *values =
      hilum_surface_values_new(labels, label, mesh, coloring == HILUM_COLORING_THICKNESS, NULL, error);
  if (!values) return false;
  hilum_workspace_set_coloring(workspace, label, coloring);
  hilum_workspace_set_values(workspace, label, mesh, coloring, values);
  return true;
}

/* --color and --thinner-than: all surfaces that are shown. */
static bool color_surfaces(HilumWorkspace *workspace, HilumCase *self, const CliArgs *args, GError **error)
{
  const char *name = cli_args_get(args, "color"), *thin = cli_args_get(args, "thinner-than");
  HilumColoring coloring = HILUM_COLORING_OWN;
  char *end = NULL;
  double thin_mm = thin ? g_ascii_strtod(thin, &end) : hilum_workspace_get_thin_mm(workspace);
  if ((name && !hilum_coloring_parse(name, &coloring)) || (thin && (end == thin || *end != '\0')) ||
      !(thin_mm >= 0.1 && thin_mm <= 50)) {
    g_set_error_literal(
        error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
        "--color is own, deviation or thickness, and --thinner-than a length from 0.1 to 50 mm");
    return false;
  }
  hilum_workspace_set_thin_mm(workspace, thin_mm);
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  for (int label = 1; label < HILUM_LABEL_COUNT && coloring != HILUM_COLORING_OWN; label++)
    if (hilum_workspace_get_mesh(workspace, (uint8_t)label) &&
        !color_surface(workspace, labels, (uint8_t)label, coloring, error))
      return false;
  return true;
}

/* --cut at the slice through the crosshair, towards the eye; or a free plane or sphere. */
static bool choose_cut(HilumWorkspace *workspace, const CliArgs *args, GError **error)
{
  static const char *const names[HILUM_SLICE_PLANES] = {"axial", "sagittal", "coronal"};
  const char *name = cli_args_get(args, "cut");
  HilumCutter cutter = {.kind = HILUM_CUTTER_PLANE};
  int given;
  if (!cli_parse_free_cutter(args, &cutter, &given, error)) return false;
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    if (g_strcmp0(name, names[p]) == 0) {
      hilum_workspace_clip_towards_eye(workspace, (HilumSlicePlane)p);
      given++;
    }
  if (given == 1 && hilum_workspace_get_clip(workspace)->kind == HILUM_CLIP_NONE && !name)
    hilum_workspace_set_clip(
        workspace,
        &(HilumClip){.kind = cutter.kind == HILUM_CUTTER_SPHERE ? HILUM_CLIP_SPHERE : HILUM_CLIP_PLANE,
                     .point_mm = cutter.point_mm,
                     .normal = hilum_vec3_normalize(cutter.normal),
                     .radius_mm = cutter.radius_mm});
  HilumClip clip = *hilum_workspace_get_clip(workspace);
  if (given != 1 || clip.kind == HILUM_CLIP_NONE) {
    g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                        "A cut is one of --cut axial, sagittal or coronal, --through X,Y,Z with --normal "
                        "X,Y,Z, and --sphere X,Y,Z with --radius MM (1 to 500)");
    return false;
  }
  if (cli_args_has(args, "other-side")) clip.other_side = !clip.other_side;
  hilum_workspace_set_clip(workspace, &clip);
  return true;
}

static bool wants_cut(const CliArgs *args)
{
  static const char *const options[] = {"cut", "through", "normal", "sphere", "radius", "other-side"};
  for (size_t n = 0; n < G_N_ELEMENTS(options); n++)
    if (cli_args_has(args, options[n])) return true;
  return false;
}

static bool cut_surfaces(HilumWorkspace *workspace, const CliArgs *args, GError **error)
{
  HilumCutter cutter;
  HilumMesh *meshes[HILUM_LABEL_COUNT] = {NULL};
  if (!choose_cut(workspace, args, error) || !hilum_workspace_get_wanted_cut(workspace, &cutter))
    return false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    meshes[l] = hilum_workspace_get_mesh(workspace, (uint8_t)l);
  g_autoptr(HilumCaps) caps = hilum_caps_new(meshes, &cutter, NULL, error);
  if (caps) hilum_workspace_set_cut(workspace, &cutter, caps);
  return caps != NULL;
}

static bool set_window(HilumWorkspace *workspace, const char *text, GError **error)
{
  HilumWindowPreset preset;
  HilumWindowLevel window;
  char *end = NULL;
  window.width = g_ascii_strtod(text, &end);
  if (end != text && *end == '/') {
    const char *level = end + 1;
    window.level = g_ascii_strtod(level, &end);
    if (end != level && *end == '\0' && isfinite(window.width) && window.width > 0 &&
        isfinite(window.level)) {
      hilum_workspace_set_window(workspace, window);
      return true;
    }
  } else if (hilum_window_preset_find(hilum_workspace_get_active_volume(workspace), text, &preset)) {
    hilum_workspace_set_window(workspace, preset.window);
    return true;
  }
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
              "--window is WIDTH/LEVEL in HU or the name of a preset, not '%s'", text);
  return false;
}

/* --fuse N and how. */
static bool set_fusion(HilumWorkspace *workspace, HilumCase *self, const CliArgs *args, GError **error)
{
  const char *how = cli_args_get(args, "fusion"), *share = cli_args_get(args, "blend");
  HilumFusion fusion = *hilum_workspace_get_fusion(workspace);
  gint64 second;
  if (!cli_args_has(args, "fuse")) {
    if (!how && !share) return true;
    g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                        "--fusion and --blend say how; --fuse N says which phase");
    return false;
  }
  char *end = NULL;
  if (share) fusion.blend = g_ascii_strtod(share, &end);
  if ((share && (end == share || *end != '\0' || !(fusion.blend >= 0 && fusion.blend <= 1))) ||
      !hilum_fusion_mode_parse(how ? how : "blend", &fusion.mode)) {
    g_set_error_literal(
        error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
        "--fusion is blend, checker or off, and --blend the second phase's share from 0 to 1");
    return false;
  }
  if (!cli_args_get_int(args, "fuse", 0, 255, 0, &second, error) ||
      !hilum_case_require_volume(self, (guint)second, error))
    return false;
  fusion.phase = (size_t)second;
  hilum_workspace_set_fusion(workspace, &fusion);
  return true;
}

static bool draw(HilumWorkspace *workspace, const HilumPictureOptions *options, const char *out,
                 GError **error)
{
  g_autoptr(HilumOffscreen) offscreen = hilum_offscreen_new(error);
  if (!offscreen) return false;
  g_autofree uint8_t *rgba = hilum_offscreen_draw(offscreen, workspace, options, error);
  return rgba && hilum_png_write(out, rgba, options->width, options->height, CAPTION, error);
}

static bool render(const CliArgs *args, GError **error)
{
  HilumPictureOptions options = {.width = 1280, .height = 800};
  HilumStandardView view = HILUM_VIEW_ANTERIOR;
  gint64 phase;
  const char *out = cli_args_require(args, "out", error);
  if (!out || !cli_args_get_int(args, "phase", 0, 255, 0, &phase, error)) return false;
  const char *size = cli_args_get(args, "size"), *view_name = cli_args_get(args, "view"),
             *position = cli_args_get(args, "position");
  HilumVec3 cursor = {0};
  if (size && !parse_size(size, &options.width, &options.height, error)) return false;
  if (!parse_view(view_name ? view_name : "four-up", &options, &view, error)) return false;
  if (position && !cli_parse_point(position, &cursor, error)) return false;

  g_autoptr(HilumCase) self = cli_open_case(
      args, options.layout == HILUM_PICTURE_3D ? cli_grey_images(args) : CLI_IMAGES_IF_FOUND, error);
  if (!self) return false;
  if ((guint)phase >= hilum_case_get_phase_count(self)) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, "the case has %u phases; there is no phase %d",
                hilum_case_get_phase_count(self), (int)phase);
    return false;
  }
  if (options.layout != HILUM_PICTURE_3D && !hilum_case_require_volume(self, (guint)phase, error))
    return false;

  g_autoptr(HilumWorkspace) workspace = hilum_workspace_new();
  hilum_workspace_set_case(workspace, self);
  hilum_workspace_set_active_phase(workspace, (size_t)phase);
  const char *window = cli_args_get(args, "window");
  if (window && !set_window(workspace, window, error)) return false;
  if (!set_fusion(workspace, self, args, error)) return false;
  if (!add_surfaces(workspace, self, args, error) || !color_surfaces(workspace, self, args, error))
    return false;
  HilumBox scene = hilum_workspace_get_scene_bounds(workspace);
  if (!position && !hilum_box_is_empty(scene)) cursor = hilum_box_center(scene);
  if (position || !hilum_box_is_empty(scene)) hilum_workspace_set_cursor_mm(workspace, cursor);
  HilumCamera camera = *hilum_workspace_get_camera(workspace);
  hilum_camera_set_view(&camera, view);
  hilum_workspace_set_camera(workspace, &camera);
  if (wants_cut(args) && !cut_surfaces(workspace, args, error)) return false;

  if (!draw(workspace, &options, out, error)) return false;
  if (args->json) {
    JsonBuilder *b = cli_json_begin();
    cli_json_string(b, "path", out);
    cli_json_ints(b, "size", (const int32_t[]){options.width, options.height}, 2);
    cli_json_end(b);
  } else {
    printf("%s\n", out);
  }
  return true;
}

static const CliOptionSpec cli_options[] = {{"view", true},         {"size", true},        {"out", true},
                                            {"position", true},     {"window", true},      {"phase", true},
                                            {"images", true},       {"fuse", true},        {"fusion", true},
                                            {"blend", true},        {"color", true},       {"cut", true},
                                            {"thinner-than", true}, {"other-side", false}, CLI_CUTTER_OPTIONS,
                                            {"labels-only", false}, {NULL, false}};
const CliVerb cli_verb_render = {
    "render",
    "render CASE [--view V] [--size WxH] [--position X,Y,Z] [--window W/L] [--phase N] [--fuse N [--fusion "
    "blend|checker] [--blend SHARE]] [--color own|deviation|thickness [--thinner-than MM]] [--cut "
    "axial|sagittal|coronal | --through X,Y,Z --normal X,Y,Z | --sphere X,Y,Z --radius MM] [--other-side] "
    "[--labels-only] --out "
    "PNG",
    "a picture, drawn offscreen: axial, sagittal, coronal, 3d, four-up, or 3D from anterior, posterior, "
    "left, right, superior, inferior",
    cli_options, render};
