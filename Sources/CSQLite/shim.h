// SQLite of the system: the database file that COLMAP reads.
#include <sqlite3.h>
