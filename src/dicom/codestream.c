/* Headers of compressed pictures. */
#include "codestream.h"

#include <string.h>

static uint32_t be16(const uint8_t *p)
{
  return (uint32_t)p[0] << 8 | p[1];
}
static uint32_t be32(const uint8_t *p)
{
  return be16(p) << 16 | be16(p + 2);
}

/* Start-of-frame markers: C0-CF without the tables C4 and CC and the extension C8; F7 is JPEG-LS. */
static bool is_frame_header(uint8_t marker)
{
  return marker == 0xF7 ||
         (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC);
}

bool hilum_codestream_read_jpeg(const uint8_t *bytes, size_t n, HilumCodestream *out)
{
  memset(out, 0, sizeof *out);
  if (n < 4 || bytes[0] != 0xFF || bytes[1] != 0xD8) return false;
  for (size_t at = 2; at + 4 <= n;) {
    if (bytes[at] != 0xFF) return false;
    uint8_t marker = bytes[at + 1];
    if (marker == 0xFF) { /* fill */
      at++;
      continue;
    }
    /* Before the frame there are only segments with a length: tables, comments, applications' own. Markers
     * that stand alone (01, at which DCMTK's search for the frame stands still, RST, SOI, EOI), reserved ones
     * and a scan do not belong there. */
    if (marker < 0xC0 || (marker >= 0xD0 && marker <= 0xDA)) return false;
    size_t length = be16(bytes + at + 2);
    if (length < 2 || length > n - at - 2) return false;
    if (is_frame_header(marker)) {
      if (length < 8) return false;
      const uint8_t *p = bytes + at + 4;
      *out = (HilumCodestream){
          .precision = p[0], .rows = be16(p + 1), .columns = be16(p + 3), .components = p[5], .bytes = n};
      return true;
    }
    at += 2 + length;
  }
  return false;
}

/* The codestream box of a JP2 file: DICOM wants bare codestreams, some writers wrap them. */
static bool find_codestream_box(const uint8_t *bytes, size_t n, size_t *offset, size_t *length)
{
  for (size_t at = 0; n - at >= 8;) {
    uint64_t box = be32(bytes + at);
    size_t header = 8;
    if (box == 1) {
      if (n - at < 16) return false;
      box = (uint64_t)be32(bytes + at + 8) << 32 | be32(bytes + at + 12);
      header = 16;
    } else if (box == 0)
      box = n - at; /* up to the end */
    if (box < header || box > n - at) return false;
    if (memcmp(bytes + at + 4, "jp2c", 4) == 0) {
      *offset = at + header;
      *length = (size_t)box - header;
      return true;
    }
    at += (size_t)box;
  }
  return false;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
  return (a + b - 1) / b;
}

bool hilum_codestream_read_jpeg2000(const uint8_t *bytes, size_t n, HilumCodestream *out)
{
  static const uint8_t JP2[12] = {0, 0, 0, 12, 'j', 'P', ' ', ' ', 0x0D, 0x0A, 0x87, 0x0A};
  memset(out, 0, sizeof *out);
  out->bytes = n;
  if (n >= sizeof JP2 && memcmp(bytes, JP2, sizeof JP2) == 0 &&
      !find_codestream_box(bytes, n, &out->offset, &out->bytes))
    return false;
  const uint8_t *p = bytes + out->offset;
  static const uint8_t START[4] = {0xFF, 0x4F, 0xFF, 0x51}; /* SOC, and SIZ must follow */
  if (out->bytes < 45 || memcmp(p, START, sizeof START) != 0) return false;
  uint32_t length = be16(p + 4), x1 = be32(p + 8), y1 = be32(p + 12), x0 = be32(p + 16), y0 = be32(p + 20);
  uint32_t tile_w = be32(p + 24), tile_h = be32(p + 28), tile_x = be32(p + 32), tile_y = be32(p + 36);
  out->components = be16(p + 40);
  if (out->components == 0 || length != 38 + 3 * out->components || length > out->bytes - 4) return false;
  if (x1 <= x0 || y1 <= y0 || tile_w == 0 || tile_h == 0 || tile_x > x0 || tile_y > y0) return false;
  out->columns = x1 - x0;
  out->rows = y1 - y0;
  out->is_signed = (p[42] & 0x80) != 0;
  out->precision = (p[42] & 0x7Fu) + 1;
  for (uint32_t c = 0; c < out->components; c++)
    if (p[42 + 3 * c] != p[42] || p[43 + 3 * c] != 1 || p[44 + 3 * c] != 1) return false; /* subsampled */
  out->tiles = divide_up((uint64_t)x1 - tile_x, tile_w) * divide_up((uint64_t)y1 - tile_y, tile_h);
  return true;
}

bool hilum_codestream_starts(const uint8_t *bytes, size_t n)
{
  return (n >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF) ||
         (n >= 4 && bytes[0] == 0xFF && bytes[1] == 0x4F && bytes[2] == 0xFF && bytes[3] == 0x51);
}
