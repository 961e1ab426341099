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

/** Code lengths, which come in 2^-16 bit, in bits and in nats. */
#define PIXELRNN_BITS(code_length) ((double)(code_length) / 65536.0)
#define PIXELRNN_NATS(code_length) (PIXELRNN_BITS(code_length) * 0.69314718055994530942)

/**
 * Bytes of a container's header without a class.
 */
#define PIXELRNN_HEADER_BYTES 24

/**
 * Bytes of a container's header with one.
 */
#define PIXELRNN_CLASS_HEADER_BYTES 26

/**
 * What a `pixelrnn_take` answers at the end.
 */
#define PIXELRNN_NO_BYTE -1

/**
 * Words of 8 bytes in a `pixelrnn_model`.
 */
#define PIXELRNN_MODEL_WORDS 48

/**
 * Words of 8 bytes in a `pixelrnn_stream`.
 */
#define PIXELRNN_STREAM_WORDS 40

/**
 * Words of 8 bytes in a `pixelrnn_generator`.
 */
#define PIXELRNN_GENERATOR_WORDS 4

/**
 * Words of 8 bytes in a `pixelrnn_encoder`.
 */
#define PIXELRNN_ENCODER_WORDS 18

/**
 * Words of 8 bytes in a `pixelrnn_decoder`.
 */
#define PIXELRNN_DECODER_WORDS 20

/**
 * What stands for no class: that of a model without classes.
 */
#define PIXELRNN_NO_CLASS UINT32_MAX

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
     * A length is not width times height times channels.
     */
    PIXELRNN_ERROR_WRONG_LENGTH = 15,
    /**
     * At least one candidate must be drawn.
     */
    PIXELRNN_ERROR_NO_CANDIDATES = 16,
    /**
     * The encoder or decoder handle was not begun, has ended, or was moved.
     */
    PIXELRNN_ERROR_NO_CODER = 17,
    /**
     * A callback said that it failed.
     */
    PIXELRNN_ERROR_CALLBACK = 18,
    /**
     * The stream is of another model, class or size than the coder, or not at the value that comes next.
     */
    PIXELRNN_ERROR_WRONG_STREAM = 19,
    /**
     * An image must be complete before its group or the container ends.
     */
    PIXELRNN_ERROR_INSIDE_IMAGE = 20,
    /**
     * No image was announced here, or the one before is not complete.
     */
    PIXELRNN_ERROR_OUT_OF_ORDER = 21,
    /**
     * The model's values take more than 8 bits: the same function for `uint16_t` takes them.
     */
    PIXELRNN_ERROR_NEEDS_16_BITS = 22,
    /**
     * A model with classes was given none, or one that it does not have; or a model without was given one.
     */
    PIXELRNN_ERROR_CLASS = 23,
    /**
     * A model that draws images given a smaller one was given none, or one of another size; or a model that does not was given one.
     */
    PIXELRNN_ERROR_SMALL_IMAGE = 24,
    /**
     * A value is not the one that the smaller image holds.
     */
    PIXELRNN_ERROR_KNOWN_VALUE = 25,
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
     * The blob's number of levels is outside 2 to 65536, or beyond 256 without a mixture.
     */
    PIXELRNN_ERROR_BLOB_LEVELS = 40,
    /**
     * The blob's number of channels is outside 1 to 4.
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
    /**
     * The model draws images given something that this version does not run.
     */
    PIXELRNN_ERROR_BLOB_CONDITION = 46,
    /**
     * The model's weights are not in a form that this library reads: packed for another instruction set, or of 4 bits.
     * `pixelrnn repack --for all` makes one of them.
     */
    PIXELRNN_ERROR_BLOB_PACKING = 47,
    /**
     * The blob holds several scales, each of which is loaded alone: `pixelrnn_scale_blob` tells where.
     */
    PIXELRNN_ERROR_BLOB_SCALES = 48,
    /**
     * The blob has no such scale.
     */
    PIXELRNN_ERROR_BLOB_NO_SCALE = 49,
    /**
     * No coded images: the first four bytes are not "PRNZ".
     */
    PIXELRNN_ERROR_CONTAINER_MAGIC = 64,
    /**
     * The container's format is of another version than this library reads.
     */
    PIXELRNN_ERROR_CONTAINER_VERSION = 65,
    /**
     * The container's header was changed or damaged.
     */
    PIXELRNN_ERROR_CONTAINER_HEADER = 66,
    /**
     * The images were coded with another model.
     */
    PIXELRNN_ERROR_CONTAINER_MODEL = 67,
    /**
     * The coded images end early.
     */
    PIXELRNN_ERROR_CONTAINER_TRUNCATED = 68,
    /**
     * The coded images are damaged: none of this group's is to be trusted.
     */
    PIXELRNN_ERROR_CONTAINER_DAMAGED = 69,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum pixelrnn_result pixelrnn_result;
