/* One file's header, parsed. */
#include "record.h"

#include "dcmtk_bridge.h"
#include "frames.h"
#include "layout.h"

#include "hilum/dicom/error.h"

#include <string.h>
#include <sys/stat.h>

int hilum_parse_decimals(const char *text, double *out, int max)
{
  int n = 0;
  if (!text) return 0;
  for (const char *p = text;;) {
    while (*p == ' ')
      p++;
    if (*p == '\\' || *p == 0) return -1;
    size_t plain = strspn(p, "+-.0123456789eE"); /* no nan, inf or hexadecimal, which strtod would take */
    char *end = NULL;
    double value = g_ascii_strtod(p, &end);
    if (end == p || (size_t)(end - p) > plain || !isfinite(value)) return -1;
    if (n < max) out[n] = value;
    n++;
    while (*end == ' ')
      end++;
    if (*end == 0) return n;
    if (*end != '\\') return -1;
    p = end + 1;
  }
}

const char *hilum_record_name(const HilumRecord *record)
{
  if (record->name) return record->name;
  const char *slash = record->path ? strrchr(record->path, '/') : NULL;
  return slash ? slash + 1 : record->path ? record->path : "";
}

const char *hilum_record_image_id(const HilumRecord *record)
{
  return record->image_id ? record->image_id : hilum_record_text(record, HILUM_FIELD_SOP_UID);
}

const char *hilum_record_text(const HilumRecord *record, HilumField field)
{
  return record->text[field] ? record->text[field] : "";
}

int32_t hilum_record_int(const HilumRecord *record, HilumField field, int32_t fallback)
{
  double value[1];
  if (hilum_parse_decimals(record->text[field], value, 1) < 1) return fallback;
  if (value[0] < -2147483647.0 || value[0] > 2147483647.0 || value[0] != floor(value[0])) return fallback;
  return (int32_t)value[0];
}

bool hilum_record_is_ct(const HilumRecord *record)
{
  return strcmp(hilum_record_text(record, HILUM_FIELD_MODALITY), "CT") == 0;
}

static bool parse_vec3(const double *v, HilumVec3 *out)
{
  *out = hilum_vec3(v[0], v[1], v[2]);
  /* A place metres away from the scanner's centre is a damaged number, and would cost all precision. */
  return fabs(v[0]) < 1e5 && fabs(v[1]) < 1e5 && fabs(v[2]) < 1e5;
}

static void parse_geometry(HilumRecord *r)
{
  double v[6];
  r->has_position =
      hilum_parse_decimals(r->text[HILUM_FIELD_POSITION], v, 6) == 3 && parse_vec3(v, &r->position_mm);
  r->has_orientation = hilum_parse_decimals(r->text[HILUM_FIELD_ORIENTATION], v, 6) == 6 &&
                       parse_vec3(v, &r->row) && parse_vec3(v + 3, &r->column);
  r->has_spacing = hilum_parse_decimals(r->text[HILUM_FIELD_SPACING], v, 6) == 2;
  if (r->has_spacing) {
    r->row_spacing_mm = v[0];
    r->column_spacing_mm = v[1];
  }
}

/* Padding is stored like a pixel, but may be written as the other sign's type. */
static int32_t padding_value(const HilumRecord *r, HilumField field)
{
  int32_t value = hilum_record_int(r, field, 0);
  return r->format.is_signed ? (int16_t)(uint16_t)(value & 0xFFFF) : (int32_t)(value & 0xFFFF);
}

/* The linear map to real-world values, which MR uses where it has no rescale. The unit is a UCUM code. */
static void parse_real_world_map(HilumRecord *r)
{
  double slope[1], intercept[1];
  if (hilum_parse_decimals(r->text[HILUM_FIELD_RWV_SLOPE], slope, 1) != 1 ||
      hilum_parse_decimals(r->text[HILUM_FIELD_RWV_INTERCEPT], intercept, 1) != 1)
    return;
  r->format.slope = slope[0];
  r->format.intercept = intercept[0];
  /* Only Hounsfield units are values that the rest of Hilum knows by name. */
  r->has_rescale =
      !hilum_record_is_ct(r) || strcmp(hilum_record_text(r, HILUM_FIELD_RWV_UNIT), "[hnsf'U]") == 0;
}

