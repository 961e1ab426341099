/*
 * The numbers that C and Rust must agree on: draws, completes, scores, codes and decodes an image, and prints one line.
 *
 *   vectors MODEL SEED WIDTH HEIGHT PERCENT
 */
#include <pixelrnn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void must(pixelrnn_result result, const char *what)
{
    if (result == PIXELRNN_OK) return;
    fprintf(stderr, "%s: %s\n", what, pixelrnn_error_text(result));
    exit(1);
}

static void *memory(size_t bytes)
{
    void *result = malloc(bytes);
    if (result == NULL) exit(2);
    return result;
}

/* Bytes in memory, for both callbacks. */
typedef struct {
    uint8_t *bytes;
    size_t count, room, read;
} buffer;

static int put_byte(void *context, uint8_t byte)
{
    buffer *out = context;
    if (out->count == out->room) return 1;
    out->bytes[out->count++] = byte;
    return 0;
}

static int take_byte(void *context)
{
    buffer *in = context;
    return in->read < in->count ? in->bytes[in->read++] : PIXELRNN_NO_BYTE;
}

static uint8_t *load(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    uint8_t *blob = memory(1u << 22);
    if (file == NULL) exit(2);
    *bytes = fread(blob, 1, 1u << 22, file);
    fclose(file);
    return blob;
}