#else
typedef int32_t pixelrnn_result;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What comes next in a container.
 */
enum pixelrnn_next
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A tile of an image, the whole unless it is cut: decode all its values, then ask again.
     */
    PIXELRNN_NEXT_IMAGE = 1,
    /**
     * The end of a group: the images since the last one are what was coded. Do not trust them earlier.
     */
    PIXELRNN_NEXT_CHECKED = 2,
    /**
     * The end of the container.
     */
    PIXELRNN_NEXT_END = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum pixelrnn_next pixelrnn_next;
#else
typedef int32_t pixelrnn_next;
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
 * What an image is, and how sure that is; code lengths in 2^-16 bit.
 */
typedef struct {
    /**
     * Code length of the image given its likeliest class.
     */
    uint64_t code_length;
    /**
     * How much longer it is given the second likeliest; all ones of a model of one class.
     */
    uint64_t margin;
    /**
     * Code length of the image if its class is not known, each as likely as the others: large if it is of none of them.
     */
    uint64_t evidence;
    /**
     * The likeliest class; of equals the first.
     */
    uint32_t image_class;
    /**
     * Zero.
     */
    uint32_t reserved;
} pixelrnn_classified;

/**
 * Images being coded. Begin it as `PIXELRNN_INIT`, or let it be static.
 *
 * It borrows what its callback's context is. A moved or copied one is refused with `PIXELRNN_ERROR_NO_CODER`.
 */
typedef struct {
    uint64_t opaque[PIXELRNN_ENCODER_WORDS];
} pixelrnn_encoder;

/**
 * Takes a coded byte, and answers 0; anything else says that it could not.
 *
 * `context` is handed through. It calls nothing of the handles at work, and returns.
 */
typedef int (*pixelrnn_put)(void *context, uint8_t byte);

/**
 * A part of an image that is coded alone: its stream is begun with this size.
 */
typedef struct {
    /**
     * Its place: tiles come row by row of an image, from 0.
     */
    uint32_t index;
    /**
     * The image's column of its first pixel.
     */
    uint32_t left;
    /**
     * The image's row of its first pixel.
     */
    uint32_t top;
    /**
     * Columns.
     */
    uint32_t width;
    /**
     * Rows.
     */
    uint32_t height;
} pixelrnn_tile;

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
 * What all images of a container share.
 */
typedef struct {
    /**
     * Columns of each image.
     */
    uint32_t width;
    /**
     * Rows of each image.
     */
    uint32_t height;
    /**
     * Columns of a tile, but for the last ones of a row: the image's unless it is cut.
     */
    uint32_t tile_width;
    /**
     * Rows of a tile, but for the last ones of a column.
     */
    uint32_t tile_height;
    /**
     * The fingerprint of the model that coded them.
     */
    uint32_t fingerprint;
    /**
     * Values a channel of a pixel can take.
     */
    uint32_t levels;
    /**
     * Channels of a pixel.
     */
    uint32_t channels;
    /**
     * The class of all images, to begin their streams with; `PIXELRNN_NO_CLASS` of a model without classes.
     */
    uint32_t image_class;
    /**
     * How many times wider and higher the images are than those of the container before, the smaller scale's, which their streams are
     * begun with (`pixelrnn_begin_small_u8`): 2 or 4; 0 of the smallest scale and of a single network.
     */
    uint32_t factor;
} pixelrnn_container_info;

/**
 * Images being decoded. Begin it as `PIXELRNN_INIT`, or let it be static.
 *
 * It borrows what its callback's context is. A moved or copied one is refused with `PIXELRNN_ERROR_NO_CODER`.
 */
typedef struct {
    uint64_t opaque[PIXELRNN_DECODER_WORDS];
} pixelrnn_decoder;

