/*
 * The numbers that C and Rust must agree on: draws, completes, scores, codes and decodes an image, and prints one line.
 * With up to 256 levels everything is done again on bytes.
 *
 *   vectors MODEL SEED WIDTH HEIGHT PERCENT
 */
#include <pixelrnn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(pixelrnn_result result, const char *what)
{
    if (result == PIXELRNN_OK) return;
    fprintf(stderr, "%s: %s\n", what, pixelrnn_error_text(result));
    exit(1);
}

/* What must be true; the code tells which it was. */
static void check(int holds, int code)
{
    if (!holds) exit(code);
}

static void *memory(size_t bytes)
{
    void *result = malloc(bytes);
    if (result == NULL) exit(2);
    return result;
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

/* Everything, of one image. */
static pixelrnn_model model = PIXELRNN_INIT;
static pixelrnn_model_info info;
static pixelrnn_stream stream = PIXELRNN_INIT;
static pixelrnn_generator generator = PIXELRNN_INIT, copy;
static pixelrnn_encoder encoder = PIXELRNN_INIT;
static pixelrnn_decoder decoder = PIXELRNN_INIT;
static uint32_t width, height, percent, image_class, *state;
static uint64_t seed;
static size_t words, values;
static uint16_t *image, *again, *trial;
static uint8_t *known;
static pixelrnn_buffer coded, coded_once_more;

static void begin(uint32_t temperature)
{
    if (info.classes == 0) {
        must(pixelrnn_begin(&stream, &model, width, height, state, words), "begin");
    } else {
        must(pixelrnn_begin_class(&stream, &model, image_class, width, height, state, words), "begin a class");
    }
    must(pixelrnn_set_temperature(&stream, temperature), "temperature");
}

static uint32_t crc32_of(const uint16_t *all)
{
    uint32_t crc = 0xffffffffu;
    size_t n;
    int byte, bit;
    for (n = 0; n < values; n++) {
        for (byte = 0; byte < (info.levels > 256 ? 2 : 1); byte++) {
            crc ^= (uint32_t)(all[n] >> (8 * byte)) & 0xffu;
            for (bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}

/* The whole table of frequencies, against what single questions answer; which value a target finds. */
static uint16_t found_in_table(uint32_t target, uint32_t total)
{
    uint32_t sum, below = 0, level = 0, one, most = 0, *frequencies = memory(info.levels * sizeof *frequencies);
    uint16_t found, likeliest;
    must(pixelrnn_predict(&stream, frequencies, info.levels, &sum), "predict");
    check(sum == total, 20);
    while (target >= below + frequencies[level]) below += frequencies[level++];
    found = (uint16_t)level;
    must(pixelrnn_distribution_cumulative(&stream, found, &one), "cumulative");
    check(one == below, 21);
    must(pixelrnn_distribution_frequency(&stream, found, &one), "frequency");
    check(one == frequencies[found], 22);
    must(pixelrnn_distribution_likeliest(&stream, &likeliest), "likeliest");
    for (level = 0, sum = 0; level < info.levels; level++) {
        if (frequencies[level] > frequencies[most]) most = level;
        sum += frequencies[level];
    }
    check(sum == total && likeliest == most, 23);
    free(frequencies);
    return found;
}

/* Draws by hand what is drawn already: from the distribution and a copied generator, in slices of a row's end. */
static void draw_by_hand(void)
{
    pixelrnn_position position;
    uint32_t left, number, total, levels, channel;
    size_t n;
    uint16_t value;
    begin(percent);
    for (n = 0; n < values; n++) {
        uint32_t target;
        do must(pixelrnn_row_end(&stream, 3, &left), "row end");
        while (left > 0);
        must(pixelrnn_stream_channel(&stream, &channel), "channel");
        check(channel == n % info.channels, 24);
        must(pixelrnn_distribution_total(&stream, &total), "total");
        must(pixelrnn_distribution_levels(&stream, &levels), "levels");
        check(levels == info.levels, 25);
        must(pixelrnn_random(&copy, &number), "random");
        target = (uint32_t)(((uint64_t)number * total) >> 32);
        must(pixelrnn_distribution_find(&stream, target, &value), "find");
        /* Tables of 65536 levels take their time. */
        check(value == image[n], 4);
        if (levels <= 256 || n == 0) check(found_in_table(target, total) == value, 26);
        must(pixelrnn_observe(&stream, value), "observe");
    }
    must(pixelrnn_where(&stream, &position), "where");
    check(position.row == height && position.column == 0 && position.channel == 0, 5);
    check(position.channels == info.channels && position.width == width && position.height == height, 27);
}

/* One value at a time, every other one with the caller's own random bits. */
static void draw_one_at_a_time(void)
{
    uint32_t number, other;
    uint16_t value;
    size_t n;
    must(pixelrnn_seed(&generator, seed), "seed");
    copy = generator;
    begin(percent);
    for (n = 0; n < values; n++) {
        must(pixelrnn_random(&copy, &number), "random");
        if (n % 2 == 0) {
            must(pixelrnn_sample_next(&stream, &generator, &value), "sample next");
        } else {
            must(pixelrnn_random(&generator, &other), "random");
            must(pixelrnn_sample_next_with(&stream, number, &value), "sample next with");
        }
        check(value == image[n], 6);
    }
}

/* The map adds up. */
static uint64_t score(void)
{
    uint32_t *map = memory(values * sizeof *map);
    uint64_t length, sum = 0;
    size_t n;
    begin(100);
    must(pixelrnn_score_u16(&stream, image, values, map, &length), "score");
    for (n = 0; n < values; n++) sum += map[n];
    check(sum == length, 7);
    free(map);
    return length;
}

/* A container of whole images. */
static void begin_encoding(pixelrnn_buffer *bytes)
{
    if (info.classes == 0) {
        must(pixelrnn_encoder_begin(&encoder, &model, width, height, pixelrnn_buffer_put, bytes), "encoder");
    } else {
        must(pixelrnn_encoder_begin_class(&encoder, &model, image_class, width, height, width, height, pixelrnn_buffer_put, bytes),
             "encoder of a class");
    }
}

/* The image twice, in two groups: at once, and in rows or single values. */
static void encode(void)
{
    size_t n, row = (size_t)width * info.channels;
    pixelrnn_container_info container;
    begin_encoding(&coded);
    begin(50); /* which coding sets to 100 */
    must(pixelrnn_encode_u16(&encoder, &stream, image, values), "encode");
    must(pixelrnn_encoder_end_group(&encoder), "end group");
    begin(100);
    for (n = 0; n < row; n++) must(pixelrnn_encode_next(&encoder, &stream, image[n]), "encode a value");
    for (; n < values; n += row) must(pixelrnn_encode_u16(&encoder, &stream, image + n, row), "encode a row");
    must(pixelrnn_encoder_finish(&encoder), "finish");
    must(pixelrnn_container_inspect(coded.bytes, coded.count, &container), "container");
    check(container.width == width && container.height == height && container.fingerprint == info.fingerprint, 8);
    check(container.levels == info.levels && container.channels == info.channels, 28);
    check(container.image_class == image_class && container.factor == 0, 38);
}

static void begin_decoding(pixelrnn_buffer *bytes)
{
    pixelrnn_container_info container;
    must(pixelrnn_decoder_begin(&decoder, &model, pixelrnn_buffer_take, bytes, &container), "decoder");
}

/* What comes next, and a new image for it. */
static void expect_next(pixelrnn_next expected, int code)
{
    pixelrnn_next next;
    must(pixelrnn_decoder_next(&decoder, &next), "next");
    check(next == expected, code);
    if (next == PIXELRNN_NEXT_IMAGE) begin(100);
}

static void decode(void)
{
    size_t n;
    begin_decoding(&coded);
    expect_next(PIXELRNN_NEXT_IMAGE, 9);
    must(pixelrnn_decode_u16(&decoder, &stream, again, values), "decode");
    expect_next(PIXELRNN_NEXT_CHECKED, 10);
    check(memcmp(image, again, values * sizeof *image) == 0, 10);
    expect_next(PIXELRNN_NEXT_IMAGE, 9);
    for (n = 0; n < values; n++) must(pixelrnn_decode_next(&decoder, &stream, &again[n]), "decode a value");
    expect_next(PIXELRNN_NEXT_CHECKED, 10);
    check(memcmp(image, again, values * sizeof *image) == 0, 10);
    expect_next(PIXELRNN_NEXT_END, 11);
    check(coded.taken == coded.count, 11);
}

/* The first half known; then every third value known, the best of three. Prints both. */
static void complete(void)
{
    uint64_t decided;
    size_t n;
    for (n = 0; n < values; n++) known[n] = n < values / 2;
    must(pixelrnn_seed(&generator, seed + 1), "seed");
    begin(100);
    must(pixelrnn_complete_u16(&stream, &generator, again, known, values), "complete");
    check(memcmp(image, again, values / 2 * sizeof *image) == 0, 12);
    printf(" completed %08lx", (unsigned long)crc32_of(again));
    for (n = 0; n < values; n++) known[n] = n % 3 == 1;
    memcpy(again, image, values * sizeof *image);
    must(pixelrnn_complete_best_u16(&model, image_class, width, height, state, words, &generator, 3, again, known, trial,
                                    values, &decided),
         "complete best");
    printf(" best %08lx %lu", (unsigned long)crc32_of(again), (unsigned long)decided);
}

static void same(const uint8_t *bytes, const uint16_t *all, int code)
{
    size_t n;
    for (n = 0; n < values; n++) check(bytes[n] == all[n], code);
}

/* Everything again on bytes. `again` holds the best completion of `image`. */
static void on_bytes(uint64_t length)
{
    uint8_t *bytes = memory(values), *other = memory(values);
    uint64_t scored;
    size_t drawn, n;
    must(pixelrnn_seed(&generator, seed), "seed");
    begin(percent);
    must(pixelrnn_sample_u8(&stream, &generator, bytes, values, &drawn), "sample bytes");
    check(drawn == values, 30);
    same(bytes, image, 31);
    begin(100);
    must(pixelrnn_score_u8(&stream, bytes, values, NULL, &scored), "score bytes");
    check(scored == length, 32);
    begin_encoding(&coded_once_more);
    for (n = 0; n < 2; n++) {
        begin(100);
        must(pixelrnn_encode_u8(&encoder, &stream, bytes, values), "encode bytes");
        must(pixelrnn_encoder_end_group(&encoder), "end group");
    }
    must(pixelrnn_encoder_finish(&encoder), "finish");
    check(coded.count == coded_once_more.count && memcmp(coded.bytes, coded_once_more.bytes, coded.count) == 0, 33);
    begin_decoding(&coded_once_more);
    expect_next(PIXELRNN_NEXT_IMAGE, 34);
    must(pixelrnn_decode_u8(&decoder, &stream, other, values), "decode bytes");
    same(other, image, 35);
    must(pixelrnn_seed(&generator, seed + 1), "seed");
    for (n = 0; n < values; n++) known[n] = n < values / 2;
    begin(100);
    must(pixelrnn_complete_u8(&stream, &generator, other, known, values), "complete bytes");
    for (n = 0; n < values; n++) known[n] = n % 3 == 1;
    must(pixelrnn_complete_best_u8(&model, image_class, width, height, state, words, &generator, 3, bytes, known, other,
                                   values, NULL),
         "complete best bytes");
    same(bytes, again, 36);
    free(bytes), free(other);
}

/* The image's class, by all classes' lengths and by giving up early. Prints what was found. */
static void classify(uint64_t length)
{
    pixelrnn_classified found, on_bytes;
    uint64_t *lengths = memory(info.classes * sizeof *lengths), least;
    uint8_t *bytes = memory(values);
    uint32_t likeliest;
    size_t n;
    must(pixelrnn_classify_u16(&model, width, height, state, words, image, values, lengths, info.classes, &found),
         "classify");
    check(lengths[image_class] == length && lengths[found.image_class] == found.code_length, 39);
    must(pixelrnn_likeliest_class_u16(&model, width, height, state, words, image, values, &likeliest, &least),
         "likeliest class");
    check(likeliest == found.image_class && least == found.code_length, 40);
    for (n = 0; n < values; n++) bytes[n] = (uint8_t)image[n];
    must(pixelrnn_classify_u8(&model, width, height, state, words, bytes, values, lengths, info.classes, &on_bytes),
         "classify bytes");
    check(memcmp(&found, &on_bytes, sizeof found) == 0, 41);
    must(pixelrnn_likeliest_class_u8(&model, width, height, state, words, bytes, values, &likeliest, NULL),
         "likeliest class of bytes");
    check(likeliest == found.image_class, 42);
    printf(" class %lu margin %lu evidence %lu", (unsigned long)found.image_class, (unsigned long)found.margin,
           (unsigned long)found.evidence);
    free(lengths), free(bytes);
}

static void allocate(void)
{
    values = (size_t)width * height * info.channels;
    image = memory(values * sizeof *image);
    again = memory(values * sizeof *again);
    trial = memory(values * sizeof *trial);
    known = memory(values);
    must(pixelrnn_state_words(&model, width, &words), "state words");
    state = memory(words * sizeof *state);
    coded.room = coded_once_more.room = 8 * values + 4096;
    coded.bytes = memory(coded.room);
    coded_once_more.bytes = memory(coded.room);
}

int main(int count, char **arguments)
{
    size_t bytes, drawn;
    uint8_t *blob;
    uint32_t levels, channels, classes;
    uint64_t length;
    if (count != 6) return 2;
    seed = strtoull(arguments[2], NULL, 10);
    width = (uint32_t)strtoul(arguments[3], NULL, 10);
    height = (uint32_t)strtoul(arguments[4], NULL, 10);
    percent = (uint32_t)strtoul(arguments[5], NULL, 10);
    blob = load(arguments[1], &bytes);
    must(pixelrnn_model_load(&model, blob, bytes), "load");
    must(pixelrnn_model_inspect(&model, &info), "inspect");
    must(pixelrnn_model_levels(&model, &levels), "levels");
    must(pixelrnn_model_channels(&model, &channels), "channels");
    must(pixelrnn_model_classes(&model, &classes), "classes");
    check(levels == info.levels && channels == info.channels && classes == info.classes, 29);
    image_class = classes == 0 ? PIXELRNN_NO_CLASS : (uint32_t)(seed % classes);
    allocate();

    must(pixelrnn_seed(&generator, seed), "seed");
    copy = generator;
    begin(percent);
    must(pixelrnn_sample_u16(&stream, &generator, image, values, &drawn), "sample");
    check(drawn == values, 3);
    draw_by_hand();
    draw_one_at_a_time();
    length = score();
    encode();
    decode();
    printf("image %08lx", (unsigned long)crc32_of(image));
    printf(" length %lu coded %lu", (unsigned long)length, (unsigned long)coded.count);
    complete();
    if (info.classes > 0) classify(length);
    putchar('\n');
    if (info.levels <= 256) {
        on_bytes(length);
    } else {
        check(pixelrnn_sample_u8(&stream, &generator, known, values, NULL) == PIXELRNN_ERROR_NEEDS_16_BITS, 37);
    }
    free(blob), free(image), free(again), free(trial), free(known), free(state);
    free(coded.bytes), free(coded_once_more.bytes);
    return 0;
}
