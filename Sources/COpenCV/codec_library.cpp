// Finds imgcodecs by the name that its own version gives it, so that it fits the OpenCV that this was compiled for.

#include "codec_library.hpp"

#include <dlfcn.h>

#include <string>

#include <opencv2/imgcodecs.hpp>

#include "guard.hpp"

namespace cocv {
namespace {

#define COCV_TEXT_OF(value) #value
#define COCV_TEXT(macro) COCV_TEXT_OF(macro)

// ".so.406" for 4.6, as Debian and OpenCV's own build name it since 4.5.2; ".so.4.5" before.
std::string current_name() {
  const std::string minor = COCV_TEXT(CV_VERSION_MINOR);
  return "libopencv_imgcodecs.so." COCV_TEXT(CV_VERSION_MAJOR) + (minor.size() < 2 ? "0" + minor : minor);
}
constexpr const char *former_name =
    "libopencv_imgcodecs.so." COCV_TEXT(CV_VERSION_MAJOR) "." COCV_TEXT(CV_VERSION_MINOR);

// The names under which the C++ ABI of GCC and Clang exports the functions. That the headers declare functions of
// these very types is checked by the compiler; that a library has them, when it is loaded.
constexpr const char *decode_symbol = "_ZN2cv8imdecodeERKNS_11_InputArrayEi";
constexpr const char *encode_symbol =
    "_ZN2cv8imencodeERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEERKNS_11_InputArrayERSt6vectorIhSaIhEE"
    "RKSB_IiSaIiEE";
using Decode = decltype(CodecLibrary::decode);
using Encode = decltype(CodecLibrary::encode);
static_assert(sizeof(static_cast<Decode>(&cv::imdecode)) > 0, "imdecode has another type");
static_assert(sizeof(static_cast<Encode>(&cv::imencode)) > 0, "imencode has another type");

[[noreturn]] void fail(const std::string &name, const char *detail) {
  throw Failure{COCV_NO_CODECS, detail == nullptr ? name + " does not load" : detail};
}

void *symbol(void *library, const std::string &library_name, const char *name) {
  void *const found = dlsym(library, name);
  if (found == nullptr) fail(library_name, dlerror());
  return found;
}

CodecLibrary load() {
  const std::string name = current_name();
  // Never unloaded: pictures and exceptions of its own making may outlive any one call.
  void *library = dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    const char *const error = dlerror();
    const std::string detail = error == nullptr ? name : error;
    library = dlopen(former_name, RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) fail(name, detail.c_str());
  }
  return CodecLibrary{
      reinterpret_cast<Decode>(symbol(library, name, decode_symbol)),
      reinterpret_cast<Encode>(symbol(library, name, encode_symbol))};
}

}  // namespace

const CodecLibrary &codec_library() {
  static const CodecLibrary library = load();
  return library;
}

}  // namespace cocv