/**
 * Gives the next coded byte, 0 to 255; `PIXELRNN_NO_BYTE` at the end; anything else says that it could not.
 *
 * `context` is handed through. It calls nothing of the handles at work, and returns.
 */
typedef int (*pixelrnn_take)(void *context);

/**
 * A small seedable generator of random numbers (xoshiro128++). Begin it as `PIXELRNN_INIT`, or let it be static.
 *
 * It may be copied: the copy goes on from the same place. Not for secrets.
 */
typedef struct {
    uint64_t opaque[PIXELRNN_GENERATOR_WORDS];
} pixelrnn_generator;

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
     * A number that names this very model, whatever it is packed for: the CRC-32 of its blob packed for every target.
     */
    uint32_t fingerprint;
    /**
     * Bytes of the blob.
     */
    uint32_t blob_bytes;
    /**
     * Values a channel of a pixel can take, 2 to 65536.
     */
    uint32_t levels;
    /**
     * Channels of a pixel, 1 to 4.
     */
    uint16_t channels;
    /**
     * Features between blocks.
     */
    uint16_t features;
    /**
     * Layers, the first convolution and the head included.
     */
    uint16_t layers;
    /**
     * Whether the distributions are mixtures of logistics: 1, or 0.
     */
    uint16_t is_mixture;
    /**
     * Classes, of which an image has one; 0 of a model that is given none.
     */
    uint16_t classes;
    /**
     * Zeros.
     */
    uint16_t reserved[3];
} pixelrnn_model_info;

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
    /**
     * Channel of the next value, from 0.
     */
    uint32_t channel;
    /**
     * Channels of a pixel.
     */
    uint32_t channels;
} pixelrnn_position;

/**
 * Bytes in memory: the context of `pixelrnn_buffer_put` and `pixelrnn_buffer_take`.
 *
 * It is the caller's, who may read and change it between calls: a `count` of 0 makes room again.
 */
typedef struct {
    /**
     * The bytes.
     */
    uint8_t *bytes;
    /**
     * How many there is room for.
     */
    size_t room;
    /**
     * How many there are.
     */
    size_t count;
    /**
     * How many of them were taken.
     */
    size_t taken;
} pixelrnn_buffer;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The library's version, `major.minor.patch`.
 */
const char *pixelrnn_version(void);

/**
 * A `pixelrnn_put` whose context is a `pixelrnn_buffer`: appends the byte. It fails where there is no room.
 */
int pixelrnn_buffer_put(void *context,
                        uint8_t byte);

/**
 * A `pixelrnn_take` whose context is a `pixelrnn_buffer`: the next of its bytes.
 */
int pixelrnn_buffer_take(void *context);

/**
 * Classifies an image of a model with classes: scores it given each, one after the other.
 *
 * For models of up to 256 levels. `values` has `width * height * channels` elements, which `count` must be. `code_lengths` has room
 * for `classes` numbers, as many as the model has: the image's code length given each class, in 2^-16 bit. `state` is as for
 * `pixelrnn_begin`. After an error `code_lengths` is undefined.
 */
pixelrnn_result pixelrnn_classify_u8(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                     uint32_t width,
                                     uint32_t height,
                                     uint32_t *PIXELRNN_RESTRICT state,
                                     size_t state_words,
                                     const uint8_t *PIXELRNN_RESTRICT values,
                                     size_t count,
                                     uint64_t *PIXELRNN_RESTRICT code_lengths,
                                     size_t classes,
                                     pixelrnn_classified *PIXELRNN_RESTRICT found);

/**
 * The same as `pixelrnn_classify_u8`, for any model.
 */
pixelrnn_result pixelrnn_classify_u16(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                      uint32_t width,
                                      uint32_t height,
                                      uint32_t *PIXELRNN_RESTRICT state,
                                      size_t state_words,
                                      const uint16_t *PIXELRNN_RESTRICT values,
                                      size_t count,
                                      uint64_t *PIXELRNN_RESTRICT code_lengths,
                                      size_t classes,
                                      pixelrnn_classified *PIXELRNN_RESTRICT found);

/**
 * Tells only which class is the likeliest, for less work: a class is given up once it is less likely than the best so far.
 *
 * For models of up to 256 levels. `code_length`, which may be null, becomes the image's given that class.
 */
