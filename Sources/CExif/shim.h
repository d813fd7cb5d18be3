// libexif of the system: focal length and orientation of a photo.
#include <libexif/exif-data.h>
#include <libexif/exif-utils.h>
