/* Decoding one compressed frame, straight into a buffer that C allocated. */
#include "dcmtk_private.hpp"

#include <dcmtk/dcmdata/dcpixel.h>

#include <exception>

static bool decode(const HilumDcmtkBytes &bytes, const char *syntax_uid, void *out, size_t capacity,
                   GError **error)
{
  hilum_dcmtk_init();
  const DcmXfer syntax(syntax_uid);
  if (syntax.getXfer() == EXS_Unknown || !syntax.isEncapsulated() || capacity > G_MAXUINT32) {
    g_set_error_literal(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_UNSUPPORTED,
                        "its compression is not supported");
    return false;
  }
  DcmDataset dataset;
  OFCondition status = hilum_dcmtk_parse(dataset, bytes, syntax.getXfer());
  DcmElement *element = nullptr;
  if (status.good()) status = dataset.findAndGetElement(DCM_PixelData, element);
  DcmPixelData *pixels = status.good() ? dynamic_cast<DcmPixelData *>(element) : nullptr;
  if (status.good() && !pixels) status = EC_IllegalCall;
  if (status.good()) {
    Uint32 fragment = 0;
    OFString colour_model;
    status =
        pixels->getUncompressedFrame(&dataset, 0, fragment, out, static_cast<Uint32>(capacity), colour_model);
  }
  if (status.bad()) {
    hilum_dcmtk_set_error(error, HILUM_DICOM_ERROR_READ, "its compressed pixels cannot be decoded", status);
    return false;
  }
  return true;
}

bool hilum_dcmtk_decode(HilumDcmtkBytes dataset, const char *syntax_uid, void *out, size_t capacity,
                        GError **error)
{
  try {
    return decode(dataset, syntax_uid, out, capacity, error);
  } catch (const std::exception &e) {
    g_set_error(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                "its compressed pixels cannot be decoded: %s", e.what());
  } catch (...) {
    g_set_error_literal(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_READ,
                        "its compressed pixels cannot be decoded");
  }
  return false;
}