pixelrnn_result pixelrnn_likeliest_class_u8(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                            uint32_t width,
                                            uint32_t height,
                                            uint32_t *PIXELRNN_RESTRICT state,
                                            size_t state_words,
                                            const uint8_t *PIXELRNN_RESTRICT values,
                                            size_t count,
                                            uint32_t *PIXELRNN_RESTRICT image_class,
                                            uint64_t *PIXELRNN_RESTRICT code_length);

/**
 * The same as `pixelrnn_likeliest_class_u8`, for any model.
 */
pixelrnn_result pixelrnn_likeliest_class_u16(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                             uint32_t width,
                                             uint32_t height,
                                             uint32_t *PIXELRNN_RESTRICT state,
                                             size_t state_words,
                                             const uint16_t *PIXELRNN_RESTRICT values,
                                             size_t count,
                                             uint32_t *PIXELRNN_RESTRICT image_class,
                                             uint64_t *PIXELRNN_RESTRICT code_length);

/**
 * Begins a container of images of `width` columns and `height` rows, each 1 to 65535: sends its header to `put`.
 *
 * The encoder keeps `put` and `context`, and nothing of the model.
 */
pixelrnn_result pixelrnn_encoder_begin(pixelrnn_encoder *PIXELRNN_RESTRICT encoder,
                                       const pixelrnn_model *PIXELRNN_RESTRICT model,
                                       uint32_t width,
                                       uint32_t height,
                                       pixelrnn_put put,
                                       void *context);

/**
 * Begins a container of images that are cut into tiles: columns and rows of each, 1 to the image's.
 *
 * A tile is modelled as if it were an image alone: each is coded by a stream of its own size, which
 * `pixelrnn_encoder_tile` tells, and needs the state of that width only. Tiles come row by row of an image.
 */
pixelrnn_result pixelrnn_encoder_begin_tiled(pixelrnn_encoder *PIXELRNN_RESTRICT encoder,
                                             const pixelrnn_model *PIXELRNN_RESTRICT model,
                                             uint32_t width,
                                             uint32_t height,
                                             uint32_t tile_width,
                                             uint32_t tile_height,
                                             pixelrnn_put put,
                                             void *context);

/**
 * The same as `pixelrnn_encoder_begin_tiled`, of images of a class, which their streams are begun with. Tiles as large as the image
 * leave it whole.
 */
pixelrnn_result pixelrnn_encoder_begin_class(pixelrnn_encoder *PIXELRNN_RESTRICT encoder,
                                             const pixelrnn_model *PIXELRNN_RESTRICT model,
                                             uint32_t image_class,
                                             uint32_t width,
                                             uint32_t height,
                                             uint32_t tile_width,
                                             uint32_t tile_height,
                                             pixelrnn_put put,
                                             void *context);

/**
 * The tile that is at hand, or comes next; the whole image, unless it is cut.
 */
pixelrnn_result pixelrnn_encoder_tile(const pixelrnn_encoder *PIXELRNN_RESTRICT encoder,
                                      pixelrnn_tile *PIXELRNN_RESTRICT tile);

/**
 * Codes the next value of an image, and observes it: one step of a main loop. A newly begun stream begins a new image.
 *
 * Coding holds temperature at 100. After `PIXELRNN_ERROR_CALLBACK` the container is lost.
 */
pixelrnn_result pixelrnn_encode_next(pixelrnn_encoder *PIXELRNN_RESTRICT encoder,
                                     pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                     uint16_t value);

/**
 * Codes the next `count` values of an image, and observes them. A newly begun stream begins a new image.
 *
 * For models of up to 256 levels. A whole image or a part of it: a device codes its rows as they come. Coding holds
 * temperature at 100. After `PIXELRNN_ERROR_CALLBACK` the container is lost.
 */
pixelrnn_result pixelrnn_encode_u8(pixelrnn_encoder *PIXELRNN_RESTRICT encoder,
                                   pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                   const uint8_t *PIXELRNN_RESTRICT values,
                                   size_t count);

/**
 * The same as `pixelrnn_encode_u8`, for any model.
 */
pixelrnn_result pixelrnn_encode_u16(pixelrnn_encoder *PIXELRNN_RESTRICT encoder,
                                    pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                    const uint16_t *PIXELRNN_RESTRICT values,
                                    size_t count);

