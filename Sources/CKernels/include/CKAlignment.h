// Least-squares matching: aligns a window of one grey picture with another picture under an affine map, a gain and an
// offset (Gruen 1985), in the inverse-compositional form (Baker and Matthews 2004): gradients and the normal matrix are
// the template's, so each is computed once a window.
//
// Pictures are interpolated by cubic B-splines. Their coefficients come from a symmetric filter over the few pixels
// around the window, which also smooths, so neither picture is prepared or copied as a whole.
#ifndef CK_ALIGNMENT_H
#define CK_ALIGNMENT_H

#include "CKProduct.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  CK_ALIGNMENT_LARGEST_RADIUS = 15,
  CK_ALIGNMENT_TAPS = 6,      // taps of the filter on either side of its centre
  CK_ALIGNMENT_FILTERS = 33,  // filters of a table
};

// Grey values of 1 or 2 bytes, row-major without gaps; a value times `unit` is a grey level of 0 to 255.
typedef struct ck_picture {
  const void *pixels;
  ptrdiff_t width, height, bytes;
  float unit;
} ck_picture;

// What all windows of a run share.
typedef struct ck_alignment_settings {
  ptrdiff_t radius;   // the window is 2 * radius + 1 pixels wide, at most CK_ALIGNMENT_LARGEST_RADIUS
  ptrdiff_t steps;    // most steps
  float deviation;    // of the Gaussian weight, pixels of the template
  float converged;    // a last step shorter than this has converged, pixels of the other picture
  float correlated;   // factor of the residuals' variance, since those of neighbouring pixels go together
  // filters[i]: from pixels to the coefficients of a picture smoothed by a Gaussian whose variance is that of
  // `least` plus i / 8 pixels^2 (ck_alignment_filters).
  float filters[CK_ALIGNMENT_FILTERS][CK_ALIGNMENT_TAPS + 1];
} ck_alignment_settings;

// Fills the table of filters. `least` is the deviation of the smoothing that every window gets, in pixels.
void ck_alignment_filters(double least, ck_alignment_settings *settings);

typedef enum ck_alignment_status {
  CK_ALIGNMENT_CONVERGED = 0,
  CK_ALIGNMENT_NOT_CONVERGED = 1,  // the steps did not suffice; the point is where they led
  CK_ALIGNMENT_OUTSIDE = 2,        // half of the window or more lies beyond a border
  CK_ALIGNMENT_FLAT = 3,           // too little contrast, or none along some direction
  CK_ALIGNMENT_DIVERGED = 4,       // left its surroundings, or the map degenerated, or the input is not finite
} ck_alignment_status;

// One window. (template_x, template_y) stays; (x, y) and map are the start and, after it, the result: pixel
// template + g of the template is pixel (x, y) + map * g of the other picture. All in pixels, centres at integers.
typedef struct ck_alignment {
  double template_x, template_y;
  double x, y, map[4];  // map row by row: xx, xy, yx, yy
  float give;           // deviation of the map from its start, pixels of the template at the window's edge; 0: any
  // Results
  double covariance[3];  // xx, xy, yy of (x, y), were residuals independent from pixel to pixel
  float correlation_before, correlation;  // weighted correlation coefficient of the windows
  float residual;        // weighted root mean square of the residuals, grey levels of the template
  float gain;            // contrast of the template's window over the other's
  float inside;          // share of the window's weight inside both pictures
  float last_step;
  ptrdiff_t steps;
  ck_alignment_status status;
} ck_alignment;

// Bytes of working memory that ck_align needs, aligned to 64.
ptrdiff_t ck_alignment_scratch(void);

// template_filters and filters: indices into the table for x and y of either picture.
void ck_align(ck_instructions instructions, const ck_picture *template_picture, const ck_picture *picture,
              const ck_alignment_settings *settings, const ptrdiff_t template_filters[2],
              const ptrdiff_t filters[2], ck_alignment *window, void *scratch);

// rows first ..< first + count of half the picture, ((width + 1) / 2, (height + 1) / 2): every pixel the mean of 4 x 4
// around it, weights 1 3 3 1, in 16 bits of which the greatest value is that of the picture's own depth.
void ck_halve(const ck_picture *picture, ptrdiff_t first, ptrdiff_t count, uint16_t *half);

#ifdef __cplusplus
}
#endif

#endif