static void parse_pixels(HilumRecord *r)
{
  HilumPixelFormat *f = &r->format;
  f->bits_allocated = hilum_record_int(r, HILUM_FIELD_BITS_ALLOCATED, 0);
  f->bits_stored = hilum_record_int(r, HILUM_FIELD_BITS_STORED, f->bits_allocated);
  f->high_bit = hilum_record_int(r, HILUM_FIELD_HIGH_BIT, f->bits_stored - 1);
  f->is_signed = hilum_record_int(r, HILUM_FIELD_SIGN, 0) == 1;
  f->has_padding = r->text[HILUM_FIELD_PADDING] != NULL;
  if (f->has_padding) {
    f->padding_low = f->padding_high = padding_value(r, HILUM_FIELD_PADDING);
    if (r->text[HILUM_FIELD_PADDING_LIMIT]) f->padding_high = padding_value(r, HILUM_FIELD_PADDING_LIMIT);
    if (f->padding_low > f->padding_high) {
      int32_t low = f->padding_high;
      f->padding_high = f->padding_low;
      f->padding_low = low;
    }
  }
  double v[1];
  int slopes = hilum_parse_decimals(r->text[HILUM_FIELD_SLOPE], v, 1);
  f->slope = slopes == 1 ? v[0] : 1;
  int intercepts = hilum_parse_decimals(r->text[HILUM_FIELD_INTERCEPT], v, 1);
  f->intercept = intercepts == 1 ? v[0] : 0;
  r->has_rescale = slopes == 1 && intercepts == 1;
  if (slopes == 0 && intercepts == 0) parse_real_world_map(r);
  r->bad_rescale = slopes < 0 || slopes > 1 || intercepts < 0 || intercepts > 1 || slopes != intercepts ||
                   fabs(f->slope) < 1e-12 || fabs(f->slope) > 1e12 || fabs(f->intercept) > 1e12;
  r->inverted = strcmp(hilum_record_text(r, HILUM_FIELD_PHOTOMETRIC), "MONOCHROME1") == 0;
  if (r->inverted) {
    /* Values that count from white: raw becomes lowest + highest - raw before the rescale. */
    HilumRawRange nominal = hilum_pixel_nominal_range(f);
    f->intercept += f->slope * (nominal.low + nominal.high);
    f->slope = -f->slope;
  }
  r->lossy = (r->syntax && r->syntax->lossy) || strcmp(hilum_record_text(r, HILUM_FIELD_LOSSY), "01") == 0;
}

/* Storage SOP classes of things that have pixels or geometry but are no scanner's slices. */
static bool is_derived_object(const char *sop_class)
{
  static const char *const CLASSES[] = {
      "1.2.840.10008.5.1.4.1.1.66.", "1.2.840.10008.5.1.4.1.1.481.", "1.2.840.10008.5.1.4.1.1.88.",
      "1.2.840.10008.5.1.4.1.1.11.", "1.2.840.10008.5.1.4.1.1.104.", "1.2.840.10008.5.1.4.1.1.30",
      "1.2.840.10008.5.1.4.1.1.9.",  "1.2.840.10008.5.1.4.1.1.4.2",  "1.2.840.10008.1.3.10",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CLASSES); i++)
    if (g_str_has_prefix(sop_class, CLASSES[i])) return true;
  return false;
}

static HilumRecordKind classify(const HilumRecord *r)
{
  const char *sop_class = hilum_record_text(r, HILUM_FIELD_SOP_CLASS);
  const char *modality = hilum_record_text(r, HILUM_FIELD_MODALITY);
  bool dose_image = strcmp(sop_class, "1.2.840.10008.5.1.4.1.1.481.2") == 0;
  if (r->rows <= 0 || r->columns <= 0 || (is_derived_object(sop_class) && !dose_image))
    return HILUM_RECORD_OTHER;
  if (strstr(hilum_record_text(r, HILUM_FIELD_IMAGE_TYPE), "LOCALIZER")) return HILUM_RECORD_LOCALIZER;
  if (g_str_has_prefix(sop_class, "1.2.840.10008.5.1.4.1.1.7"))
    return HILUM_RECORD_FLAT; /* secondary capture */
  if (r->text[HILUM_FIELD_POSITION] || r->text[HILUM_FIELD_ORIENTATION]) return HILUM_RECORD_SLICE;
  static const char *const VOLUMETRIC[] = {"CT", "MR", "PT", "NM"};
  for (size_t i = 0; i < G_N_ELEMENTS(VOLUMETRIC); i++)
    if (strcmp(modality, VOLUMETRIC[i]) == 0) return HILUM_RECORD_SLICE;
  return HILUM_RECORD_FLAT;
}

