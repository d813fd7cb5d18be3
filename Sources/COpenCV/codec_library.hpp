// OpenCV's imgcodecs, loaded when the first picture is read or written. Debian's build of it draws in GDAL and about
// 100 more shared libraries, which take four fifths of the start-up time of a program that may only want --help.

#ifndef COPENCV_CODEC_LIBRARY_HPP
#define COPENCV_CODEC_LIBRARY_HPP

#include <vector>

#include <opencv2/core.hpp>

namespace cocv {

/// The two functions of imgcodecs that the shim calls.
struct CodecLibrary {
  cv::Mat (*decode)(cv::InputArray bytes, int flags);
  bool (*encode)(
      const cv::String &extension, cv::InputArray picture, std::vector<uchar> &bytes, const std::vector<int> &settings);
};

/// The library, loaded by the first call on any thread. Throws `Failure` (COCV_NO_CODECS) if it cannot be loaded;
/// the next call tries again.
const CodecLibrary &codec_library();

}  // namespace cocv

#endif
