// OpenSSL's libcrypto of the system, for SHA-256.
#include <openssl/evp.h>
