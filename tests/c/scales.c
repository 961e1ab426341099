/*
 * Several scales from C: finds each in the blob, draws an image from the smallest up, codes and decodes each scale, and prints one line a
 * scale. Mistakes have their codes.
 *
 *   scales MODEL SEED WIDTH HEIGHT
 */
#include <pixelrnn.h>

#include <stdio.h>
#include <stdlib.h>

enum { MOST_SCALES = 4, MOST = 1 << 16 };

static void must(pixelrnn_result result, const char *what)
{
    if (result == PIXELRNN_OK) return;
    fprintf(stderr, "%s: %s\n", what, pixelrnn_error_text(result));
    exit(1);
}

static void check(int holds, int code)
{
    if (!holds) exit(code);
}

static pixelrnn_model models[MOST_SCALES];
static pixelrnn_stream stream = PIXELRNN_INIT;
static pixelrnn_generator generator = PIXELRNN_INIT;
static pixelrnn_encoder encoder = PIXELRNN_INIT;
static pixelrnn_decoder decoder = PIXELRNN_INIT;
static uint32_t blob[MOST / 4], state[MOST / 4], widths[MOST_SCALES], heights[MOST_SCALES], channels;
static uint16_t images[MOST_SCALES][MOST / 4], again[MOST / 4];
static uint8_t bytes[MOST];

static size_t values(uint32_t scale)
{
    return (size_t)widths[scale] * heights[scale] * channels;
}

static void begin(uint32_t scale)
{
    pixelrnn_result result =
        scale == 0 ? pixelrnn_begin(&stream, &models[0], widths[0], heights[0], state, MOST / 4)
                   : pixelrnn_begin_small_u16(&stream, &models[scale], PIXELRNN_NO_CLASS, images[scale - 1], values(scale - 1),
                                              widths[scale], heights[scale], state, MOST / 4);
    must(result, "begin");
}

/* What the scale before holds is known, and nothing else. */
static void look_at_known(uint32_t scale)
{
    uint32_t factor, n, is_known;
    uint16_t value;
    must(pixelrnn_model_factor(&models[scale], &factor), "factor");
    begin(scale);
    for (n = 0; n < values(scale); n++) {
        uint32_t pixel = n / channels, row = pixel / widths[scale], column = pixel % widths[scale];
        must(pixelrnn_known(&stream, &is_known, &value), "known");
        check(is_known == (factor > 0 && row % factor == 0 && column % factor == 0), 10);
        check(value == (is_known ? images[scale][n] : 0), 11);
        if (is_known) check(pixelrnn_observe(&stream, (uint16_t)(value ^ 1)) == PIXELRNN_ERROR_KNOWN_VALUE, 12);
        must(pixelrnn_observe(&stream, images[scale][n]), "observe");
    }
}

/* Codes a scale, and decodes it again. */
static size_t code(uint32_t scale)
{
    pixelrnn_buffer coded = {bytes, sizeof bytes, 0, 0};
    pixelrnn_next next;
    pixelrnn_container_info info;
    size_t n, length;
    uint32_t factor;
    must(pixelrnn_model_factor(&models[scale], &factor), "factor");
    must(pixelrnn_encoder_begin(&encoder, &models[scale], widths[scale], heights[scale], pixelrnn_buffer_put, &coded),
         "encoder");
    begin(scale);
    must(pixelrnn_encode_u16(&encoder, &stream, images[scale], values(scale)), "encode");
    must(pixelrnn_encoder_finish(&encoder), "finish");
    length = coded.count;

    must(pixelrnn_decoder_begin(&decoder, &models[scale], pixelrnn_buffer_take, &coded, &info), "decoder");
    check(info.factor == factor && info.width == widths[scale], 15);
    must(pixelrnn_decoder_next(&decoder, &next), "next");
    begin(scale);
    must(pixelrnn_decode_u16(&decoder, &stream, again, values(scale)), "decode");
    must(pixelrnn_decoder_next(&decoder, &next), "checked");
    check(next == PIXELRNN_NEXT_CHECKED, 13);
    for (n = 0; n < values(scale); n++) check(again[n] == images[scale][n], 14);
    return length;
}