/**
 * Ends a group: sends what is held back, and a check of the images since the last one.
 *
 * For a device that sends single frames; a file needs one only at its end, which `pixelrnn_encoder_finish` makes.
 */
pixelrnn_result pixelrnn_encoder_end_group(pixelrnn_encoder *PIXELRNN_RESTRICT encoder);

/**
 * Ends the container. The encoder is to be begun again after it, also after an error.
 */
pixelrnn_result pixelrnn_encoder_finish(pixelrnn_encoder *PIXELRNN_RESTRICT encoder);

/**
 * Tells what a container is by its first bytes, to find its model: `count` is `PIXELRNN_CLASS_HEADER_BYTES` or more, or if there is
 * no class `PIXELRNN_HEADER_BYTES` or more.
 */
pixelrnn_result pixelrnn_container_inspect(const uint8_t *PIXELRNN_RESTRICT bytes,
                                           size_t count,
                                           pixelrnn_container_info *PIXELRNN_RESTRICT info);

/**
 * Begins to decode a container: reads its header from `take`, checks that it is this model's, and tells its size.
 *
 * The decoder keeps `take` and `context`, and nothing of the model.
 */
pixelrnn_result pixelrnn_decoder_begin(pixelrnn_decoder *PIXELRNN_RESTRICT decoder,
                                       const pixelrnn_model *PIXELRNN_RESTRICT model,
                                       pixelrnn_take take,
                                       void *context,
                                       pixelrnn_container_info *PIXELRNN_RESTRICT info);

/**
 * Begins to decode behind a container's header, at a group whose first tile has this place in its image: one tile can be
 * decoded without the others, if it begins a group and one knows where that lies.
 *
 * `header` holds the container's first `PIXELRNN_CLASS_HEADER_BYTES`, or if there is no class `PIXELRNN_HEADER_BYTES`; `count` is
 * that or more.
 */
pixelrnn_result pixelrnn_decoder_begin_at(pixelrnn_decoder *PIXELRNN_RESTRICT decoder,
                                          const pixelrnn_model *PIXELRNN_RESTRICT model,
                                          const uint8_t *PIXELRNN_RESTRICT header,
                                          size_t count,
                                          uint32_t tile,
                                          pixelrnn_take take,
                                          void *context);

/**
 * The tile that is at hand, or comes next; the whole image, unless it is cut.
 */
pixelrnn_result pixelrnn_decoder_tile(const pixelrnn_decoder *PIXELRNN_RESTRICT decoder,
                                      pixelrnn_tile *PIXELRNN_RESTRICT tile);

/**
 * Tells what comes next. After an image, all its values must be decoded before this is asked again.
 */
pixelrnn_result pixelrnn_decoder_next(pixelrnn_decoder *PIXELRNN_RESTRICT decoder,
                                      pixelrnn_next *PIXELRNN_RESTRICT next);

/**
 * Decodes the next value of an image, and lets the stream observe it: one step of a main loop. The image begins with a
 * newly begun stream of the container's size.
 *
 * It is certain only once `pixelrnn_decoder_next` says `PIXELRNN_NEXT_CHECKED`.
 */
pixelrnn_result pixelrnn_decode_next(pixelrnn_decoder *PIXELRNN_RESTRICT decoder,
                                     pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                     uint16_t *PIXELRNN_RESTRICT value);

/**
 * Decodes the next `count` values of an image, and lets the stream observe them; the image begins with a newly begun
 * stream of the container's size.
 *
 * For models of up to 256 levels. They are certain only once `pixelrnn_decoder_next` says `PIXELRNN_NEXT_CHECKED`.
 */
pixelrnn_result pixelrnn_decode_u8(pixelrnn_decoder *PIXELRNN_RESTRICT decoder,
                                   pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                   uint8_t *PIXELRNN_RESTRICT values,
                                   size_t count);

/**
 * The same as `pixelrnn_decode_u8`, for any model.
 */
pixelrnn_result pixelrnn_decode_u16(pixelrnn_decoder *PIXELRNN_RESTRICT decoder,
                                    pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                    uint16_t *PIXELRNN_RESTRICT values,
                                    size_t count);

