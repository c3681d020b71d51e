/* Attribute values as UTF-8 text. */
#include "dcmtk_private.hpp"

#include "charset.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>

enum { TEXT_LIMIT = 1024 }; /* bytes of UTF-8; no attribute that is shown needs more */

/* Nothing but printable ASCII: the same in every character set that DICOM knows, save for two signs. */
static bool is_plain(const OFString &text)
{
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) return false;
  return true;
}

static char *dup_trimmed(const OFString &text)
{
  const char *begin = text.c_str(), *end = begin + (std::min<size_t>(text.size(), TEXT_LIMIT));
  while (begin < end && *begin == ' ')
    begin++;
  while (end > begin && end[-1] == ' ')
    end--;
  return g_strndup(begin, static_cast<gsize>(end - begin));
}

/* Control characters become spaces, the end is cut at a character, blanks around go. */
static char *tidy(const char *utf8)
{
  GString *out = g_string_new(nullptr);
  for (const char *p = utf8; *p && out->len < TEXT_LIMIT; p = g_utf8_next_char(p)) {
    const gunichar c = g_utf8_get_char(p);
    g_string_append_unichar(out, g_unichar_iscntrl(c) ? ' ' : c);
  }
  return g_strstrip(g_string_free(out, FALSE));
}

static char *to_utf8(const OFString &raw, const OFString &charset, const char *delimiters)
{
  if (is_plain(raw)) return dup_trimmed(raw);
  g_autofree char *text = hilum_charset_to_utf8(raw.c_str(), raw.size(), charset.c_str(), delimiters);
  return tidy(text);
}

/* A value as text. Files that passed through software without a dictionary call known attributes "unknown":
 * those bytes are read as what the attribute is. */
static bool element_text(DcmElement *element, const HilumFieldInfo &field, OFString &raw)
{
  if (element->ident() != EVR_UN) {
    char *whole = nullptr;
    if (!element->isaString()) return element->getOFStringArray(raw).good();
    if (element->getString(whole).bad() || !whole) return false;
    raw = whole;
    return true;
  }
  Uint8 *bytes = nullptr;
  const Uint32 n = element->getLength();
  if (n == 0 || element->getUint8Array(bytes).bad() || !bytes) return false;
  if (std::strcmp(field.vr, "FD") == 0) return false;
  if (std::strcmp(field.vr, "US") == 0) { /* always little endian (PS3.5 6.2.2) */
    if (n < 2) return false;
    raw = std::to_string(bytes[0] | bytes[1] << 8).c_str();
    return true;
  }
  raw.assign(reinterpret_cast<const char *>(bytes), n);
  while (!raw.empty() && (raw[raw.size() - 1] == '\0' || raw[raw.size() - 1] == ' '))
    raw.erase(raw.size() - 1);
  return true;
}

static bool read_fields(const HilumDcmtkBytes &bytes, const char *inherited_charset,
                        char *values[HILUM_FIELD_COUNT], GError **error)
{
  hilum_dcmtk_init();
  DcmDataset dataset;
  const OFCondition status = hilum_dcmtk_parse(dataset, bytes,
                                               bytes.implicit_vr  ? EXS_LittleEndianImplicit
                                               : bytes.big_endian ? EXS_BigEndianExplicit
                                                                  : EXS_LittleEndianExplicit);
  if (status.bad()) {
    hilum_dcmtk_set_error(error, HILUM_DICOM_ERROR_READ, "its attributes cannot be read", status);
    return false;
  }
  OFString charset = inherited_charset ? inherited_charset : "";
  /* Elements come in ascending order of tags, the character set before all text. */
  for (DcmObject *object = nullptr; (object = dataset.nextInContainer(object)) != nullptr;) {
    DcmElement *element = dynamic_cast<DcmElement *>(object);
    const int f = hilum_field_find(HILUM_TAG(object->getGTag(), object->getETag()));
    OFString raw;
    if (!element || f < 0 || values[f] || !element_text(element, hilum_fields[f], raw) || raw.empty())
      continue;
    if (f == HILUM_FIELD_CHARSET) charset = raw;
    char *text = to_utf8(raw, hilum_fields[f].localised ? charset : OFString(),
                         std::strcmp(hilum_fields[f].vr, "PN") == 0 ? "\\^=" : "\\");
    if (*text)
      values[f] = text;
    else
      g_free(text);
  }
  return true;
}

bool hilum_dcmtk_read_fields(HilumDcmtkBytes bytes, const char *charset, char *values[HILUM_FIELD_COUNT],
                             GError **error)
{
  for (int f = 0; f < HILUM_FIELD_COUNT; f++)
    values[f] = nullptr;
  try {
    return read_fields(bytes, charset, values, error);
  } catch (const std::exception &e) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "its attributes cannot be read: %s",
                e.what());
  } catch (...) {
    g_set_error_literal(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ, "its attributes cannot be read");
  }
  return false;
}
