/*
 * Draws images of a model on a Cortex-M4 in C, and prints each as text, with the CRC-32 of its pixels.
 *
 * MODEL_HEADER is what `pixelrnn embed --name model` wrote: the model as an array, and its sizes as macros. So all
 * memory is reserved before the program runs, and the linker says whether it fits.
 */
#include <pixelrnn.h>

#include <stdio.h>

#include MODEL_HEADER

#ifndef WIDTH
#define WIDTH 28
#endif
#ifndef HEIGHT
#define HEIGHT 28
#endif
#ifndef SEED
#define SEED 1
#endif
#ifndef COUNT
#define COUNT 3
#endif
#ifdef CLASS
#define CLASS_OF(seed) CLASS
#elif MODEL_CLASSES > 0 /* each in turn */
#define CLASS_OF(seed) ((seed) % MODEL_CLASSES)
#else
#define CLASS_OF(seed) PIXELRNN_NO_CLASS
#endif

static pixelrnn_model digits;
static pixelrnn_stream stream;
static pixelrnn_generator generator;
static uint32_t state[MODEL_STATE_WORDS(WIDTH)];
static uint8_t image[WIDTH * HEIGHT];

static int failed(pixelrnn_result result, const char *what)
{
    if (result == PIXELRNN_OK) return 0;
    printf("%s: %s\n", what, pixelrnn_error_text(result));
    return 1;
}

static uint32_t crc32(const uint8_t *bytes, size_t count)
{
    uint32_t crc = 0xffffffffu;
    while (count-- > 0) {
        int bit;
        crc ^= *bytes++;
        for (bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

/* From the least level to the greatest. */
static char shade(uint8_t value)
{
    static const char shades[] = " .:-=+*#%@";
    return shades[(uint32_t)value * (sizeof shades - 2) / (MODEL_LEVELS - 1)];
}

static void print_image(void)
{
    size_t row, column;
    for (row = 0; row < HEIGHT; row++) {
        for (column = 0; column < WIDTH; column++) putchar(shade(image[row * WIDTH + column]));
        putchar('\n');
    }
    printf("crc %08lx\n", (unsigned long)crc32(image, sizeof image));
}

int main(void)
{
    unsigned n;
    size_t pixel, words;
    uint16_t value;
    if (failed(pixelrnn_model_load(&digits, model, MODEL_BYTES), "load")) return 1;
    if (failed(pixelrnn_state_words(&digits, WIDTH, &words), "state")) return 1;
    if (words != MODEL_STATE_WORDS(WIDTH)) {
        printf("the model's header is of another library\n");
        return 1;
    }
    for (n = 0; n < COUNT; n++) {
        if (failed(pixelrnn_seed(&generator, SEED + n), "seed")) return 1;
        if (failed(pixelrnn_begin_class(&stream, &digits, CLASS_OF(SEED + n), WIDTH, HEIGHT, state,
                                        MODEL_STATE_WORDS(WIDTH)),
                   "begin"))
            return 1;
        for (pixel = 0; pixel < sizeof image; pixel++) {
            /* A firmware's main loop does its other work here, between two pixels. */
            if (failed(pixelrnn_sample_next(&stream, &generator, &value), "sample")) return 1;
            image[pixel] = (uint8_t)value;
        }
        print_image();
    }
    return 0;
}
