/* Draws a digit a second. */
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#include "digit.h"

void app_main(void)
{
    for (uint64_t seed = 1; digit_print(seed); seed++)
        vTaskDelay(pdMS_TO_TICKS(1000));
}
