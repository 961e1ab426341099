/*
 * Every mistake that the library can see gets its code: null and misaligned pointers, short buffers, impossible sizes,
 * wrong order, damage.
 *
 *   misuse MODEL OTHER_MODEL DEEP_MODEL    the last of more than 256 levels
 */
#include <pixelrnn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int mistakes;

#define EXPECT(call, code)                                                                                          \
    do {                                                                                                            \
        pixelrnn_result answer_ = (call);                                                                           \
        if (answer_ != (code)) {                                                                                    \
            fprintf(stderr, "line %d: %s answered %ld (%s), not " #code "\n", __LINE__, #call, (long)answer_,        \
                    pixelrnn_error_text(answer_));                                                                  \
            mistakes++;                                                                                             \
        }                                                                                                           \
    } while (0)

enum { SIDE = 6, PIXELS = SIDE * SIDE, ROOM = 1 << 16 };

static uint32_t blob[1 << 18], other[1 << 18], deep[1 << 18], state[ROOM];
static uint16_t deep_image[PIXELS], deep_trial[PIXELS];
static uint8_t image[PIXELS], trial[PIXELS], known[PIXELS], coded[4096];
static size_t coded_bytes, coded_read;

static size_t load(const char *path, void *into)
{
    FILE *file = fopen(path, "rb");
    size_t bytes;
    if (file == NULL) exit(2);
    bytes = fread(into, 1, sizeof blob, file);
    fclose(file);
    return bytes;
}

static int put_byte(void *context, uint8_t byte)
{
    (void)context;
    if (coded_bytes == sizeof coded) return 1;
    coded[coded_bytes++] = byte;
    return 0;
}

static int put_fails(void *context, uint8_t byte)
{
    (void)context;
    return byte | 1;
}

static int take_byte(void *context)
{
    (void)context;
    return coded_read < coded_bytes ? coded[coded_read++] : PIXELRNN_NO_BYTE;
}

static int take_fails(void *context)
{
    (void)context;
    return 256;
}

/* A pointer that is not aligned for what it points to; never followed. */
static void *askew(void *pointer) { return (char *)pointer + 1; }

static void texts(void)
{
    int code, named = 0;
    for (code = -2; code < 200; code++) {
        const char *text = pixelrnn_error_text(code);
        if (text == NULL || *text == 0) mistakes++;
        named += strcmp(text, pixelrnn_error_text(-1)) != 0;
    }
    if (named != 50) {
        fprintf(stderr, "%d results have texts\n", named);
        mistakes++;
    }
    if (pixelrnn_model_bytes() != sizeof(pixelrnn_model) || pixelrnn_stream_bytes() != sizeof(pixelrnn_stream) ||
        pixelrnn_generator_bytes() != sizeof(pixelrnn_generator) ||
        pixelrnn_encoder_bytes() != sizeof(pixelrnn_encoder) || pixelrnn_decoder_bytes() != sizeof(pixelrnn_decoder)) {
        fprintf(stderr, "a handle's size differs\n");
        mistakes++;
    }
    if (strchr(pixelrnn_version(), '.') == NULL) mistakes++;
}

/* A buffer as a callback's context: none, one without room, one that is empty. */
static void buffers(void)
{
    pixelrnn_buffer buffer = {0};
    buffer.bytes = coded;
    if (pixelrnn_buffer_put(NULL, 7) == 0 || pixelrnn_buffer_put(askew(&buffer), 7) == 0) mistakes++;
    if (pixelrnn_buffer_put(&buffer, 7) == 0 || buffer.count != 0) mistakes++;
    if (pixelrnn_buffer_take(NULL) != 256 || pixelrnn_buffer_take(&buffer) != PIXELRNN_NO_BYTE) mistakes++;
    buffer.room = 1;
    if (pixelrnn_buffer_put(&buffer, 7) != 0 || buffer.count != 1 || pixelrnn_buffer_put(&buffer, 8) == 0) mistakes++;
    if (pixelrnn_buffer_take(&buffer) != 7 || pixelrnn_buffer_take(&buffer) != PIXELRNN_NO_BYTE) mistakes++;
    buffer.bytes = NULL, buffer.taken = 0;
    if (pixelrnn_buffer_take(&buffer) != 256) mistakes++;
}

