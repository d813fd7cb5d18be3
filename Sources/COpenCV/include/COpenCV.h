// The C face of OpenCV: everything that this package asks of it, callable from Swift, one header for each job.
// The conventions that all share are in COpenCVStatus.h.

#ifndef COPENCV_H
#define COPENCV_H

#include "COpenCVDrawing.h"
#include "COpenCVEstimation.h"
#include "COpenCVFeatures.h"
#include "COpenCVResize.h"
#include "COpenCVStatus.h"

#endif