/**
 * Completes the next `count` values of an image in place: those whose mark in `known` is not 0 are kept and observed,
 * the others are drawn.
 *
 * For models of up to 256 levels. `known` holds a mark a value, from the stream's next value on, as `values` does. A
 * known value steers those after it, never those before: see `pixelrnn_complete_best_u8`. One value at a time:
 * `pixelrnn_observe` what is known, and `pixelrnn_sample_next` what is not.
 */
pixelrnn_result pixelrnn_complete_u8(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                     pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                     uint8_t *PIXELRNN_RESTRICT values,
                                     const uint8_t *PIXELRNN_RESTRICT known,
                                     size_t count);

/**
 * The same as `pixelrnn_complete_u8`, for any model.
 */
pixelrnn_result pixelrnn_complete_u16(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                      pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                      uint16_t *PIXELRNN_RESTRICT values,
                                      const uint8_t *PIXELRNN_RESTRICT known,
                                      size_t count);

/**
 * Draws `candidates` completions of a whole image, and leaves in `values` the one under which the known values that
 * lie after an unknown one are likeliest.
 *
 * For models of up to 256 levels. `image_class` is the image's, or `PIXELRNN_NO_CLASS` of a model without classes. `values`, `known`
 * and `trial` have `width * height * channels` elements, which `count`
 * must be. `values` holds the known ones; after an error its unknown ones are undefined. `code_length`, which may be
 * null, becomes that of the values that decided, in 2^-16 bit.
 */
pixelrnn_result pixelrnn_complete_best_u8(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                          uint32_t image_class,
                                          uint32_t width,
                                          uint32_t height,
                                          uint32_t *PIXELRNN_RESTRICT state,
                                          size_t state_words,
                                          pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                          uint32_t candidates,
                                          uint8_t *PIXELRNN_RESTRICT values,
                                          const uint8_t *PIXELRNN_RESTRICT known,
                                          uint8_t *PIXELRNN_RESTRICT trial,
                                          size_t count,
                                          uint64_t *PIXELRNN_RESTRICT code_length);

/**
 * The same as `pixelrnn_complete_best_u8`, for any model.
 */
pixelrnn_result pixelrnn_complete_best_u16(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                           uint32_t image_class,
                                           uint32_t width,
                                           uint32_t height,
                                           uint32_t *PIXELRNN_RESTRICT state,
                                           size_t state_words,
                                           pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                           uint32_t candidates,
                                           uint16_t *PIXELRNN_RESTRICT values,
                                           const uint8_t *PIXELRNN_RESTRICT known,
                                           uint16_t *PIXELRNN_RESTRICT trial,
                                           size_t count,
                                           uint64_t *PIXELRNN_RESTRICT code_length);

/**
 * The distribution of the next value as a table: a frequency for each level, at least 1, and their sum, at most 2^24.
 *
 * `frequencies` has room for `count` of them, as many as the model's levels or more. Integers, the same on every
 * machine. Of a mixture of many levels one rarely wants them all: `pixelrnn_distribution_find` draws without a table,
 * `pixelrnn_distribution_frequency` tells a single one.
 */
pixelrnn_result pixelrnn_predict(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                 uint32_t *PIXELRNN_RESTRICT frequencies,
                                 size_t count,
                                 uint32_t *PIXELRNN_RESTRICT total);

/**
 * Values that the next one can take: the model's levels.
 */
pixelrnn_result pixelrnn_distribution_levels(pixelrnn_stream *PIXELRNN_RESTRICT stream, uint32_t *PIXELRNN_RESTRICT levels);

/**
 * The sum of all frequencies, at most 2^24: 2^16 of two levels under a softmax, 2^24 of a mixture.
 */
pixelrnn_result pixelrnn_distribution_total(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                            uint32_t *PIXELRNN_RESTRICT total);

/**
 * A value's frequency: at least 1 within the levels, 0 beyond. Its probability is this over the total.
 */
pixelrnn_result pixelrnn_distribution_frequency(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                                uint16_t value,
                                                uint32_t *PIXELRNN_RESTRICT frequency);

/**
 * The sum of the frequencies of all smaller values; the total beyond the levels.
 */
pixelrnn_result pixelrnn_distribution_cumulative(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                                 uint16_t value,
                                                 uint32_t *PIXELRNN_RESTRICT cumulative);