void hilum_record_parse(HilumRecord *r)
{
  r->rows = hilum_record_int(r, HILUM_FIELD_ROWS, 0);
  r->columns = hilum_record_int(r, HILUM_FIELD_COLUMNS, 0);
  r->frames = hilum_record_int(r, HILUM_FIELD_FRAMES, 1);
  r->samples = hilum_record_int(r, HILUM_FIELD_SAMPLES, 1);
  parse_geometry(r);
  parse_pixels(r);
  r->kind = classify(r);
}

/* Classes whose objects are images: such a file without rows or pixels was cut off between two attributes. */
static bool promises_image(const char *sop_class)
{
  static const char *const CLASSES[] = {"1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4",
                                        "1.2.840.10008.5.1.4.1.1.128", "1.2.840.10008.5.1.4.1.1.2.1",
                                        "1.2.840.10008.5.1.4.1.1.4.1"};
  for (size_t i = 0; i < G_N_ELEMENTS(CLASSES); i++)
    if (strcmp(sop_class, CLASSES[i]) == 0) return true;
  return false;
}

HilumRecord *hilum_record_read(int fd, const char *path, GError **error)
{
  g_autoptr(HilumRecord) r = g_new0(HilumRecord, 1);
  r->path = g_strdup(path);
  g_autofree char *name = g_filename_display_basename(path);
  HilumLayout l;
  g_autoptr(GError) why = NULL;
  bool good = hilum_layout_read(&l, fd, name, error);
  if (good) {
    HilumDcmtkBytes bytes = {l.header->data, l.header->len, l.implicit_vr, l.big_endian};
    good = hilum_dcmtk_read_fields(bytes, NULL, r->text, &why);
    if (!good)
      g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "“%s” is damaged: %s.", name,
                  why->message);
  }
  if (good) {
    r->syntax = l.syntax;
    g_strlcpy(r->syntax_uid, l.syntax_uid, sizeof r->syntax_uid);
    r->has_pixels = l.has_pixels;
    r->float_pixels = l.float_pixels;
    r->encapsulated = l.encapsulated;
    r->pixels_truncated = l.pixels_truncated;
    r->has_modality_lut = l.has_modality_lut;
    r->pixel_element = l.pixel_element;
    r->pixel_offset = l.pixel_offset;
    r->pixel_length = l.pixel_length;
    r->oversized_fields = l.oversized_fields;
    r->header_implicit = l.implicit_vr;
    r->header_big_endian = l.big_endian;
    if (l.encapsulated) r->image_header = g_byte_array_free_to_bytes(g_steal_pointer(&l.image_header));
    struct stat status;
    if (fstat(fd, &status) == 0) {
      r->file_size = (uint64_t)status.st_size;
      r->mtime_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
    }
    hilum_record_parse(r);
    hilum_frames_split(r, &l, fd);
    const char *sop_class =
        r->text[HILUM_FIELD_SOP_CLASS] ? r->text[HILUM_FIELD_SOP_CLASS] : l.media_class_uid;
    good = r->has_pixels || (r->rows > 0 && r->columns > 0) || !promises_image(sop_class);
    if (!good)
      g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                  "“%s” is damaged: it should hold an image and ends before it.", name);
  }
  hilum_layout_clear(&l);
  return good ? g_steal_pointer(&r) : NULL;
}

HilumRecord *hilum_record_ref(HilumRecord *r)
{
  g_atomic_int_inc(&r->holders);
  return r;
}

void hilum_record_unpack(HilumRecord *r, GPtrArray *records)
{
  if (!r->parts) {
    g_ptr_array_add(records, r);
    return;
  }
  g_autoptr(GPtrArray) parts = g_steal_pointer(&r->parts);
  g_ptr_array_extend_and_steal(records, g_steal_pointer(&parts));
  hilum_record_free(r); /* lives on in its frames */
}

