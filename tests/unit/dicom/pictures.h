/* Greyscale JPEG 2000 pictures made by tests with OpenJPEG's encoder. */
#pragma once

#include <glib.h>
#include <openjpeg.h>
#include <string.h>

static inline OPJ_SIZE_T picture_write(void *bytes, OPJ_SIZE_T n, void *data)
{
  g_byte_array_append(data, bytes, (guint)n);
  return n;
}

static inline OPJ_OFF_T picture_skip(OPJ_OFF_T n, void *data)
{
  GByteArray *out = data;
  guint before = out->len;
  g_byte_array_set_size(out, before + (guint)n);
  memset(out->data + before, 0, (size_t)n);
  return n;
}

typedef struct {
  uint32_t columns, rows, precision, components, tile;
  bool is_signed, lossy, jp2;
} Picture;

/* `samples` holds one plane, used for every component. */
static inline GByteArray *picture_encode(Picture p, const int32_t *samples)
{
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.tcp_numlayers = 1;
  parameters.cp_disto_alloc = 1;
  uint32_t side = p.columns < p.rows ? p.columns : p.rows;
  parameters.numresolution = side >= 8 ? 3 : 1;
  parameters.irreversible = p.lossy;
  parameters.tcp_rates[0] = p.lossy ? 4 : 0;
  if (p.tile) {
    parameters.tile_size_on = OPJ_TRUE;
    parameters.cp_tdx = parameters.cp_tdy = (int)p.tile;
  }
  opj_image_cmptparm_t component[3];
  memset(component, 0, sizeof component);
  guint n = p.components ? p.components : 1;
  for (guint c = 0; c < n; c++)
    component[c] = (opj_image_cmptparm_t){
        .dx = 1, .dy = 1, .w = p.columns, .h = p.rows, .prec = p.precision, .sgnd = p.is_signed};
  opj_image_t *image = opj_image_create(n, component, n == 1 ? OPJ_CLRSPC_GRAY : OPJ_CLRSPC_SRGB);
  image->x1 = p.columns;
  image->y1 = p.rows;
  for (guint c = 0; c < n; c++)
    memcpy(image->comps[c].data, samples, sizeof *samples * p.columns * p.rows);
  opj_codec_t *codec = opj_create_compress(OPJ_CODEC_J2K);
  g_assert_true(opj_setup_encoder(codec, &parameters, image));
  opj_stream_t *stream = opj_stream_default_create(OPJ_FALSE);
  GByteArray *out = g_byte_array_new();
  opj_stream_set_user_data(stream, out, NULL);
  opj_stream_set_write_function(stream, picture_write);
  opj_stream_set_skip_function(stream, picture_skip);
  g_assert_true(opj_start_compress(codec, image, stream) && opj_encode(codec, stream) &&
                opj_end_compress(codec, stream));
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  if (p.jp2) { /* the boxes that matter of a JP2 file */
    const uint8_t boxes[] = {0,
                             0,
                             0,
                             12,
                             'j',
                             'P',
                             ' ',
                             ' ',
                             0x0D,
                             0x0A,
                             0x87,
                             0x0A,
                             0,
                             0,
                             0,
                             9,
                             'f',
                             't',
                             'y',
                             'p',
                             'x',
                             (uint8_t)((out->len + 8) >> 24),
                             (uint8_t)((out->len + 8) >> 16),
                             (uint8_t)((out->len + 8) >> 8),
                             (uint8_t)(out->len + 8),
                             'j',
                             'p',
                             '2',
                             'c'};
    g_byte_array_prepend(out, boxes, sizeof boxes);
  }
  return out;
}