static void loading(size_t bytes)
{
    pixelrnn_model model = PIXELRNN_INIT, moved;
    pixelrnn_model_info info;
    size_t words;
    EXPECT(pixelrnn_model_inspect(&model, &info), PIXELRNN_ERROR_NOT_LOADED);
    EXPECT(pixelrnn_state_words(&model, SIDE, &words), PIXELRNN_ERROR_NOT_LOADED);
    EXPECT(pixelrnn_model_load(NULL, blob, bytes), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_model_load(&model, NULL, bytes), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_model_load((pixelrnn_model *)askew(&model), blob, bytes), PIXELRNN_ERROR_MISALIGNED);
    EXPECT(pixelrnn_model_load(&model, askew(blob), bytes), PIXELRNN_ERROR_BLOB_MISALIGNED);
    EXPECT(pixelrnn_model_load(&model, blob, SIZE_MAX), PIXELRNN_ERROR_SIZE_OVERFLOW);
    EXPECT(pixelrnn_model_load(&model, blob, SIZE_MAX / 2 + 2), PIXELRNN_ERROR_SIZE_OVERFLOW);
    EXPECT(pixelrnn_model_load(&model, blob, 0), PIXELRNN_ERROR_BLOB_TRUNCATED);
    EXPECT(pixelrnn_model_load(&model, blob, bytes - 1), PIXELRNN_ERROR_BLOB_TRUNCATED);
    EXPECT(pixelrnn_model_load(&model, blob, bytes + 1), PIXELRNN_ERROR_BLOB_TRAILING);
    EXPECT(pixelrnn_model_load(&model, image, PIXELS), PIXELRNN_ERROR_BLOB_MAGIC);
    blob[5] ^= 0x10000;
    EXPECT(pixelrnn_model_load(&model, blob, bytes), PIXELRNN_ERROR_BLOB_CHECKSUM);
    blob[5] ^= 0x10000;
    blob[1] ^= 0x40;
    EXPECT(pixelrnn_model_load(&model, blob, bytes), PIXELRNN_ERROR_BLOB_VERSION);
    blob[1] ^= 0x40;
    EXPECT(pixelrnn_model_inspect(&model, &info), PIXELRNN_ERROR_NOT_LOADED);
    EXPECT(pixelrnn_model_load(&model, blob, bytes), PIXELRNN_OK);
    EXPECT(pixelrnn_model_inspect(&model, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_model_inspect(&model, (pixelrnn_model_info *)askew(&info)), PIXELRNN_ERROR_MISALIGNED);
    EXPECT(pixelrnn_model_inspect(&model, &info), PIXELRNN_OK);
    if (info.blob_bytes != bytes || info.levels < 2 || info.channels != 1 || info.is_mixture || info.classes) mistakes++;
    EXPECT(pixelrnn_model_classes(&model, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_model_levels(&model, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_model_channels(&model, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_model_channels(&model, (uint32_t *)askew(&words)), PIXELRNN_ERROR_MISALIGNED);
    EXPECT(pixelrnn_state_words(&model, 0, &words), PIXELRNN_ERROR_EMPTY_IMAGE);
    EXPECT(pixelrnn_state_words(&model, 65536, &words), PIXELRNN_ERROR_IMAGE_TOO_LARGE);
    EXPECT(pixelrnn_state_words(&model, SIDE, NULL), PIXELRNN_ERROR_NULL);
    moved = model;
    EXPECT(pixelrnn_model_inspect(&moved, &info), PIXELRNN_ERROR_NOT_LOADED);
    EXPECT(pixelrnn_model_load(&model, image, PIXELS), PIXELRNN_ERROR_BLOB_MAGIC);
    EXPECT(pixelrnn_model_inspect(&model, &info), PIXELRNN_ERROR_NOT_LOADED);
}

static void streaming(size_t bytes, size_t other_bytes)
{
    pixelrnn_model model = PIXELRNN_INIT, unloaded = PIXELRNN_INIT;
    pixelrnn_stream stream = PIXELRNN_INIT, moved;
    pixelrnn_generator generator = PIXELRNN_INIT;
    pixelrnn_position position;
    uint32_t frequencies[256], total, left;
    uint64_t length;
    size_t words, drawn;
    uint16_t value;
    int n;
    EXPECT(pixelrnn_model_load(&model, blob, bytes), PIXELRNN_OK);
    EXPECT(pixelrnn_state_words(&model, SIDE, &words), PIXELRNN_OK);
    EXPECT(pixelrnn_observe(&stream, 0), PIXELRNN_ERROR_NOT_BEGUN);
    EXPECT(pixelrnn_where(&stream, &position), PIXELRNN_ERROR_NOT_BEGUN);
    EXPECT(pixelrnn_stream_channel(&stream, &left), PIXELRNN_ERROR_NOT_BEGUN);
    EXPECT(pixelrnn_distribution_total(&stream, &left), PIXELRNN_ERROR_NOT_BEGUN);
    EXPECT(pixelrnn_begin(&stream, &unloaded, SIDE, SIDE, state, words), PIXELRNN_ERROR_NOT_LOADED);
    EXPECT(pixelrnn_begin(&stream, NULL, SIDE, SIDE, state, words), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_begin(NULL, &model, SIDE, SIDE, state, words), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, NULL, words), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, (uint32_t *)askew(state), words), PIXELRNN_ERROR_MISALIGNED);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, words - 1), PIXELRNN_ERROR_SHORT_BUFFER);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, SIZE_MAX / 2), PIXELRNN_ERROR_SIZE_OVERFLOW);
    EXPECT(pixelrnn_begin(&stream, &model, 0, SIDE, state, words), PIXELRNN_ERROR_EMPTY_IMAGE);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, 65536, state, words), PIXELRNN_ERROR_IMAGE_TOO_LARGE);
    EXPECT(pixelrnn_predict(&stream, frequencies, 256, &total), PIXELRNN_ERROR_NOT_BEGUN);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, words), PIXELRNN_OK);

    EXPECT(pixelrnn_set_temperature(&stream, 0), PIXELRNN_ERROR_TEMPERATURE);
    EXPECT(pixelrnn_set_temperature(&stream, 10001), PIXELRNN_ERROR_TEMPERATURE);
    EXPECT(pixelrnn_predict(&stream, frequencies, 1, &total), PIXELRNN_ERROR_SHORT_BUFFER);
    EXPECT(pixelrnn_predict(&stream, NULL, 256, &total), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_predict(&stream, frequencies, 256, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_predict(&stream, frequencies, 256, &total), PIXELRNN_OK);
    EXPECT(pixelrnn_distribution_total(&stream, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_distribution_levels(&stream, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_distribution_frequency(&stream, 0, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_distribution_cumulative(&stream, 0, (uint32_t *)askew(&total)), PIXELRNN_ERROR_MISALIGNED);
    EXPECT(pixelrnn_distribution_find(&stream, 0, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_distribution_likeliest(&stream, (uint16_t *)askew(&total)), PIXELRNN_ERROR_MISALIGNED);
    EXPECT(pixelrnn_distribution_frequency(&stream, 65535, &left), PIXELRNN_OK);
    if (left != 0) mistakes++;
    EXPECT(pixelrnn_distribution_cumulative(&stream, 65535, &left), PIXELRNN_OK);
    if (left != total) mistakes++;
    EXPECT(pixelrnn_distribution_find(&stream, UINT32_MAX, &value), PIXELRNN_OK);
    if (value != 1) mistakes++;
    EXPECT(pixelrnn_stream_channel(&stream, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_observe(&stream, 65535), PIXELRNN_ERROR_VALUE_OUT_OF_RANGE);
    EXPECT(pixelrnn_observe(&stream, 255), PIXELRNN_ERROR_VALUE_OUT_OF_RANGE);
    EXPECT(pixelrnn_row_end(&stream, 1, (uint32_t *)askew(&left)), PIXELRNN_ERROR_MISALIGNED);
    EXPECT(pixelrnn_row_end(&stream, 1, NULL), PIXELRNN_OK);
    EXPECT(pixelrnn_where(&stream, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_sample_next(&stream, &generator, &value), PIXELRNN_ERROR_NOT_SEEDED);
    EXPECT(pixelrnn_random(&generator, &left), PIXELRNN_ERROR_NOT_SEEDED);
    EXPECT(pixelrnn_seed(NULL, 1), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_seed(&generator, 1), PIXELRNN_OK);
    EXPECT(pixelrnn_sample_next(&stream, &generator, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_sample_next(&stream, NULL, &value), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_sample_u8(&stream, &generator, NULL, PIXELS, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_sample_u8(&stream, &generator, image, SIZE_MAX, NULL), PIXELRNN_ERROR_SIZE_OVERFLOW);
    moved = stream;
    EXPECT(pixelrnn_observe(&moved, 0), PIXELRNN_ERROR_NOT_BEGUN);

    EXPECT(pixelrnn_score_u8(&stream, image, PIXELS + 1, NULL, &length), PIXELRNN_ERROR_PAST_END);
    EXPECT(pixelrnn_score_u8(&stream, image, 1, NULL, NULL), PIXELRNN_ERROR_NULL);
    image[0] = 200;
    EXPECT(pixelrnn_score_u8(&stream, image, 1, NULL, &length), PIXELRNN_ERROR_VALUE_OUT_OF_RANGE);
    EXPECT(pixelrnn_complete_u8(&stream, &generator, image, NULL, PIXELS), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_complete_u8(&stream, &generator, image, known, PIXELS + 1), PIXELRNN_ERROR_PAST_END);
    known[0] = 1;
    EXPECT(pixelrnn_complete_u8(&stream, &generator, image, known, PIXELS), PIXELRNN_ERROR_VALUE_OUT_OF_RANGE);
    image[0] = 0;
    EXPECT(pixelrnn_complete_best_u8(&model, PIXELRNN_NO_CLASS, SIDE, SIDE, state, words, &generator, 0, image, known, trial, PIXELS, NULL),
           PIXELRNN_ERROR_NO_CANDIDATES);
    EXPECT(pixelrnn_complete_best_u8(&model, PIXELRNN_NO_CLASS, SIDE, SIDE, state, words, &generator, 1, image, known, trial, PIXELS - 1,
                                  NULL),
           PIXELRNN_ERROR_WRONG_LENGTH);

    /* The state of the one candidate was the stream's: begin again, and run past the end. */
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, words), PIXELRNN_OK);
    EXPECT(pixelrnn_sample_u8(&stream, &generator, image, 0, &drawn), PIXELRNN_OK);
    if (drawn != 0) mistakes++;
    for (n = 0; n < PIXELS; n++) EXPECT(pixelrnn_observe(&stream, 0), PIXELRNN_OK);
    EXPECT(pixelrnn_observe(&stream, 0), PIXELRNN_ERROR_PAST_END);
    EXPECT(pixelrnn_predict(&stream, frequencies, 256, &total), PIXELRNN_ERROR_PAST_END);
    EXPECT(pixelrnn_sample_next(&stream, &generator, &value), PIXELRNN_ERROR_PAST_END);
    EXPECT(pixelrnn_distribution_total(&stream, &total), PIXELRNN_ERROR_PAST_END);
    EXPECT(pixelrnn_sample_u8(&stream, &generator, image, PIXELS, NULL), PIXELRNN_ERROR_PAST_END);

    /* Another model in the handle that a stream borrows. */
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, words), PIXELRNN_OK);
    EXPECT(pixelrnn_model_load(&model, other, other_bytes), PIXELRNN_OK);
    EXPECT(pixelrnn_observe(&stream, 0), PIXELRNN_ERROR_MODEL_CHANGED);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_observe(&stream, 0), PIXELRNN_OK);
}

static void coding(size_t bytes, size_t other_bytes)
{
    pixelrnn_model model = PIXELRNN_INIT, second = PIXELRNN_INIT;
    pixelrnn_stream stream = PIXELRNN_INIT;
    pixelrnn_encoder encoder = PIXELRNN_INIT;
    pixelrnn_decoder decoder = PIXELRNN_INIT;
    pixelrnn_container_info info;
    pixelrnn_next next;
    size_t whole;
    uint16_t value;
    EXPECT(pixelrnn_model_load(&model, blob, bytes), PIXELRNN_OK);
    EXPECT(pixelrnn_model_load(&second, other, other_bytes), PIXELRNN_OK);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    memset(image, 0, sizeof image);

    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image, PIXELS), PIXELRNN_ERROR_NO_CODER);
    EXPECT(pixelrnn_encoder_finish(&encoder), PIXELRNN_ERROR_NO_CODER);
    EXPECT(pixelrnn_encoder_begin(&encoder, &model, SIDE, SIDE, NULL, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_encoder_begin(&encoder, &model, SIDE, 0, put_byte, NULL), PIXELRNN_ERROR_EMPTY_IMAGE);
    EXPECT(pixelrnn_encoder_begin(&encoder, &model, 65536, 1, put_byte, NULL), PIXELRNN_ERROR_IMAGE_TOO_LARGE);
    EXPECT(pixelrnn_encoder_begin(&encoder, &model, SIDE, SIDE, put_fails, NULL), PIXELRNN_ERROR_CALLBACK);
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image, 1), PIXELRNN_ERROR_NO_CODER);
    coded_bytes = 0;
    EXPECT(pixelrnn_encoder_begin(&encoder, &model, SIDE, SIDE, put_byte, NULL), PIXELRNN_OK);
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, NULL, PIXELS), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image, PIXELS + 1), PIXELRNN_ERROR_PAST_END);
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image, 3), PIXELRNN_OK);
    EXPECT(pixelrnn_encoder_end_group(&encoder), PIXELRNN_ERROR_INSIDE_IMAGE);
    image[3] = 200;
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image + 3, PIXELS - 3), PIXELRNN_ERROR_VALUE_OUT_OF_RANGE);
    image[3] = 0;
    EXPECT(pixelrnn_encode_next(&encoder, &stream, 65535), PIXELRNN_ERROR_VALUE_OUT_OF_RANGE);
    EXPECT(pixelrnn_encode_next(NULL, &stream, 0), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_begin(&stream, &second, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image, PIXELS), PIXELRNN_ERROR_WRONG_STREAM);
    EXPECT(pixelrnn_encoder_finish(&encoder), PIXELRNN_ERROR_INSIDE_IMAGE);
    EXPECT(pixelrnn_encoder_finish(&encoder), PIXELRNN_ERROR_NO_CODER);

    coded_bytes = 0;
    EXPECT(pixelrnn_encoder_begin(&encoder, &model, SIDE, SIDE, put_byte, NULL), PIXELRNN_OK);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image, PIXELS), PIXELRNN_OK);
    EXPECT(pixelrnn_encoder_finish(&encoder), PIXELRNN_OK);
    whole = coded_bytes;

    EXPECT(pixelrnn_container_inspect(coded, PIXELRNN_HEADER_BYTES - 1, &info), PIXELRNN_ERROR_SHORT_BUFFER);
    EXPECT(pixelrnn_container_inspect(coded, whole, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_ERROR_NO_CODER);
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, NULL, NULL, &info), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_fails, NULL, &info), PIXELRNN_ERROR_CALLBACK);
    coded_read = 0;
    EXPECT(pixelrnn_decoder_begin(&decoder, &second, take_byte, NULL, &info), PIXELRNN_ERROR_CONTAINER_MODEL);
    coded_read = 1;
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, &info), PIXELRNN_ERROR_CONTAINER_MAGIC);
    coded_read = 0, coded[4] ^= 4;
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, &info), PIXELRNN_ERROR_CONTAINER_VERSION);
    coded_read = 0, coded[4] ^= 4, coded[8] ^= 1;
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, &info), PIXELRNN_ERROR_CONTAINER_HEADER);
    coded_read = 0, coded[8] ^= 1, coded_bytes = 10;
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, &info), PIXELRNN_ERROR_CONTAINER_TRUNCATED);
    coded_read = 0, coded_bytes = whole;
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, &info), PIXELRNN_OK);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_decode_u8(&decoder, &stream, image, PIXELS), PIXELRNN_ERROR_OUT_OF_ORDER);
    EXPECT(pixelrnn_decode_next(&decoder, &stream, &value), PIXELRNN_ERROR_OUT_OF_ORDER);
    EXPECT(pixelrnn_decode_next(&decoder, &stream, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_decoder_next(&decoder, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_OK);
    EXPECT(pixelrnn_decode_u8(&decoder, &stream, image, 5), PIXELRNN_OK);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_ERROR_OUT_OF_ORDER);
    EXPECT(pixelrnn_decode_u8(&decoder, &stream, image, PIXELS), PIXELRNN_ERROR_PAST_END);
    EXPECT(pixelrnn_decode_u8(&decoder, &stream, image, PIXELS - 5), PIXELRNN_OK);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_OK);
    if (next != PIXELRNN_NEXT_CHECKED) mistakes++;
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_OK);
    if (next != PIXELRNN_NEXT_END) mistakes++;
    /* A damaged byte of the group, then a lost end. */
    coded_read = 0, coded[whole - 8] ^= 1;
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, &info), PIXELRNN_OK);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_OK);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    (void)!pixelrnn_decode_u8(&decoder, &stream, image, PIXELS);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_ERROR_CONTAINER_DAMAGED);
    coded_read = 0, coded[whole - 8] ^= 1, coded_bytes = whole - 2;
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, &info), PIXELRNN_OK);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_OK);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_decode_u8(&decoder, &stream, image, PIXELS), PIXELRNN_OK);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_OK);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_ERROR_CONTAINER_TRUNCATED);
}