static void mistakes(size_t blob_bytes, uint32_t count)
{
    size_t offset, length, small = values(count - 2);
    uint32_t last = count - 1, width = widths[last], height = heights[last];
    pixelrnn_model model = PIXELRNN_INIT;
    check(pixelrnn_model_load(&model, blob, blob_bytes) == PIXELRNN_ERROR_BLOB_SCALES, 20);
    check(pixelrnn_scale_blob(blob, blob_bytes, count, &offset, &length) == PIXELRNN_ERROR_BLOB_NO_SCALE, 21);
    check(pixelrnn_scale_blob(blob, blob_bytes - 4, last, &offset, &length) == PIXELRNN_ERROR_BLOB_TRUNCATED, 22);
    check(pixelrnn_begin(&stream, &models[last], width, height, state, MOST / 4) == PIXELRNN_ERROR_SMALL_IMAGE, 23);
    check(pixelrnn_begin_small_u16(&stream, &models[last], PIXELRNN_NO_CLASS, images[last - 1], small - 1, width, height, state,
                                   MOST / 4) == PIXELRNN_ERROR_SMALL_IMAGE, 24);
    check(pixelrnn_begin_small_u16(&stream, &models[0], PIXELRNN_NO_CLASS, images[0], 1, widths[0], heights[0], state,
                                   MOST / 4) == PIXELRNN_ERROR_SMALL_IMAGE, 25);
    check(pixelrnn_begin_small_u16(&stream, &models[last], PIXELRNN_NO_CLASS, NULL, small, width, height, state,
                                   MOST / 4) == PIXELRNN_ERROR_NULL, 26);
    again[0] = 65535;
    check(pixelrnn_begin_small_u16(&stream, &models[last], PIXELRNN_NO_CLASS, again, small, width, height, state,
                                   MOST / 4) == PIXELRNN_ERROR_VALUE_OUT_OF_RANGE, 27);
}

int main(int count_of_arguments, char **arguments)
{
    FILE *file;
    size_t blob_bytes, n, offset, length, drawn;
    uint32_t count, scale;
    if (count_of_arguments != 5) return 2;
    file = fopen(arguments[1], "rb");
    if (file == NULL) return 2;
    blob_bytes = fread(blob, 1, sizeof blob, file);
    fclose(file);
    must(pixelrnn_scale_count(blob, blob_bytes, &count), "count");
    check(count >= 2 && count <= MOST_SCALES, 3);
    for (scale = 0; scale < count; scale++) {
        must(pixelrnn_scale_blob(blob, blob_bytes, scale, &offset, &length), "scale");
        must(pixelrnn_model_load(&models[scale], (const uint8_t *)blob + offset, length), "load");
    }
    must(pixelrnn_model_channels(&models[0], &channels), "channels");
    widths[count - 1] = (uint32_t)strtoul(arguments[3], NULL, 10);
    heights[count - 1] = (uint32_t)strtoul(arguments[4], NULL, 10);
    for (scale = count - 1; scale > 0; scale--) {
        must(pixelrnn_small_size(&models[scale], widths[scale], heights[scale], &widths[scale - 1], &heights[scale - 1]),
             "small size");
    }
    must(pixelrnn_seed(&generator, strtoul(arguments[2], NULL, 10)), "seed");
    for (scale = 0; scale < count; scale++) {
        begin(scale);
        must(pixelrnn_sample_u16(&stream, &generator, images[scale], values(scale), &drawn), "sample");
    }
    for (scale = 0; scale < count; scale++) {
        uint32_t sum = 0;
        look_at_known(scale);
        for (n = 0; n < values(scale); n++) sum = sum * 31 + images[scale][n];
        printf("%ux%u %08x %zu\n", widths[scale], heights[scale], sum, code(scale));
    }
    mistakes(blob_bytes, count);
    return 0;
}
