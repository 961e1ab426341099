#include "digit.h"

#include <pixelrnn.h>
#include <stdio.h>

#include "model.h" /* another one: pixelrnn embed MODEL.prnn --name model -o model.h */

#define WIDTH 28
#define HEIGHT 28

static pixelrnn_model digits;
static pixelrnn_stream stream;
static pixelrnn_generator generator;
static uint32_t state[MODEL_STATE_WORDS(WIDTH)];

static bool good(pixelrnn_result result)
{
    if (result != PIXELRNN_OK)
        puts(pixelrnn_error_text(result));
    return result == PIXELRNN_OK;
}

bool digit_print(uint64_t seed)
{
    bool begun = good(pixelrnn_model_load(&digits, model, MODEL_BYTES)) && good(pixelrnn_seed(&generator, seed)) &&
                 good(pixelrnn_begin(&stream, &digits, WIDTH, HEIGHT, state, MODEL_STATE_WORDS(WIDTH)));
    for (uint32_t row = 0; begun && row < HEIGHT; row++) {
        char line[WIDTH + 1] = {0};
        for (uint32_t column = 0; begun && column < WIDTH; column++) {
            uint16_t value = 0;
            begun = good(pixelrnn_sample_next(&stream, &generator, &value));
            line[column] = value ? '#' : '.';
        }
        puts(line);
    }
    return begun;
}
