/* What the example uses of ESP-IDF. */
static inline void vTaskDelay(unsigned ticks)
{
    (void)ticks;
    board_waits();
}
