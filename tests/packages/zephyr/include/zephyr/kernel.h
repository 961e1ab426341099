/* What the sample uses of Zephyr. */
#include <stdint.h>

#include "board.h"

static inline int32_t k_msleep(int32_t ms)
{
    board_waits();
    return ms;
}
