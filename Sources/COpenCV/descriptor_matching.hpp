// Exact nearest neighbours between two sets of descriptors, with ratio test and mutual check.
// Declared here for features.cpp; cocv_match_descriptors is the same for descriptors of the caller's own.

#ifndef COPENCV_DESCRIPTOR_MATCHING_HPP
#define COPENCV_DESCRIPTOR_MATCHING_HPP

#include <vector>

#include "guard.hpp"

namespace cocv {

/// A row of the first set, its nearest row of the second, and 1 - (nearest distance / second nearest distance).
struct DescriptorMatch {
  int index0, index1;
  double score;
};

/// Rows are descriptors, of one length: CV_32F compares them by Euclidean, CV_8U by Hamming distance (in bits).
/// The matches come in the order of index0, the same on any number of threads.
std::vector<DescriptorMatch> match_descriptors(
    const cv::Mat &descriptors0, const cv::Mat &descriptors1, double ratio, bool mutual, int threads);

}  // namespace cocv

#endif
