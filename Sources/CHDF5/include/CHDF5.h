// Writing HDF5 files: tables of numbers under paths. libhdf5 is loaded when the first file is created, not when the
// program starts: it brings 34 libraries (curl among them), and start-up time counts.
// Functions with a status return 0, or the status with its reason in the caller's buffer. They may be called from any
// thread, as libhdf5 itself may not: they take turns.

#ifndef CHDF5_H
#define CHDF5_H

#include <stddef.h>
#include <stdint.h>

typedef enum chdf5_status {
  CHDF5_OK = 0,
  CHDF5_NO_LIBRARY = 1,  // libhdf5 is not installed, or of another version than this program was built with
  CHDF5_FAILED = 2       // libhdf5 refused
} chdf5_status;

// An open file; closed by chdf5_close or freed by chdf5_abandon.
typedef struct chdf5_file chdf5_file;

// Creates a file, or empties it.
chdf5_status chdf5_create(const char *path, chdf5_file **file, char *reason, size_t reason_size);

// Writes a table of `rows` x `columns` under `path` ("group/group/name", missing groups are made, UTF-8);
// `columns` 0: a list of `rows`. Little-endian in the file.
chdf5_status chdf5_write_floats(
    chdf5_file *file, const char *path, const float *values, size_t rows, size_t columns, char *reason,
    size_t reason_size);
chdf5_status chdf5_write_integers(
    chdf5_file *file, const char *path, const int32_t *values, size_t rows, size_t columns, char *reason,
    size_t reason_size);

// Writes everything and frees `file`.
chdf5_status chdf5_close(chdf5_file *file, char *reason, size_t reason_size);

// Frees `file` after a failure.
void chdf5_abandon(chdf5_file *file);

// For whoever else uses libhdf5 in this process: nothing of the above calls it between the two.
void chdf5_lock(void);
void chdf5_unlock(void);

#endif
