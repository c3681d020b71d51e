/* JPEG 2000 and HTJ2K through OpenJPEG. One slice at a time, one thread each: slices are what is spread over
 * the cores. Any thread. */
#pragma once

#include "pixels.h"

#include <glib.h>

/* Decodes one frame of `columns` x `rows` greyscale samples into words as `format` says they would stand in
 * an uncompressed file. Where codestream and attributes disagree:
 * - size, number of components, and a precision above BitsAllocated are refused before anything is allocated;
 * - unsigned samples where the attributes say signed: as many bits as BitsStored are read as two's complement
 *   (the encoder was handed the words as they stood); with another precision values of half its range and
 * more could mean two things and are refused;
 * - signed samples where the attributes say unsigned: negative ones are refused, and so is every value that
 *   BitsStored bits cannot hold.
 * Any complaint of the decoder is an error: a picture that is partly made up looks like a picture. */
bool hilum_jpeg2000_decode(const uint8_t *bytes, size_t n, uint32_t columns, uint32_t rows,
                           const HilumPixelFormat *format, int16_t *words, GError **error);
