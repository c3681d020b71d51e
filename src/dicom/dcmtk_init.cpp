/* Bringing DCMTK up, and what the other bridge files share. */
#include "dcmtk_private.hpp"

#include <dcmtk/dcmdata/dcdicent.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

#include <mutex>

/* Implicit files name no types: without DCMTK's dictionary the attributes of fields.h still have theirs. */
static void ensure_dictionary()
{
  if (dcmDataDict.isDictionaryLoaded()) return;
  DcmDataDictionary &dictionary = dcmDataDict.wrlock();
  for (const HilumFieldInfo &field : hilum_fields)
    dictionary.addEntry(new DcmDictEntry(static_cast<Uint16>(field.tag >> 16),
                                         static_cast<Uint16>(field.tag & 0xFFFF), DcmVR(field.vr), "Hilum", 1,
                                         DcmVariableVM, "hilum", OFTrue, nullptr));
  dcmDataDict.wrunlock();
}

void hilum_dcmtk_init()
{
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    ensure_dictionary();
    DcmRLEDecoderRegistration::registerCodecs();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

OFCondition hilum_dcmtk_parse(DcmDataset &dataset, const HilumDcmtkBytes &bytes, E_TransferSyntax syntax)
{
  if (bytes.n == 0) return EC_Normal;
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.bytes, static_cast<offile_off_t>(bytes.n));
  stream.setEos();
  dataset.transferInit();
  OFCondition status = dataset.read(stream, syntax, EGL_noChange, DCM_MaxReadLength);
  dataset.transferEnd();
  return status == EC_EndOfStream ? EC_Normal : status;
}

void hilum_dcmtk_set_error(GError **error, HilumDicomError code, const char *what, const OFCondition &status)
{
  g_set_error(error, HILUM_DICOM_ERROR, code, "%s: %s", what, status.text());
}
