// Drawing on a BGR canvas of 8 bits (drawing.cpp).

#ifndef COPENCVDRAWING_H
#define COPENCVDRAWING_H

#include "COpenCVStatus.h"

#ifdef __cplusplus
extern "C" {
#endif

// A thick anti-aliased line with round ends; with both ends equal it is a filled circle.
typedef struct cocv_stroke {
  float x0, y0, x1, y1;  // pixels
  float radius;          // half the width, pixels
  uint8_t blue, green, red;
  float opacity;         // 0...1
} cocv_stroke;

// Draws the strokes in order, each blended over what is there. Sub-pixel accurate; clipped to the canvas.
cocv_status cocv_draw_strokes(
    uint8_t *canvas, int32_t width, int32_t height, const cocv_stroke *strokes, size_t count, char *reason,
    size_t reason_size) COCV_NOEXCEPT;

// The extent of a line of text: `text_height` above the base line, `base_line` below it.
cocv_status cocv_text_size(
    const char *text, double scale, int32_t thickness, int32_t *text_width, int32_t *text_height,
    int32_t *base_line, char *reason, size_t reason_size) COCV_NOEXCEPT;

// Draws a line of ASCII text (Hershey sans-serif, 22 px high at scale 1), (x, y) is the left end of its base line.
cocv_status cocv_draw_text(
    uint8_t *canvas, int32_t width, int32_t height, const char *text, int32_t x, int32_t y, double scale,
    int32_t thickness, uint8_t blue, uint8_t green, uint8_t red, char *reason, size_t reason_size)
    COCV_NOEXCEPT;

// Copies a BGR picture into the canvas with its first pixel at (x, y); what lies outside is cut off.
cocv_status cocv_paste(
    uint8_t *canvas, int32_t width, int32_t height, const uint8_t *picture, int32_t picture_width,
    int32_t picture_height, int32_t x, int32_t y, char *reason, size_t reason_size) COCV_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