/**
 * The value whose share of 0 to the total holds `target`; the last value for targets beyond.
 *
 * A `target` that is uniform below the total draws a value; a range decoder has one of its own.
 */
pixelrnn_result pixelrnn_distribution_find(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                           uint32_t target,
                                           uint16_t *PIXELRNN_RESTRICT value);

/**
 * The value of the largest frequency, the smallest of several.
 */
pixelrnn_result pixelrnn_distribution_likeliest(pixelrnn_stream *PIXELRNN_RESTRICT stream, uint16_t *PIXELRNN_RESTRICT value);

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
 * Bytes of a `pixelrnn_encoder`, for callers that find its memory at run time; align it to 8 bytes.
 */
size_t pixelrnn_encoder_bytes(void);

/**
 * Bytes of a `pixelrnn_decoder`, for callers that find its memory at run time; align it to 8 bytes.
 */
size_t pixelrnn_decoder_bytes(void);

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
 * Values that a channel of a pixel can take, 2 to 65536. With more than 256 only the functions for `uint16_t` take images.
 */
pixelrnn_result pixelrnn_model_levels(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                      uint32_t *PIXELRNN_RESTRICT levels);

/**
 * Channels of a pixel, 1 to 4: an image has width times height times so many values.
 */
pixelrnn_result pixelrnn_model_channels(const pixelrnn_model *PIXELRNN_RESTRICT model, uint32_t *PIXELRNN_RESTRICT channels);

/**
 * Classes, of which an image has one; 0 of a model that is given none.
 */
pixelrnn_result pixelrnn_model_classes(const pixelrnn_model *PIXELRNN_RESTRICT model, uint32_t *PIXELRNN_RESTRICT classes);

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
 * Draws the next value with a generator, and observes it: one step of a main loop.
 */
pixelrnn_result pixelrnn_sample_next(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                     pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                     uint16_t *PIXELRNN_RESTRICT value);

/**
 * Draws the next value with 32 random bits of the caller's, say a hardware generator's, and observes it.
 */
pixelrnn_result pixelrnn_sample_next_with(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                          uint32_t random,
                                          uint16_t *PIXELRNN_RESTRICT value);

/**
 * Draws the rest of the image into `values`: row by row, pixel by pixel, channel by channel.
 *
 * For models of up to 256 levels. `count` may be less than what is left: then that many are drawn, and the next call
 * goes on. `drawn`, which may be null, becomes the number of values drawn.
 */
pixelrnn_result pixelrnn_sample_u8(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                   pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                   uint8_t *PIXELRNN_RESTRICT values,
                                   size_t count,
                                   size_t *PIXELRNN_RESTRICT drawn);

/**
 * The same as `pixelrnn_sample_u8`, for any model.
 */
pixelrnn_result pixelrnn_sample_u16(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                    pixelrnn_generator *PIXELRNN_RESTRICT generator,
                                    uint16_t *PIXELRNN_RESTRICT values,
                                    size_t count,
                                    size_t *PIXELRNN_RESTRICT drawn);

/**
 * Scales of a model's blob: 1 of a single network. The blob's directory is checked, not the networks.
 */
pixelrnn_result pixelrnn_scale_count(const void *PIXELRNN_RESTRICT blob,
                                     size_t blob_bytes,
                                     uint32_t *PIXELRNN_RESTRICT count);

/**
 * Tells where a scale's network lies in a blob, 0 the smallest: what `pixelrnn_model_load` takes begins `offset` bytes behind the
 * blob's start. The blob may end behind it: larger scales can be left out.
 */
pixelrnn_result pixelrnn_scale_blob(const void *PIXELRNN_RESTRICT blob,
                                    size_t blob_bytes,
                                    uint32_t scale,
                                    size_t *PIXELRNN_RESTRICT offset,
                                    size_t *PIXELRNN_RESTRICT scale_bytes);

/**
 * How many times wider and higher an image is than the smaller one that it is given, 2 or 4; 0 of a model that is given none.
 */
pixelrnn_result pixelrnn_model_factor(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                      uint32_t *PIXELRNN_RESTRICT factor);

/**
 * Columns and rows of the smaller image that an image of a size is given; zeros of a model that is given none.
 */
