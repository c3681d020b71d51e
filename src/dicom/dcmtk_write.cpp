/* Composing a DICOM file in memory; the caller puts it on disk whole or not at all. */
#include "dcmtk_private.hpp"

#include <dcmtk/dcmdata/dcostrmb.h>

#include <exception>
#include <vector>

static GBytes *write_image(const HilumDcmtkAttribute *attributes, size_t n_attributes, const int16_t *pixels,
                           size_t n_pixels, GError **error)
{
  hilum_dcmtk_init();
  DcmFileFormat file;
  DcmDataset *dataset = file.getDataset();
  OFCondition status = EC_Normal;
  size_t bytes = n_pixels * sizeof *pixels + 4096;
  for (size_t i = 0; i < n_attributes && status.good(); i++) {
    const HilumDcmtkAttribute &a = attributes[i];
    const char *value = a.value ? a.value : "";
    const DcmTag tag(static_cast<Uint16>(a.tag >> 16), static_cast<Uint16>(a.tag & 0xFFFF), DcmVR(a.vr));
    bytes += strlen(value) + 16;
    status = *value ? dataset->putAndInsertString(tag, value) : dataset->insertEmptyElement(tag);
  }
  if (status.good())
    status = dataset->putAndInsertUint16Array(DcmTag(DcmTagKey(0x7FE0, 0x0010), DcmVR(EVR_OW)),
                                              reinterpret_cast<const Uint16 *>(pixels), n_pixels);
  std::vector<Uint8> buffer(bytes + bytes % 2);
  DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
  if (status.good()) {
    file.transferInit();
    status =
        file.write(stream, EXS_LittleEndianExplicit, EET_ExplicitLength, nullptr, EGL_recalcGL, EPD_noChange);
    file.transferEnd();
  }
  if (status.bad()) {
    hilum_dcmtk_set_error(error, HILUM_DICOM_ERROR_WRITE, "the image could not be composed", status);
    return nullptr;
  }
  void *data = nullptr;
  offile_off_t n = 0;
  stream.flushBuffer(data, n);
  return g_bytes_new(data, static_cast<gsize>(n));
}

GBytes *hilum_dcmtk_write_image(const HilumDcmtkAttribute *attributes, size_t n_attributes,
                                const int16_t *pixels, size_t n_pixels, GError **error)
{
  try {
    return write_image(attributes, n_attributes, pixels, n_pixels, error);
  } catch (const std::exception &e) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_WRITE, "the image could not be composed: %s",
                e.what());
  } catch (...) {
    g_set_error_literal(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_WRITE, "the image could not be composed");
  }
  return nullptr;
}