int main(int count, char **arguments)
{
    pixelrnn_model model = PIXELRNN_INIT;
    pixelrnn_model_info info;
    pixelrnn_stream stream = PIXELRNN_INIT;
    pixelrnn_generator generator = PIXELRNN_INIT, copy;
    pixelrnn_encoder encoder = PIXELRNN_INIT;
    pixelrnn_decoder decoder = PIXELRNN_INIT;
    pixelrnn_container_info container;
    pixelrnn_position position;
    pixelrnn_next next;
    uint32_t frequencies[256], total, left, number, *state, *map;
    uint64_t length, sum = 0, decided;
    size_t bytes, words, pixels, drawn, n;
    uint8_t *blob, *image, *again, *known, value;
    buffer coded = {NULL, 0, 0, 0};
    uint32_t width, height, percent;
    uint64_t seed;
    if (count != 6) return 2;
    seed = strtoull(arguments[2], NULL, 10);
    width = (uint32_t)strtoul(arguments[3], NULL, 10);
    height = (uint32_t)strtoul(arguments[4], NULL, 10);
    percent = (uint32_t)strtoul(arguments[5], NULL, 10);
    pixels = (size_t)width * height;
    blob = load(arguments[1], &bytes);
    image = memory(pixels);
    again = memory(pixels);
    known = memory(pixels);
    map = memory(pixels * sizeof *map);
    must(pixelrnn_model_load(&model, blob, bytes), "load");
    must(pixelrnn_model_inspect(&model, &info), "inspect");
    must(pixelrnn_state_words(&model, width, &words), "state words");
    state = memory(words * sizeof *state);

    /* Draw: whole, then again by hand from the frequencies and a copied generator, in slices of a row's end. */
    must(pixelrnn_seed(&generator, seed), "seed");
    copy = generator;
    must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
    must(pixelrnn_set_temperature(&stream, percent), "temperature");
    must(pixelrnn_sample(&stream, &generator, image, pixels, &drawn), "sample");
    if (drawn != pixels) return 3;
    must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
    must(pixelrnn_set_temperature(&stream, percent), "temperature");
    for (n = 0; n < pixels; n++) {
        uint32_t target, below = 0, level = 0;
        do must(pixelrnn_row_end(&stream, 3, &left), "row end");
        while (left > 0);
        must(pixelrnn_predict(&stream, frequencies, 256, &total), "predict");
        must(pixelrnn_random(&copy, &number), "random");
        target = (uint32_t)(((uint64_t)number * total) >> 32);
        while (target >= below + frequencies[level]) below += frequencies[level++];
        if (level != image[n]) return 4;
        must(pixelrnn_observe(&stream, (uint8_t)level), "observe");
    }
    must(pixelrnn_where(&stream, &position), "where");
    if (position.row != height || position.column != 0) return 5;

    /* One pixel at a time, with the caller's own random bits. */
    must(pixelrnn_seed(&generator, seed), "seed");
    copy = generator;
    must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
    must(pixelrnn_set_temperature(&stream, percent), "temperature");
    for (n = 0; n < pixels; n++) {
        if (n % 2 == 0) {
            must(pixelrnn_sample_next(&stream, &generator, &value), "sample next");
            must(pixelrnn_random(&copy, &number), "random");
        } else {
            must(pixelrnn_random(&copy, &number), "random");
            must(pixelrnn_random(&generator, &left), "random");
            must(pixelrnn_sample_next_with(&stream, number, &value), "sample next with");
        }
        if (value != image[n]) return 6;
    }

    /* Score: the map adds up. */
    must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
    must(pixelrnn_score(&stream, image, pixels, map, &length), "score");
    for (n = 0; n < pixels; n++) sum += map[n];
    if (sum != length) return 7;

    /* Code the image twice, in two groups, the second one in pieces; decode both. */
    coded.room = 4 * pixels + 4096;
    coded.bytes = memory(coded.room);
    must(pixelrnn_encoder_begin(&encoder, &model, width, height, put_byte, &coded), "encoder");
    must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
    must(pixelrnn_encode(&encoder, &stream, image, pixels), "encode");
    must(pixelrnn_encoder_end_group(&encoder), "end group");
    must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
    for (n = 0; n < pixels; n += width) must(pixelrnn_encode(&encoder, &stream, image + n, width), "encode a row");
    must(pixelrnn_encoder_finish(&encoder), "finish");
    must(pixelrnn_container_inspect(coded.bytes, coded.count, &container), "container");
    if (container.width != width || container.height != height || container.fingerprint != info.fingerprint) return 8;
    must(pixelrnn_decoder_begin(&decoder, &model, take_byte, &coded, &container), "decoder");
    for (n = 0; n < 2; n++) {
        must(pixelrnn_decoder_next(&decoder, &next), "next");
        if (next != PIXELRNN_NEXT_IMAGE) return 9;
        must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
        must(pixelrnn_decode(&decoder, &stream, again, pixels), "decode");
        must(pixelrnn_decoder_next(&decoder, &next), "next");
        if (next != PIXELRNN_NEXT_CHECKED || memcmp(image, again, pixels) != 0) return 10;
    }
    must(pixelrnn_decoder_next(&decoder, &next), "next");
    if (next != PIXELRNN_NEXT_END || coded.read != coded.count) return 11;

    /* Complete: the first half known; then every third pixel known, the best of three. */
    for (n = 0; n < pixels; n++) known[n] = n < pixels / 2;
    must(pixelrnn_seed(&generator, seed + 1), "seed");
    must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
    must(pixelrnn_complete(&stream, &generator, again, known, pixels), "complete");
    if (memcmp(image, again, pixels / 2) != 0) return 12;
    printf("image %08lx", (unsigned long)crc32(image, pixels));
    printf(" length %lu coded %lu", (unsigned long)length, (unsigned long)coded.count);
    printf(" completed %08lx", (unsigned long)crc32(again, pixels));
    for (n = 0; n < pixels; n++) known[n] = n % 3 == 1;
    memcpy(again, image, pixels);
    {
        uint8_t *trial = memory(pixels);
        must(pixelrnn_complete_best(&model, width, height, state, words, &generator, 3, again, known, trial, pixels,
                                    &decided),
             "complete best");
        free(trial);
    }
    printf(" best %08lx %lu\n", (unsigned long)crc32(again, pixels), (unsigned long)decided);

    free(blob), free(image), free(again), free(known), free(map), free(state), free(coded.bytes);
    return 0;
}
