/* What the example uses of ESP-IDF. */
#include "board.h"

#define pdMS_TO_TICKS(ms) (ms)