pixelrnn_result pixelrnn_small_size(const pixelrnn_model *PIXELRNN_RESTRICT model,
                                    uint32_t width,
                                    uint32_t height,
                                    uint32_t *PIXELRNN_RESTRICT small_width,
                                    uint32_t *PIXELRNN_RESTRICT small_height);

/**
 * Begins an image of a model that is given a smaller one, and perhaps a class (`PIXELRNN_NO_CLASS` without): `small` holds the image's
 * values at the rows and columns that are multiples of the factor, as many as `pixelrnn_small_size` says times channels.
 *
 * The smaller image must stay where it is, unchanged, as long as the stream is used. Its values are known: drawing keeps them, and
 * coding spends no bits on them.
 */
pixelrnn_result pixelrnn_begin_small_u8(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                        const pixelrnn_model *PIXELRNN_RESTRICT model,
                                        uint32_t image_class,
                                        const uint8_t *PIXELRNN_RESTRICT small,
                                        size_t small_count,
                                        uint32_t width,
                                        uint32_t height,
                                        uint32_t *PIXELRNN_RESTRICT state,
                                        size_t state_words);

/**
 * The same, for models of any number of levels.
 */
pixelrnn_result pixelrnn_begin_small_u16(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                         const pixelrnn_model *PIXELRNN_RESTRICT model,
                                         uint32_t image_class,
                                         const uint16_t *PIXELRNN_RESTRICT small,
                                         size_t small_count,
                                         uint32_t width,
                                         uint32_t height,
                                         uint32_t *PIXELRNN_RESTRICT state,
                                         size_t state_words);

/**
 * Whether the smaller image holds the next value: 1, or 0; and the value, which is 0 if it does not.
 */
pixelrnn_result pixelrnn_known(const pixelrnn_stream *PIXELRNN_RESTRICT stream,
                               uint32_t *PIXELRNN_RESTRICT is_known,
                               uint16_t *PIXELRNN_RESTRICT value);

/**
 * Scores the next `count` values and observes them: the code length of all, in 2^-16 bit, into `code_length`.
 *
 * For models of up to 256 levels. Exact fixed-point arithmetic, the same on every machine, and what the coder will
 * spend. `map`, which may be null, has room for `count` numbers: each value's own code length, in the values' order, so
 * that a pixel's channels lie side by side. `PIXELRNN_NATS` and `PIXELRNN_BITS` convert.
 * After an error the values before the wrong one have been observed.
 */
pixelrnn_result pixelrnn_score_u8(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                  const uint8_t *PIXELRNN_RESTRICT values,
                                  size_t count,
                                  uint32_t *PIXELRNN_RESTRICT map,
                                  uint64_t *PIXELRNN_RESTRICT code_length);

/**
 * The same as `pixelrnn_score_u8`, for any model.
 */
pixelrnn_result pixelrnn_score_u16(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                   const uint16_t *PIXELRNN_RESTRICT values,
                                   size_t count,
                                   uint32_t *PIXELRNN_RESTRICT map,
                                   uint64_t *PIXELRNN_RESTRICT code_length);

/**
 * Begins an image of `width` columns and `height` rows, each 1 to 65535, of a model without classes.
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
 * The same as `pixelrnn_begin`, of a class of the model's, 0 to their number less 1; `PIXELRNN_NO_CLASS` for a model
 * without classes.
 */
pixelrnn_result pixelrnn_begin_class(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                     const pixelrnn_model *PIXELRNN_RESTRICT model,
                                     uint32_t image_class,
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
 * The channel of the next value, from 0.
 */
pixelrnn_result pixelrnn_stream_channel(const pixelrnn_stream *PIXELRNN_RESTRICT stream, uint32_t *PIXELRNN_RESTRICT channel);

/**
 * Sets the temperature of predictions, in hundredths, 1 to 10000: below 100 they are sharpened, above flattened.
 *
 * It holds from the next prediction that is computed. An image begins with 100, the model's own distribution.
 */
pixelrnn_result pixelrnn_set_temperature(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                         uint32_t percent);

/**
 * Feeds the true value at hand, and moves on to the next: the pixel's next channel, or the next pixel. After an error
 * nothing has changed.
 *
 * A value that is observed without a prediction costs everything but the head.
 */
pixelrnn_result pixelrnn_observe(pixelrnn_stream *PIXELRNN_RESTRICT stream,
                                 uint16_t value);

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
