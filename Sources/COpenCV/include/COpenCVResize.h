// Pictures at another size (image_resize.cpp).

#ifndef COPENCVRESIZE_H
#define COPENCVRESIZE_H

#include "COpenCVStatus.h"

#ifdef __cplusplus
extern "C" {
#endif

// Resizes into `output` (output_width x output_height, channels and depth of `info`). Each axis that shrinks
// averages the source area, each axis that grows interpolates linearly; both map x to (x+0.5)*s-0.5.
cocv_status cocv_resize(
    const void *pixels, cocv_image_info info, void *output, int32_t output_width, int32_t output_height,
    char *reason, size_t reason_size) COCV_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
