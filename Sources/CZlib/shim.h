// zlib of the system: inflate and CRC-32 for the members of zip archives. Its input is not written to.
#define ZLIB_CONST
#include <zlib.h>