/* Bytes do not hold what a model of more than 256 levels draws: nothing of it is begun, and the stream stays where it was. */
static void depth(size_t bytes)
{
    pixelrnn_model model = PIXELRNN_INIT;
    pixelrnn_stream stream = PIXELRNN_INIT;
    pixelrnn_generator generator = PIXELRNN_INIT;
    pixelrnn_encoder encoder = PIXELRNN_INIT;
    pixelrnn_decoder decoder = PIXELRNN_INIT;
    pixelrnn_container_info info;
    pixelrnn_next next;
    pixelrnn_position position;
    uint64_t length;
    uint32_t levels;
    EXPECT(pixelrnn_model_load(&model, deep, bytes), PIXELRNN_OK);
    EXPECT(pixelrnn_model_levels(&model, &levels), PIXELRNN_OK);
    if (levels <= 256) mistakes++;
    EXPECT(pixelrnn_seed(&generator, 1), PIXELRNN_OK);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    memset(known, 0, sizeof known);
    EXPECT(pixelrnn_sample_u8(&stream, &generator, image, PIXELS, NULL), PIXELRNN_ERROR_NEEDS_16_BITS);
    EXPECT(pixelrnn_score_u8(&stream, image, PIXELS, NULL, &length), PIXELRNN_ERROR_NEEDS_16_BITS);
    EXPECT(pixelrnn_complete_u8(&stream, &generator, image, known, PIXELS), PIXELRNN_ERROR_NEEDS_16_BITS);
    coded_bytes = coded_read = 0;
    EXPECT(pixelrnn_encoder_begin(&encoder, &model, SIDE, SIDE, put_byte, NULL), PIXELRNN_OK);
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image, PIXELS), PIXELRNN_ERROR_NEEDS_16_BITS);
    EXPECT(pixelrnn_where(&stream, &position), PIXELRNN_OK);
    if (position.row != 0 || position.column != 0) mistakes++;
    EXPECT(pixelrnn_sample_u16(&stream, &generator, (uint16_t *)askew(deep_image), PIXELS, NULL),
           PIXELRNN_ERROR_MISALIGNED);
    EXPECT(pixelrnn_sample_u16(&stream, &generator, deep_image, PIXELS, NULL), PIXELRNN_OK);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_encode_u16(&encoder, &stream, deep_image, PIXELS), PIXELRNN_OK);
    EXPECT(pixelrnn_encoder_finish(&encoder), PIXELRNN_OK);
    EXPECT(pixelrnn_decoder_begin(&decoder, &model, take_byte, NULL, &info), PIXELRNN_OK);
    EXPECT(pixelrnn_decoder_next(&decoder, &next), PIXELRNN_OK);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_decode_u8(&decoder, &stream, image, PIXELS), PIXELRNN_ERROR_NEEDS_16_BITS);
    EXPECT(pixelrnn_decode_u16(&decoder, &stream, deep_trial, PIXELS), PIXELRNN_OK);
    if (memcmp(deep_image, deep_trial, sizeof deep_image) != 0) mistakes++;
    EXPECT(pixelrnn_complete_best_u8(&model, PIXELRNN_NO_CLASS, SIDE, SIDE, state, ROOM, &generator, 1, image, known, trial, PIXELS, NULL),
           PIXELRNN_ERROR_NEEDS_16_BITS);
    EXPECT(pixelrnn_complete_best_u16(&model, PIXELRNN_NO_CLASS, SIDE, SIDE, state, ROOM, &generator, 1, deep_image, known, deep_trial,
                                      PIXELS + 1, NULL),
           PIXELRNN_ERROR_WRONG_LENGTH);
}

