/* What the fuzz harnesses share: bytes as files in a folder of their own (in memory where the system has
 * /dev/shm), because every reader of Hilum takes a path. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The folder, made when first asked for and removed at exit. Borrowed. */
const char *fuzz_folder(void);
/* Writes `name` in that folder; its path, valid until the next call. */
const char *fuzz_write(const char *name, const uint8_t *data, size_t size);
void fuzz_remove(const char *name);
/* Aborts unless a success came without an error, or a failure with one. */
void fuzz_expect(bool good, const GError *error);
