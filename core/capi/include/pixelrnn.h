/*
 * pixelrnn: PixelCNN and PixelRNN image models in integer arithmetic, one pixel at a time.
 *
 * Made by cbindgen from core/capi; not to be edited.
 *
 * Rules for every call:
 * - It answers PIXELRNN_OK, or why nothing was done; pixelrnn_error_text has a sentence for each answer.
 * - It allocates nothing, keeps nothing, and uses no global state: handles and buffers are the caller's memory.
 *   Calls on different streams may run at the same time, also on one model.
 * - A pointer that is null or not aligned, a buffer too short or a length too large is an error. What no library can
 *   check is the caller's promise: that a pointer which is neither is good for the length that is given with it.
 * - Buffers of one call do not overlap, as `restrict` says.
 * - Handles begin as PIXELRNN_INIT or as static memory; there is nothing to be freed. What they borrow stays where it
 *   is: a model borrows its blob, a stream borrows its model's handle and its state.
 */

#ifndef PIXELRNN_H
#define PIXELRNN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define PIXELRNN_RESTRICT __restrict
#else
#define PIXELRNN_RESTRICT restrict
#endif

/** What a handle begins as: `pixelrnn_model model = PIXELRNN_INIT;` */
#define PIXELRNN_INIT {{0}}

/**
 * Words of 8 bytes in a `pixelrnn_model`.
 */
#define PIXELRNN_MODEL_WORDS 40

/**
 * Words of 8 bytes in a `pixelrnn_stream`.
 */
#define PIXELRNN_STREAM_WORDS 20

/**
 * Words of 8 bytes in a `pixelrnn_generator`.
 */
#define PIXELRNN_GENERATOR_WORDS 4

/**
 * What every call answers: `PIXELRNN_OK`, or why nothing was done.
 *
 * `pixelrnn_error_text` has a sentence for each.
 */
enum pixelrnn_result
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Done.
     */
    PIXELRNN_OK = 0,
    /**
     * A pointer is null.
     */
    PIXELRNN_ERROR_NULL = 1,
    /**
     * A pointer is not aligned for its type.
     */
    PIXELRNN_ERROR_MISALIGNED = 2,
    /**
     * A buffer is shorter than what belongs in it.
     */
    PIXELRNN_ERROR_SHORT_BUFFER = 3,
    /**
     * A length is more than the address space holds.
     */
    PIXELRNN_ERROR_SIZE_OVERFLOW = 4,
    /**
     * The model handle holds no loaded model, or was moved after loading.
     */
    PIXELRNN_ERROR_NOT_LOADED = 5,
    /**
     * The stream handle holds no begun image, or was moved after its beginning.
     */
    PIXELRNN_ERROR_NOT_BEGUN = 6,
    /**
     * The generator handle was not seeded.
     */
    PIXELRNN_ERROR_NOT_SEEDED = 7,
    /**
     * The stream's model was loaded again after the image's beginning.
     */
    PIXELRNN_ERROR_MODEL_CHANGED = 8,
    /**
     * The image is complete.
     */
    PIXELRNN_ERROR_PAST_END = 9,
    /**
     * A value is not one of the model's levels.
     */
    PIXELRNN_ERROR_VALUE_OUT_OF_RANGE = 10,
    /**
     * Width or height is 0.
     */
    PIXELRNN_ERROR_EMPTY_IMAGE = 11,
    /**
     * Width or height is above 65535.
     */
    PIXELRNN_ERROR_IMAGE_TOO_LARGE = 12,
    /**
     * A temperature is outside 1 to 10000 hundredths.
     */
    PIXELRNN_ERROR_TEMPERATURE = 13,
    /**
     * A case that this version of the library has no code for.
     */
    PIXELRNN_ERROR_OTHER = 14,
    /**
     * The blob does not start at an address that is a multiple of 4.
     */
    PIXELRNN_ERROR_BLOB_MISALIGNED = 32,
    /**
     * The blob is no model: its first four bytes are not "PRNN".
     */
    PIXELRNN_ERROR_BLOB_MAGIC = 33,
    /**
     * The blob's format is of another version than this library reads.
     */
    PIXELRNN_ERROR_BLOB_VERSION = 34,
    /**
     * Reserved bits of the blob are set.
     */
    PIXELRNN_ERROR_BLOB_RESERVED = 35,
    /**
     * The blob ends early.
     */
    PIXELRNN_ERROR_BLOB_TRUNCATED = 36,
    /**
     * Bytes follow the blob's end.
     */
    PIXELRNN_ERROR_BLOB_TRAILING = 37,
    /**
     * The blob was changed or damaged.
     */
    PIXELRNN_ERROR_BLOB_CHECKSUM = 38,
    /**
     * The blob's header cannot be read.
     */
    PIXELRNN_ERROR_BLOB_HEADER = 39,
    /**
     * The blob's number of levels is outside 2 to 256.
     */
    PIXELRNN_ERROR_BLOB_LEVELS = 40,
    /**
     * The blob's images have a number of channels that this version does not run.
     */
    PIXELRNN_ERROR_BLOB_CHANNELS = 41,
    /**
     * A layer is out of place or of an impossible shape.
     */
    PIXELRNN_ERROR_BLOB_LAYER = 42,
    /**
     * A layer's shift is out of range.
     */
    PIXELRNN_ERROR_BLOB_SHIFT = 43,
    /**
     * A layer's weights or multipliers are out of range.
     */
    PIXELRNN_ERROR_BLOB_WEIGHTS = 44,
    /**
     * The blob's body is not as long as its layers say.
     */
    PIXELRNN_ERROR_BLOB_LENGTH = 45,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum pixelrnn_result pixelrnn_result;