/* A model of three classes, and one without. */
static void classes(size_t bytes, size_t with_bytes)
{
    static uint64_t lengths[3];
    pixelrnn_model model = PIXELRNN_INIT, without = PIXELRNN_INIT;
    pixelrnn_stream stream = PIXELRNN_INIT;
    pixelrnn_generator generator = PIXELRNN_INIT;
    pixelrnn_encoder encoder = PIXELRNN_INIT;
    pixelrnn_classified found;
    pixelrnn_container_info info;
    uint32_t image_class;
    EXPECT(pixelrnn_model_load(&without, blob, bytes), PIXELRNN_OK);
    EXPECT(pixelrnn_model_load(&model, other, with_bytes), PIXELRNN_OK);
    EXPECT(pixelrnn_seed(&generator, 1), PIXELRNN_OK);
    memset(image, 0, PIXELS);
    EXPECT(pixelrnn_begin(&stream, &model, SIDE, SIDE, state, ROOM), PIXELRNN_ERROR_CLASS);
    EXPECT(pixelrnn_begin_class(&stream, &model, PIXELRNN_NO_CLASS, SIDE, SIDE, state, ROOM), PIXELRNN_ERROR_CLASS);
    EXPECT(pixelrnn_begin_class(&stream, &model, 3, SIDE, SIDE, state, ROOM), PIXELRNN_ERROR_CLASS);
    EXPECT(pixelrnn_begin_class(&stream, &model, 65536, SIDE, SIDE, state, ROOM), PIXELRNN_ERROR_CLASS);
    EXPECT(pixelrnn_begin_class(&stream, &without, 0, SIDE, SIDE, state, ROOM), PIXELRNN_ERROR_CLASS);
    EXPECT(pixelrnn_begin_class(&stream, &without, PIXELRNN_NO_CLASS, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_begin_class(&stream, NULL, 0, SIDE, SIDE, state, ROOM), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_begin_class(&stream, &model, 2, SIDE, SIDE, state, ROOM), PIXELRNN_OK);

    EXPECT(pixelrnn_classify_u8(&without, SIDE, SIDE, state, ROOM, image, PIXELS, lengths, 0, &found),
           PIXELRNN_ERROR_CLASS);
    EXPECT(pixelrnn_classify_u8(&model, SIDE, SIDE, state, ROOM, image, PIXELS, lengths, 2, &found),
           PIXELRNN_ERROR_SHORT_BUFFER);
    EXPECT(pixelrnn_classify_u8(&model, SIDE, SIDE, state, ROOM, image, PIXELS - 1, lengths, 3, &found),
           PIXELRNN_ERROR_WRONG_LENGTH);
    EXPECT(pixelrnn_classify_u8(&model, SIDE, SIDE, state, ROOM, image, PIXELS, NULL, 3, &found), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_classify_u8(&model, SIDE, SIDE, state, ROOM, image, PIXELS, lengths, 3, NULL), PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_classify_u8(&model, SIDE, SIDE, state, 3, image, PIXELS, lengths, 3, &found),
           PIXELRNN_ERROR_SHORT_BUFFER);
    EXPECT(pixelrnn_classify_u8(&model, SIDE, SIDE, state, ROOM, image, PIXELS, lengths, 3, &found), PIXELRNN_OK);
    if (found.image_class > 2 || found.code_length != lengths[found.image_class] || found.reserved) mistakes++;
    EXPECT(pixelrnn_likeliest_class_u8(&model, SIDE, SIDE, state, ROOM, image, PIXELS, NULL, NULL),
           PIXELRNN_ERROR_NULL);
    EXPECT(pixelrnn_likeliest_class_u8(&model, SIDE, SIDE, state, ROOM, image, PIXELS, &image_class, NULL),
           PIXELRNN_OK);
    if (image_class != found.image_class) mistakes++;
    image[0] = 2;
    EXPECT(pixelrnn_likeliest_class_u8(&model, SIDE, SIDE, state, ROOM, image, PIXELS, &image_class, NULL),
           PIXELRNN_ERROR_VALUE_OUT_OF_RANGE);
    image[0] = 0;
    EXPECT(pixelrnn_complete_best_u8(&model, PIXELRNN_NO_CLASS, SIDE, SIDE, state, ROOM, &generator, 1, image, known,
                                     trial, PIXELS, NULL),
           PIXELRNN_ERROR_CLASS);

    coded_bytes = 0;
    EXPECT(pixelrnn_encoder_begin_class(&encoder, &model, PIXELRNN_NO_CLASS, SIDE, SIDE, SIDE, SIDE, put_byte, NULL),
           PIXELRNN_ERROR_CLASS);
    EXPECT(pixelrnn_encoder_begin_class(&encoder, &model, 3, SIDE, SIDE, SIDE, SIDE, put_byte, NULL),
           PIXELRNN_ERROR_CLASS);
    EXPECT(pixelrnn_encoder_begin_class(&encoder, &model, 2, SIDE, SIDE, SIDE, SIDE, put_byte, NULL), PIXELRNN_OK);
    EXPECT(pixelrnn_begin_class(&stream, &model, 1, SIDE, SIDE, state, ROOM), PIXELRNN_OK);
    EXPECT(pixelrnn_encode_u8(&encoder, &stream, image, PIXELS), PIXELRNN_ERROR_WRONG_STREAM);
    EXPECT(pixelrnn_container_inspect(coded, PIXELRNN_HEADER_BYTES, &info), PIXELRNN_ERROR_SHORT_BUFFER);
    EXPECT(pixelrnn_container_inspect(coded, PIXELRNN_CLASS_HEADER_BYTES, &info), PIXELRNN_OK);
    if (info.image_class != 2) mistakes++;
}

int main(int count, char **arguments)
{
    size_t bytes, other_bytes, deep_bytes;
    if (count != 5) return 2;
    bytes = load(arguments[1], blob);
    other_bytes = load(arguments[2], other);
    deep_bytes = load(arguments[3], deep);
    texts();
    buffers();
    loading(bytes);
    streaming(bytes, other_bytes);
    coding(bytes, other_bytes);
    depth(deep_bytes);
    other_bytes = load(arguments[4], other);
    classes(bytes, other_bytes);
    if (mistakes > 0) fprintf(stderr, "%d mistakes\n", mistakes);
    return mistakes > 0;
}
