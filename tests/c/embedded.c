/* A model of several scales as `pixelrnn embed --name model` writes it: its macros hold, and its scales load where they lie. Prints the
 * words of state and the values of images of every width up to an argument, as high as wide. */
#include <stdio.h>
#include <stdlib.h>

#include <pixelrnn.h>

#include "model.h"

static const uint32_t fingerprints[] = MODEL_FINGERPRINTS;
static const uint32_t factors[] = MODEL_FACTORS;
/* Both are constants. */
static uint32_t state[MODEL_STATE_WORDS(19)];
static uint16_t images[MODEL_VALUES(19, 13)];

int main(int count_of_arguments, char **arguments)
{
    uint32_t count, scale, factor, width, most;
    pixelrnn_model loaded = PIXELRNN_INIT;
    pixelrnn_model_info info;
    size_t offset, length;
    if (count_of_arguments != 2) return 2;
    if (pixelrnn_scale_count(model, MODEL_BYTES, &count) != PIXELRNN_OK || count != MODEL_SCALES) return 3;
    for (scale = 0; scale < count; scale++) {
        if (pixelrnn_scale_blob(model, MODEL_BYTES, scale, &offset, &length) != PIXELRNN_OK) return 4;
        if (pixelrnn_model_load(&loaded, (const uint8_t *)model + offset, length) != PIXELRNN_OK) return 5;
        if (pixelrnn_model_inspect(&loaded, &info) != PIXELRNN_OK || info.fingerprint != fingerprints[scale]) return 6;
        if (info.levels != MODEL_LEVELS || info.channels != MODEL_CHANNELS) return 7;
        if (pixelrnn_model_factor(&loaded, &factor) != PIXELRNN_OK || factor != factors[scale]) return 8;
    }
    most = (uint32_t)strtoul(arguments[1], NULL, 10);
    for (width = 1; width <= most; width++) {
        printf("%lu %lu\n", (unsigned long)(MODEL_STATE_WORDS(width)), (unsigned long)(MODEL_VALUES(width, width)));
    }
    return sizeof state < 4 || sizeof images < 2;
}
