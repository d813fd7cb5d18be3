// The points of F(4, 3): 0, +-A, +-B and infinity. Of the pairs tried (1 and 2, 1/2 and 1, 1/2 and 3/2, 3/4 and 3/2,
// square roots, ...) these halve the rounding error of the usual 1 and 2, to twice that of the direct sum (root mean
// square over 128 channels), and they and their squares are exact in binary.
#ifndef WINOGRAD_POINTS_H
#define WINOGRAD_POINTS_H

#define POINT_A 0.625f
#define POINT_B 1.5f
#define SQUARE_A (POINT_A * POINT_A)
#define SQUARE_B (POINT_B * POINT_B)
#define CUBE_A (SQUARE_A * POINT_A)
#define CUBE_B (SQUARE_B * POINT_B)

#endif
