// Writes HDF5 files: tables of numbers under paths. libhdf5 is loaded when the first file is created, not at startup:
// it brings 34 libraries (curl among them).
// Functions return 0, or an error status with its reason in the caller's buffer. They lock, so unlike libhdf5 itself
// they may be called from any thread.

#ifndef CHDF5_H
#define CHDF5_H

#include <stddef.h>
#include <stdint.h>

typedef enum chdf5_status {
  CHDF5_OK = 0,
  CHDF5_NO_LIBRARY = 1,  // libhdf5 is missing, or not the version that this program was built with
  CHDF5_FAILED = 2       // libhdf5 reported an error
} chdf5_status;

// An open file, freed by chdf5_close or chdf5_abandon.
typedef struct chdf5_file chdf5_file;

// Creates or truncates a file.
chdf5_status chdf5_create(const char *path, chdf5_file **file, char *reason, size_t reason_size);

// Writes a table of `rows` x `columns`, or with `columns` 0 a list of `rows`, under `path` ("group/group/name", UTF-8;
// missing groups are created). Little-endian in the file.
chdf5_status chdf5_write_floats(
    chdf5_file *file, const char *path, const float *values, size_t rows, size_t columns, char *reason,
    size_t reason_size);
chdf5_status chdf5_write_integers(
    chdf5_file *file, const char *path, const int32_t *values, size_t rows, size_t columns, char *reason,
    size_t reason_size);

// Writes everything to disk and frees `file`.
chdf5_status chdf5_close(chdf5_file *file, char *reason, size_t reason_size);

// Frees `file` after a failure.
void chdf5_abandon(chdf5_file *file);

// For other users of libhdf5 in this process: between these two, the functions above do not call it.
void chdf5_lock(void);
void chdf5_unlock(void);

#endif