#else
typedef int32_t pixelrnn_result;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The kind of a model's blocks.
 */
enum pixelrnn_architecture
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A kind that this version of the library has no name for.
     */
    PIXELRNN_ARCHITECTURE_OTHER = 0,
    /**
     * Residual blocks with masked convolutions.
     */
    PIXELRNN_ARCHITECTURE_PIXELCNN = 1,
    /**
     * Row LSTM layers.
     */
    PIXELRNN_ARCHITECTURE_ROW_LSTM = 2,
    /**
     * Diagonal BiLSTM layers.
     */
    PIXELRNN_ARCHITECTURE_DIAGONAL_BILSTM = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum pixelrnn_architecture pixelrnn_architecture;
#else
typedef int32_t pixelrnn_architecture;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A loaded model. Begin it as `PIXELRNN_INIT`, or let it be static.
 *
 * It borrows the blob, which must stay where it is, unchanged, as long as the handle is used. The handle itself must
 * stay where it is while streams use it: a moved or copied one is refused with `PIXELRNN_ERROR_NOT_LOADED`.
 * Many streams may share a model, on many threads.
 */
typedef struct {
    uint64_t opaque[PIXELRNN_MODEL_WORDS];
} pixelrnn_model;

/**
 * What a model is.
 */
typedef struct {
    /**
     * Multiply-adds that a pixel costs, the head included.
     */
    uint64_t macs_per_pixel;
    /**
     * The kind of blocks.
     */
    pixelrnn_architecture architecture;
    /**
     * A number that names this very model: its blob's CRC-32.
     */
    uint32_t fingerprint;
    /**
     * Bytes of the blob.
     */
    uint32_t blob_bytes;
    /**
     * Values a pixel can take, 2 to 256.
     */
    uint16_t levels;
    /**
     * Features between blocks.
     */
    uint16_t features;
    /**
     * Layers, the first convolution and the head included.
     */
    uint16_t layers;
    /**
     * Channels an image has.
     */
    uint16_t channels;
} pixelrnn_model_info;

/**
 * A small seedable generator of random numbers (xoshiro128++). Begin it as `PIXELRNN_INIT`, or let it be static.
 *
 * It may be copied: the copy goes on from the same place. Not for secrets.
 */
typedef struct {
    uint64_t opaque[PIXELRNN_GENERATOR_WORDS];
} pixelrnn_generator;

/**
 * An image being modelled. Begin it as `PIXELRNN_INIT`, or let it be static.
 *
 * It borrows the model's handle and the state's buffer, which must stay where they are as long as the stream is used;
 * nobody else may write the state. A moved or copied stream is refused with `PIXELRNN_ERROR_NOT_BEGUN`.
 * There is nothing to be freed: a stream may be begun again at any time, or forgotten.
 */
typedef struct {
    uint64_t opaque[PIXELRNN_STREAM_WORDS];
} pixelrnn_stream;

/**
 * Where a stream is.
 */
typedef struct {
    /**
     * Columns of the image.
     */
    uint32_t width;
    /**
     * Rows of the image.
     */
    uint32_t height;
    /**
     * Column of the next value.
     */
    uint32_t column;
    /**
     * Row of the next value; the height once the image is complete.
     */
    uint32_t row;
} pixelrnn_position;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Bytes of a `pixelrnn_model`, for callers that find its memory at run time; align it to 8 bytes.
 */
size_t pixelrnn_model_bytes(void);

/**
 * Bytes of a `pixelrnn_stream`, for callers that find its memory at run time; align it to 8 bytes.
 */
size_t pixelrnn_stream_bytes(void);

/**
 * Bytes of a `pixelrnn_generator`, for callers that find its memory at run time; align it to 8 bytes.
 */
