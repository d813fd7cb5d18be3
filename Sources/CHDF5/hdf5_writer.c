// HDF5 through dlopen. Prototypes come from the headers, so the compiler checks the calls; a library whose version
// differs from the headers' is refused.

#include "CHDF5.h"

#include <dlfcn.h>
#include <hdf5.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

// The functions used, under the names that the headers' macros expand to.
#define FUNCTIONS(use)                                                                                      \
  use(H5open) use(H5get_libversion) use(H5Eset_auto2) use(H5Fcreate) use(H5Fclose) use(H5Pcreate)           \
  use(H5Pclose) use(H5Pset_create_intermediate_group) use(H5Pset_char_encoding) use(H5Pset_obj_track_times) \
  use(H5Screate_simple) use(H5Sclose) use(H5Dcreate2) use(H5Dwrite) use(H5Dclose)

// Ids of types and property lists, which H5open fills in.
#define CONSTANTS(use)                                                                                       \
  use(H5T_IEEE_F32LE_g) use(H5T_STD_I32LE_g) use(H5T_NATIVE_FLOAT_g) use(H5T_NATIVE_INT32_g)                 \
  use(H5P_CLS_LINK_CREATE_ID_g) use(H5P_CLS_DATASET_CREATE_ID_g)

static struct {
#define FIELD(name) __typeof__(&name) name;
  FUNCTIONS(FIELD)
#undef FIELD
#define FIELD(name) hid_t name;
  CONSTANTS(FIELD)
#undef FIELD
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char load_failure[256];

static void load(void) {
  // Debian 12 and 13 first, then other distributions.
  static const char *const names[] = {"libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so",
                                      "libhdf5.so.103", "libhdf5.so.200", "libhdf5.so.310", "libhdf5.so"};
  void *handle = NULL;
  for (size_t index = 0; handle == NULL && index < sizeof names / sizeof *names; index++)
    handle = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    snprintf(load_failure, sizeof load_failure, "no %s", names[0]);
    return;
  }
#define FIND(name)                                                                      \
  if ((*(void **)&library.name = dlsym(handle, #name)) == NULL) {                       \
    snprintf(load_failure, sizeof load_failure, "it has no function %s", #name);        \
    return;                                                                             \
  }
  FUNCTIONS(FIND)
#undef FIND
  unsigned major = 0, minor = 0, release = 0;
  if (library.H5get_libversion(&major, &minor, &release) < 0 || major != H5_VERS_MAJOR || minor != H5_VERS_MINOR) {
    snprintf(
        load_failure, sizeof load_failure, "it is version %u.%u, this program needs %d.%d", major, minor, H5_VERS_MAJOR,
        H5_VERS_MINOR);
    return;
  }
  // Keeps libhdf5 from printing its error stack.
  if (library.H5open() < 0 || library.H5Eset_auto2(H5E_DEFAULT, NULL, NULL) < 0) {
    snprintf(load_failure, sizeof load_failure, "it does not start");
    return;
  }
#define FIND(name)                                                                      \
  {                                                                                     \
    const hid_t *place = dlsym(handle, #name);                                          \
    if (place == NULL) {                                                                \
      snprintf(load_failure, sizeof load_failure, "it has no constant %s", #name);      \
      return;                                                                           \
    }                                                                                   \
    library.name = *place;                                                              \
  }
  CONSTANTS(FIND)
#undef FIND
}

// H5F_ACC_TRUNC, whose macro would also call the linked library.
static const unsigned create_or_empty = 0x0002u;

struct chdf5_file {
  hid_t file;
  hid_t link_settings;     // creates missing groups, UTF-8 names
  hid_t dataset_settings;  // no timestamps: equal content gives equal bytes
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void chdf5_lock(void) { pthread_mutex_lock(&mutex); }

void chdf5_unlock(void) { pthread_mutex_unlock(&mutex); }

static herr_t release(chdf5_file *file) {
  herr_t status = 0;
  if (file->link_settings >= 0) library.H5Pclose(file->link_settings);
  if (file->dataset_settings >= 0) library.H5Pclose(file->dataset_settings);
  if (file->file >= 0) status = library.H5Fclose(file->file);
  free(file);
  return status;
}

static chdf5_status failed(const char *what, char *reason, size_t reason_size) {
  snprintf(reason, reason_size, "libhdf5 cannot %s", what);
  return CHDF5_FAILED;
}

chdf5_status chdf5_create(const char *path, chdf5_file **result, char *reason, size_t reason_size) {
  pthread_once(&once, load);
  if (load_failure[0] != 0) {
    snprintf(reason, reason_size, "%s", load_failure);
    return CHDF5_NO_LIBRARY;
  }
  chdf5_file *file = malloc(sizeof *file);
  if (file == NULL) return failed("get memory", reason, reason_size);
  chdf5_lock();
  file->file = library.H5Fcreate(path, create_or_empty, H5P_DEFAULT, H5P_DEFAULT);
  file->link_settings = library.H5Pcreate(library.H5P_CLS_LINK_CREATE_ID_g);
  file->dataset_settings = library.H5Pcreate(library.H5P_CLS_DATASET_CREATE_ID_g);
  const bool is_ready = file->file >= 0 && file->link_settings >= 0 && file->dataset_settings >= 0 &&
                        library.H5Pset_create_intermediate_group(file->link_settings, 1) >= 0 &&
                        library.H5Pset_char_encoding(file->link_settings, H5T_CSET_UTF8) >= 0 &&
                        library.H5Pset_obj_track_times(file->dataset_settings, 0) >= 0;
  if (!is_ready) release(file);
  chdf5_unlock();
  if (!is_ready) return failed("create the file", reason, reason_size);
  *result = file;
  return CHDF5_OK;
}

static chdf5_status write_table(
    chdf5_file *file, const char *path, hid_t stored, hid_t given, const void *values, size_t rows, size_t columns,
    char *reason, size_t reason_size) {
  const hsize_t extents[2] = {rows, columns};
  chdf5_lock();
  const hid_t space = library.H5Screate_simple(columns == 0 ? 1 : 2, extents, NULL);
  const hid_t table = space < 0 ? -1
                                : library.H5Dcreate2(
                                      file->file, path, stored, space, file->link_settings, file->dataset_settings,
                                      H5P_DEFAULT);
  herr_t status = table < 0 ? -1 : 0;
  if (table >= 0 && rows > 0) status = library.H5Dwrite(table, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  if (table >= 0 && library.H5Dclose(table) < 0) status = -1;
  if (space >= 0) library.H5Sclose(space);
  chdf5_unlock();
  return status < 0 ? failed("write a table", reason, reason_size) : CHDF5_OK;
}

chdf5_status chdf5_write_floats(
    chdf5_file *file, const char *path, const float *values, size_t rows, size_t columns, char *reason,
    size_t reason_size) {
  return write_table(
      file, path, library.H5T_IEEE_F32LE_g, library.H5T_NATIVE_FLOAT_g, values, rows, columns, reason, reason_size);
}

chdf5_status chdf5_write_integers(
    chdf5_file *file, const char *path, const int32_t *values, size_t rows, size_t columns, char *reason,
    size_t reason_size) {
  return write_table(
      file, path, library.H5T_STD_I32LE_g, library.H5T_NATIVE_INT32_g, values, rows, columns, reason, reason_size);
}

static herr_t close_file(chdf5_file *file) {
  chdf5_lock();
  const herr_t status = release(file);
  chdf5_unlock();
  return status;
}

chdf5_status chdf5_close(chdf5_file *file, char *reason, size_t reason_size) {
  return close_file(file) < 0 ? failed("write the file to its end", reason, reason_size) : CHDF5_OK;
}

void chdf5_abandon(chdf5_file *file) { close_file(file); }