void hilum_record_free(HilumRecord *r)
{
  if (!r) return;
  g_clear_pointer(&r->parts, g_ptr_array_unref);
  if (g_atomic_int_add(&r->holders, -1) > 0) return;
  g_free(r->path);
  g_free(r->name);
  g_free(r->image_id);
  for (int f = 0; f < HILUM_FIELD_COUNT; f++)
    if (!r->file || r->text[f] != r->file->text[f]) g_free(r->text[f]);
  hilum_record_free(r->file);
  if (r->image_header) g_bytes_unref(r->image_header);
  g_free(r);
}

void hilum_record_check_pixels(const HilumRecord *r, GArray *findings)
{
  const char *name = hilum_record_name(r);
  const HilumPixelFormat *f = &r->format;
  const HilumVerdict refused = HILUM_VERDICT_REFUSED;
  if (r->syntax->coding == HILUM_CODING_UNSUPPORTED)
    hilum_findings_add(findings, refused, "unsupported-syntax",
                       "“%s” is compressed as %s (%s), which cannot be read.", name, r->syntax->name,
                       r->syntax_uid);
  if (r->frames_problem)
    hilum_findings_add(findings, refused, "multi-frame",
                       "“%s” holds %d frames in one file that cannot be told apart: %s.", name, r->frames,
                       r->frames_problem);
  else if (r->frames != 1 && !r->parts)
    hilum_findings_add(findings, refused, "multi-frame",
                       "“%s” holds %d frames in one file without saying where each lies; enhanced and "
                       "legacy-converted CT, MR and PET can be read.",
                       name, r->frames);
  if (r->samples != 1)
    hilum_findings_add(findings, refused, "colour", "“%s” is a colour image, which holds no measured values.",
                       name);
  else if (strcmp(hilum_record_text(r, HILUM_FIELD_PHOTOMETRIC), "PALETTE COLOR") == 0)
    hilum_findings_add(findings, refused, "colour",
                       "“%s” is a palette image, which holds no measured values.", name);
  if (r->has_modality_lut)
    hilum_findings_add(findings, refused, "modality-lut",
                       "“%s” gives its values through a lookup table, which is not supported.", name);
  if (r->bad_rescale)
    hilum_findings_add(findings, refused, "bad-rescale",
                       "The rescale slope or intercept of “%s” makes no sense.", name);
  if (!r->has_pixels) {
    hilum_findings_add(findings, refused, "no-pixels", "“%s” holds no pixels.", name);
    return;
  }
  if (r->float_pixels || (f->bits_allocated != 8 && f->bits_allocated != 16)) {
    hilum_findings_add(findings, refused, "unsupported-bits",
                       "“%s” stores its pixels in %s; 8 and 16 bit integers can be read.", name,
                       r->float_pixels ? "floating point" : "an unusual number of bits");
    return;
  }
  if (f->bits_stored < 1 || f->bits_stored > f->bits_allocated || f->high_bit >= f->bits_allocated ||
      f->high_bit < f->bits_stored - 1) {
    hilum_findings_add(findings, refused, "bad-bits",
                       "“%s” contradicts itself: %d bits allocated, %d stored, high bit %d.", name,
                       f->bits_allocated, f->bits_stored, f->high_bit);
    return;
  }
  if (r->pixels_truncated)
    hilum_findings_add(findings, refused, "pixel-length", "“%s” is cut off within its pixels.", name);
  else if (r->syntax->coding != HILUM_CODING_UNSUPPORTED &&
           r->encapsulated != (r->syntax->coding != HILUM_CODING_NATIVE))
    hilum_findings_add(findings, refused, "pixel-length",
                       "The pixels of “%s” are not stored as %s says they are.", name, r->syntax->name);
  else if (!r->encapsulated && r->frames == 1 && r->samples == 1) {
    uint64_t expected = (uint64_t)r->rows * (uint64_t)r->columns * (uint64_t)(f->bits_allocated / 8);
    if (r->pixel_length != expected && r->pixel_length != expected + expected % 2)
      hilum_findings_add(findings, refused, "pixel-length",
                         "“%s” holds %" G_GUINT64_FORMAT
                         " bytes of pixels where %d x %d need %" G_GUINT64_FORMAT ".",
                         name, r->pixel_length, r->columns, r->rows, expected);
  }
}
