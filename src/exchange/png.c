/* Pictures out, through cairo, with the caption that every picture must carry. */
#include "hilum/exchange/png.h"

#include "hilum/base/file_writer.h"
#include "hilum/exchange/error.h"

#include <cairo.h>
#include <math.h>

typedef struct {
  HilumFileWriter *writer;
  GError *error;
} Sink;

static cairo_status_t sink_write(void *closure, const unsigned char *data, unsigned length)
{
  Sink *sink = closure;
  return hilum_file_writer_write(sink->writer, data, length, sink->error ? NULL : &sink->error)
             ? CAIRO_STATUS_SUCCESS
             : CAIRO_STATUS_WRITE_ERROR;
}

/* Straight RGBA to cairo's premultiplied native-endian ARGB words. */
static cairo_surface_t *to_surface(const uint8_t *rgba, int width, int height)
{
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
  if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) return surface;
  unsigned char *pixels = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < height; y++) {
    uint32_t *to = (uint32_t *)(void *)(pixels + (ptrdiff_t)y * stride);
    const uint8_t *from = rgba + (size_t)y * (size_t)width * 4;
    for (int x = 0; x < width; x++, from += 4) {
      const uint32_t a = from[3];
      const uint32_t r = (from[0] * a + 127) / 255, g = (from[1] * a + 127) / 255,
                     b = (from[2] * a + 127) / 255;
      to[x] = a << 24 | r << 16 | g << 8 | b;
    }
  }
  cairo_surface_mark_dirty(surface);
  return surface;
}

/* White on a dark band in the upper left corner, where no ruler, letter or orientation cube stands; made smaller
 * until it fits. */
static void draw_caption(cairo_surface_t *surface, int width, int height, const char *caption)
{
  cairo_t *cr = cairo_create(surface);
  cairo_text_extents_t extents;
  double size = fmax(9, fmin(16, height / 40.0));
  cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  for (;; size *= 0.9) {
    cairo_set_font_size(cr, size);
    cairo_text_extents(cr, caption, &extents);
    if (extents.x_advance + size <= width || size < 4) break;
  }
  const double band = size * 1.6;
  cairo_set_source_rgba(cr, 0, 0, 0, 0.65);
  cairo_rectangle(cr, 0, 0, extents.x_advance + size, band);
  cairo_fill(cr);
  cairo_set_source_rgb(cr, 1, 1, 1);
  cairo_move_to(cr, size / 2, band - size * 0.45);
  cairo_show_text(cr, caption);
  cairo_destroy(cr);
}

bool hilum_png_write(const char *path, const uint8_t *rgba, int width, int height, const char *caption,
                     GError **error)
{
  g_return_val_if_fail(path != NULL && rgba != NULL, false);
  g_autofree char *name = g_filename_display_basename(path);
  if (width <= 0 || height <= 0 || width > 32767 || height > 32767) {
    g_set_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_WRITE,
                "“%s” was not written: a picture has 1 to 32,767 pixels a side, not %d × %d.", name, width,
                height);
    return false;
  }
  cairo_surface_t *surface = to_surface(rgba, width, height);
  if (caption && *caption && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
    draw_caption(surface, width, height, caption);
  cairo_status_t status = cairo_surface_status(surface);
  Sink sink = {NULL, NULL};
  bool good = status == CAIRO_STATUS_SUCCESS;
  if (good) {
    sink.writer = hilum_file_writer_new(path, &sink.error);
    good = sink.writer != NULL;
  }
  if (good) {
    status = cairo_surface_write_to_png_stream(surface, sink_write, &sink);
    good = status == CAIRO_STATUS_SUCCESS;
    if (good)
      good = hilum_file_writer_commit(sink.writer, NULL, NULL, &sink.error);
    else
      hilum_file_writer_abort(sink.writer);
  }
  cairo_surface_destroy(surface);
  if (good) return true;
  if (sink.error)
    g_propagate_error(error, sink.error);
  else
    g_set_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_WRITE, "“%s” could not be written: %s.",
                name, cairo_status_to_string(status));
  return false;
}
