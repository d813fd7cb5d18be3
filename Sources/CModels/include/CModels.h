// The model files that travel inside the binary.
#ifndef CMODELS_H
#define CMODELS_H

#include <stddef.h>

// An embedded model file, byte for byte the file of that name beside the source.
typedef struct cmodels_file {
  const char *name;  // without the extension
  const unsigned char *bytes;
  size_t count;
} cmodels_file;

// The embedded models, the default one first; index runs from 0 to cmodels_count() - 1.
size_t cmodels_count(void);
cmodels_file cmodels_at(size_t index);

#endif