size_t pixelrnn_generator_bytes(void);

/**
 * Checks a blob whole, once, and loads the model in it. Reads every byte of it, and copies none.
 *
 * `blob` must start at an address that is a multiple of 4.
 */
pixelrnn_result pixelrnn_model_load(pixelrnn_model *PIXELRNN_RESTRICT model,
                                    const void *PIXELRNN_RESTRICT blob,
                                    size_t blob_bytes);

/**
 * Tells what a model is.
 */
pixelrnn_result pixelrnn_model_inspect(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                       pixelrnn_model_info *PIXELRNN_RESTRICT info);

/**
 * Words of 32 bits of state that an image of this width needs, whatever its height. The same on every machine.
 *
 * `pixelrnn embed` writes the same number as a macro, for a buffer of fixed size.
 */
pixelrnn_result pixelrnn_state_words(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                     uint32_t width,
                                     size_t *PIXELRNN_RESTRICT words);

/**
 * A sentence for a result, in English, static and never null; numbers that are no result have one too.
 */
const char *pixelrnn_error_text(int32_t result);

/**
 * Seeds a generator: the same seed draws the same image on every machine, from C as from Rust.
 */
pixelrnn_result pixelrnn_seed(pixelrnn_generator *PIXELRNN_RESTRICT generator,
                              uint64_t seed);

/**
 * The next 32 random bits of a generator.
 */
pixelrnn_result pixelrnn_random(pixelrnn_generator *PIXELRNN_RESTRICT generator, uint32_t *PIXELRNN_RESTRICT number);

/**
 * Draws the next pixel with a generator, and observes it: one step of a main loop.
 */
pixelrnn_result pixelrnn_sample_next(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                     pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                     uint8_t *PIXELRNN_RESTRICT value);

/**
 * Draws the next pixel with 32 random bits of the caller's, say a hardware generator's, and observes it.
 */
pixelrnn_result pixelrnn_sample_next_with(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                          uint32_t random,
                                          uint8_t *PIXELRNN_RESTRICT value);

/**
 * Draws the rest of the image into `pixels`, row by row, a byte a pixel.
 *
 * `count` may be less than what is left: then that many are drawn, and the next call goes on. `drawn`, which may be
 * null, becomes the number of pixels drawn.
 */
pixelrnn_result pixelrnn_sample(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                uint8_t *PIXELRNN_RESTRICT pixels,
                                size_t count,
                                size_t *PIXELRNN_RESTRICT drawn);

/**
 * Begins an image of `width` columns and `height` rows, each 1 to 65535.
 *
 * The state's contents do not matter; only its first words are used, as many as `pixelrnn_state_words` says.
 * After an error the stream holds no image.
 */
pixelrnn_result pixelrnn_begin(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                               const pixelrnn_model *PIXELRNN_RESTRICT model,
                               uint32_t width,
                               uint32_t height,
                               uint32_t *PIXELRNN_RESTRICT state,
                               size_t state_words);

/**
 * Tells where a stream is.
 */
pixelrnn_result pixelrnn_where(const pixelrnn_stream *PIXELRNN_RESTRICT stream,
                               pixelrnn_position *PIXELRNN_RESTRICT position);

/**
 * Sets the temperature of predictions, in hundredths, 1 to 10000: below 100 they are sharpened, above flattened.
 *
 * It holds from the next prediction that is computed. An image begins with 100, the model's own distribution.
 */
pixelrnn_result pixelrnn_set_temperature(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                         uint32_t percent);

/**
 * The distribution of the next value: a frequency for each level, at least 1, and their sum, at most 2^24.
 *
 * `frequencies` has room for `count` of them, as many as the model's levels or more. Integers, the same on every
 * machine. Asked again before `pixelrnn_observe`, it gives the same.
 */
pixelrnn_result pixelrnn_predict(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                 uint32_t *PIXELRNN_RESTRICT frequencies,
                                 size_t count,
                                 uint32_t *PIXELRNN_RESTRICT total);

/**
 * Feeds the true value of the pixel at hand, and moves on to the next. After an error nothing has changed.
 *
 * A pixel that is observed without a prediction costs everything but the head.
 */
pixelrnn_result pixelrnn_observe(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                 uint8_t value);

/**
 * Runs up to `steps` of the work that a complete row leaves behind, and tells how many steps are left.
 *
 * Only a Diagonal BiLSTM has any: a step is one column of one layer. What is left is run by the next prediction or
 * observation; a main loop that must stay responsive calls this in between. `left` may be null.
 */
pixelrnn_result pixelrnn_row_end(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                 uint32_t steps,
                                 uint32_t *PIXELRNN_RESTRICT left);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* PIXELRNN_H */
