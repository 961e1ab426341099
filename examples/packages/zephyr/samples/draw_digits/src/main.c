/* Draws a digit a second. */
#include <zephyr/kernel.h>

#include "digit.h"

int main(void)
{
    for (uint64_t seed = 1; digit_print(seed); seed++)
        k_msleep(1000);
    return 0;
}
