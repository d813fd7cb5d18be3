// Working memory of one window's alignment, shared by the variants of the kernel.
#ifndef CK_ALIGNMENT_SCRATCH_H
#define CK_ALIGNMENT_SCRATCH_H

#include "CKAlignment.h"

enum {
  PARAMETERS = 8,     // shift (2), affine (4), gain, offset
  MOST_ROWS = 2 * CK_ALIGNMENT_LARGEST_RADIUS + 1,
  MOST_LANES = 32,
  MOST_PIXELS = MOST_ROWS * MOST_LANES,
  LARGEST_PATCH = 112,  // widest patch of pixels under a window and its filter; a multiple of every vector
  SLACK = 64,           // floats that whole vectors may read or write beyond a patch
};

// Planes over the window: `rows` of `lanes` floats, lanes beyond the window have weight 0.
typedef struct alignment_scratch {
  float weight[MOST_PIXELS], value[MOST_PIXELS];
  float column[PARAMETERS][MOST_PIXELS];    // of the Jacobian; 6 is the template less its mean, 7 is one
  float weighted[PARAMETERS][MOST_PIXELS];  // the same times the weight
  float coefficients[LARGEST_PATCH * LARGEST_PATCH + SLACK];
  float pixels[LARGEST_PATCH * LARGEST_PATCH + SLACK];
  float filtered[LARGEST_PATCH * LARGEST_PATCH + SLACK];
} alignment_scratch;

#endif
