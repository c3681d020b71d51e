/* JPEG 2000 (ITU-T T.800) and HTJ2K (T.814) pixels through OpenJPEG. */
#include "jpeg2000.h"

#include "codestream.h"

#include "hilum/dicom/error.h"

#include <openjpeg.h>
#include <string.h>

enum {
  SIDE_LIMIT = 16384,    /* OpenJPEG takes eight bytes a pixel: 2 GiB at most */
  PIXEL_LIMIT = 1 << 26, /* 8192 x 8192 */
  TILE_LIMIT = 4096,     /* it allocates kilobytes for every tile that is announced */
};

/* --- memory as OpenJPEG's stream --- */

typedef struct {
  const uint8_t *bytes;
  size_t n, at;
} Source;

static OPJ_SIZE_T source_read(void *to, OPJ_SIZE_T n, void *data)
{
  Source *s = data;
  size_t left = s->n - s->at, part = n < left ? n : left;
  if (part == 0) return (OPJ_SIZE_T)-1; /* how OpenJPEG wants to hear of the end */
  memcpy(to, s->bytes + s->at, part);
  s->at += part;
  return part;
}

static OPJ_OFF_T source_skip(OPJ_OFF_T n, void *data)
{
  Source *s = data;
  if (n < 0) return -1;
  size_t left = s->n - s->at, part = (uint64_t)n < left ? (size_t)n : left;
  if (part == 0 && n > 0) return -1;
  s->at += part;
  return (OPJ_OFF_T)part;
}

static OPJ_BOOL source_seek(OPJ_OFF_T to, void *data)
{
  Source *s = data;
  if (to < 0 || (uint64_t)to > s->n) return OPJ_FALSE;
  s->at = (size_t)to;
  return OPJ_TRUE;
}

static opj_stream_t *source_stream(Source *s)
{
  opj_stream_t *stream = opj_stream_default_create(OPJ_TRUE);
  if (!stream) return NULL;
  opj_stream_set_user_data(stream, s, NULL);
  opj_stream_set_user_data_length(stream, s->n);
  opj_stream_set_read_function(stream, source_read);
  opj_stream_set_skip_function(stream, source_skip);
  opj_stream_set_seek_function(stream, source_seek);
  return stream;
}

/* --- what it says --- */

typedef struct {
  char first[160]; /* the first complaint */
  unsigned complaints;
} Listener;

static void listen(const char *message, void *data)
{
  Listener *l = data;
  if (l->complaints++ > 0) return;
  g_strlcpy(l->first, message, sizeof l->first);
  g_strchomp(l->first);
}

static void ignore(const char *message, void *data) {}

