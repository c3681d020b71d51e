/* Pictures as PNG (through cairo). `caption` is drawn in the upper left corner over a dark band; NULL for
 * none. rgba: straight 8-bit, top row first. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

bool hilum_png_write(const char *path, const uint8_t *rgba, int width, int height, const char *caption,
                     GError **error);

G_END_DECLS
