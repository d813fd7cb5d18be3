// OpenBLAS as Debian installs it (libopenblas-dev): CBLAS and the thread setting.
#include <cblas.h>
