/* Enhanced and legacy-converted multi-frame objects: every frame becomes a record of its own, with the
 * attributes that its functional groups and the object give it, and with its own part of the pixels. From
 * there on frames are sorted, split into stacks and time points, judged and loaded like single images. */
#pragma once

#include "layout.h"
#include "record.h"

/* Fills file->parts if the file is such an object; sets file->frames_problem if it is one and its frames
 * cannot be told apart. `fd` is the open file. */
void hilum_frames_split(HilumRecord *file, const HilumLayout *layout, int fd);
