// Model files in the read-only data of the binary. A further one is one #embed and one line in the table.
#include "CModels.h"

// The compiler that comes with Swift has #embed in every C mode.
#pragma clang diagnostic ignored "-Wc23-extensions"

// 64-byte alignment, so that a tensor that is aligned in its file is aligned in memory.
static const _Alignas(64) unsigned char compact[] = {
#embed "compact.safetensors"
};

static const cmodels_file files[] = {
    {"compact", compact, sizeof compact},
};

size_t cmodels_count(void) { return sizeof files / sizeof files[0]; }

cmodels_file cmodels_at(size_t index) {
  return index < cmodels_count() ? files[index] : (cmodels_file){NULL, NULL, 0};
}