static bool fail(GError **error, HilumDicomError code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static bool fail(GError **error, HilumDicomError code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_set_error_literal(error, HILUM_DICOM_ERROR, code, text);
  return false;
}

/* --- before anything is allocated --- */

static bool check_header(const HilumCodestream *c, uint32_t columns, uint32_t rows, const HilumPixelFormat *f,
                         GError **error)
{
  if (c->components != 1)
    return fail(error, HILUM_DICOM_ERROR_UNSUPPORTED,
                "its JPEG 2000 picture has %u colour components, where its attributes promise grey values",
                c->components);
  if (c->columns != columns || c->rows != rows)
    return fail(error, HILUM_DICOM_ERROR_READ,
                "its JPEG 2000 picture is %u x %u pixels, where its attributes promise %u x %u", c->columns,
                c->rows, columns, rows);
  if (c->precision > (uint32_t)f->bits_allocated || c->precision > 16)
    return fail(error, HILUM_DICOM_ERROR_READ,
                "its JPEG 2000 picture has %u bits a pixel, where its attributes promise %d", c->precision,
                f->bits_stored);
  if (columns > SIDE_LIMIT || rows > SIDE_LIMIT || (uint64_t)columns * rows > PIXEL_LIMIT ||
      c->tiles > TILE_LIMIT)
    return fail(error, HILUM_DICOM_ERROR_UNSUPPORTED,
                "its JPEG 2000 picture of %u x %u pixels in %" G_GUINT64_FORMAT " tiles is absurdly large",
                c->columns, c->rows, c->tiles);
  return true;
}

/* The decoder's picture must be what was announced: nothing is copied otherwise. */
static bool is_as_announced(const opj_image_t *image, const HilumCodestream *c)
{
  if (!image || image->numcomps != 1) return false;
  const opj_image_comp_t *component = &image->comps[0];
  return component->data && component->w == c->columns && component->h == c->rows &&
         component->prec == c->precision && (component->sgnd != 0) == c->is_signed;
}

/* Samples to words. False if one does not fit, or if what it means cannot be told. */
static bool store(const int32_t *samples, size_t n, const HilumCodestream *c, const HilumPixelFormat *f,
                  int16_t *words)
{
  HilumRawRange allowed = hilum_pixel_nominal_range(f);
  bool reread = !c->is_signed && f->is_signed;
  int32_t half = 1 << (c->precision - 1);
  if (reread && c->precision != (uint32_t)f->bits_stored) {
    /* Is 3000 in 12 bits 3000 or -1096? Only the values below half the range are beyond doubt. */
    reread = false;
    allowed.high = MIN(allowed.high, half - 1);
  }
  int lift = f->high_bit + 1 - f->bits_stored;
  bool fits = true;
  for (size_t i = 0; i < n; i++) {
    int32_t value = reread ? (samples[i] ^ half) - half : samples[i];
    fits &= value >= allowed.low && value <= allowed.high;
    words[i] = (int16_t)(uint16_t)((uint32_t)value << lift);
  }
  return fits;
}

static bool decode(opj_codec_t *codec, opj_stream_t *stream, const HilumCodestream *c, opj_image_t **image)
{
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  return opj_setup_decoder(codec, &parameters) && opj_codec_set_threads(codec, 0) &&
         opj_decoder_set_strict_mode(codec, OPJ_TRUE) && opj_read_header(stream, codec, image) && *image &&
         (*image)->numcomps == 1 && (*image)->x1 - (*image)->x0 == c->columns &&
         (*image)->y1 - (*image)->y0 == c->rows && opj_decode(codec, stream, *image) &&
         opj_end_decompress(codec, stream);
}

bool hilum_jpeg2000_decode(const uint8_t *bytes, size_t n, uint32_t columns, uint32_t rows,
                           const HilumPixelFormat *f, int16_t *words, GError **error)
{
  HilumCodestream c;
  if (!hilum_codestream_read_jpeg2000(bytes, n, &c))
    return fail(error, HILUM_DICOM_ERROR_READ, "its pixels are not the JPEG 2000 picture they should be");
  if (!check_header(&c, columns, rows, f, error)) return false;
  Source source = {bytes + c.offset, c.bytes, 0};
  Listener listener = {.complaints = 0};
  opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
  opj_stream_t *stream = source_stream(&source);
  opj_image_t *image = NULL;
  bool good = codec && stream;
  if (good) {
    opj_set_info_handler(codec, ignore, NULL);
    opj_set_warning_handler(codec, listen, &listener);
    opj_set_error_handler(codec, listen, &listener);
    good = decode(codec, stream, &c, &image);
  }
  if (!good || listener.complaints)
    good = fail(error, HILUM_DICOM_ERROR_READ, "its JPEG 2000 picture is damaged%s%s",
                *listener.first ? ": " : "", g_utf8_validate(listener.first, -1, NULL) ? listener.first : "");
  else if (!is_as_announced(image, &c))
    good = fail(error, HILUM_DICOM_ERROR_READ, "its JPEG 2000 picture is not what its header announces");
  else if (!store(image->comps[0].data, (size_t)columns * rows, &c, f, words))
    good = fail(error, HILUM_DICOM_ERROR_READ,
                "its JPEG 2000 picture holds values that %d %s bits, as its attributes promise, cannot mean",
                f->bits_stored, f->is_signed ? "signed" : "unsigned");
  if (image) opj_image_destroy(image);
  if (stream) opj_stream_destroy(stream);
  if (codec) opj_destroy_codec(codec);
  return good;
}
