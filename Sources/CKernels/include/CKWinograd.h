// Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray 2016, section 4.1): a 3x3 convolution at stride 1 computes
// 4x4 outputs from 6x6 inputs with 36 products per channel pair instead of 144.
//
// Inputs, kernels and outputs are transformed tile by tile; in between, each of the 36 positions in a tile is a matrix
// product over channels (see CKProduct.h). Position p of tile t is at p * place_stride + t * tile_stride.
#ifndef CK_WINOGRAD_H
#define CK_WINOGRAD_H

#include "CKProduct.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CK_WINOGRAD_PLACES = 36, CK_WINOGRAD_TILE = 4 };

// Tiles first ..< first + count of a map, row-major.
typedef struct ck_winograd_tiles {
  ptrdiff_t height, width;            // of the map that is read (input) or written (output)
  ptrdiff_t channels;                 // at least a vector's width
  ptrdiff_t padding;                  // zeros around the input
  ptrdiff_t across;                   // tiles in a row of tiles
  ptrdiff_t first, count;
  ptrdiff_t place_stride, tile_stride;
} ck_winograd_tiles;

// Transforms the tiles' inputs. scratch holds 36 * channels floats, for tiles that extend beyond the map.
void ck_winograd_input(ck_instructions instructions, const float *map, const ck_winograd_tiles *tiles, float *scratch,
                       float *transformed);

// Transforms products into output pixels: activation(output + bias + residual), residual laid out as the output map, or
// NULL.
void ck_winograd_output(ck_instructions instructions, const float *products, const ck_winograd_tiles *tiles,
                        const float *bias, const float *residual, ck_activation activation, float *output);

// Transforms kernels (outputs, inputs, 3, 3), in double precision throughout, into 36 matrices (inputs, outputs),
// place_stride apart.
void ck_winograd_kernels(const double *kernels, ptrdiff_t inputs, ptrdiff_t outputs, ptrdiff_t place_stride,
                         float *transformed);

#ifdef __cplusplus
}
#endif

#endif
