#include <sqlite3.h>

// sqlite3_config takes a variable number of arguments, which Swift cannot call.
//
// Counting memory takes one lock around every allocation of every connection, and nobody reads the count.
static inline int linli_sqlite_stop_counting_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
