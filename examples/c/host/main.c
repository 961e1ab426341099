/*
 * What a C program does with pixelrnn: draw, score, compress and decompress pictures.
 *
 *   demo [--class CLASS] COMMAND ...                of a model with classes: what to draw, complete, score or compress given
 *   demo sample MODEL SEED WIDTH HEIGHT OUT.pgm
 *   demo complete MODEL SEED ROWS IN.pgm OUT.pgm    keeps the first rows, draws the others
 *   demo score MODEL IN.pgm
 *   demo classify MODEL IN.pgm                      of a model with classes: which one it is
 *   demo compress MODEL IN.pgm... OUT.prnz          pictures of one size
 *   demo decompress MODEL IN.prnz PREFIX            writes PREFIX0.pgm, PREFIX1.pgm, ...
 *
 * The library allocates nothing: this program does, because a workstation can.
 */
#include <pixelrnn.h>

#include <stdlib.h>
#include <string.h>

#include "files.h"

/* Everything that a picture in work needs. */
typedef struct {
    uint8_t *blob;
    uint32_t *state;
    size_t words;
    pixelrnn_model model;
    pixelrnn_model_info info;
    uint32_t image_class;
    pixelrnn_stream stream;
    pixelrnn_generator generator;
} workshop;

static int done(pixelrnn_result result, const char *what)
{
    if (result == PIXELRNN_OK) return 1;
    fprintf(stderr, "error: %s: %s\n", what, pixelrnn_error_text(result));
    return 0;
}

/* Memory of malloc is aligned for any type, so for a model too. */
static int load(workshop *w, const char *path)
{
    size_t bytes;
    w->blob = read_file(path, &bytes);
    return w->blob != NULL && done(pixelrnn_model_load(&w->model, w->blob, bytes), path) &&
           done(pixelrnn_model_inspect(&w->model, &w->info), path);
}

/* A state that is enough for a width. */
static int grow(workshop *w, uint32_t width)
{
    size_t words;
    if (!done(pixelrnn_state_words(&w->model, width, &words), "width")) return 0;
    if (words > w->words) {
        free(w->state);
        w->state = malloc(words * sizeof *w->state);
        w->words = w->state == NULL ? 0 : words;
    }
    if (w->state == NULL) {
        fprintf(stderr, "error: no memory\n");
        return 0;
    }
    return 1;
}

/* Begins a picture, of the class that was asked for. */
static int begin(workshop *w, uint32_t width, uint32_t height)
{
    return grow(w, width) && done(pixelrnn_begin_class(&w->stream, &w->model, w->image_class, width, height, w->state,
                                                       w->words),
                                  "picture");
}

/* A picture that this model can read. */
static int read_picture(const workshop *w, const char *path, picture *image)
{
    if (!read_pgm(path, image)) return 0;
    if (image->levels == w->info.levels) return 1;
    fprintf(stderr, "error: %s has %lu levels, the model %u\n", path, (unsigned long)image->levels,
            (unsigned)w->info.levels);
    free(image->pixels);
    image->pixels = NULL;
    return 0;
}

static int sample(workshop *w, const char *seed, const char *width, const char *height, const char *out)
{
    picture image = {0, 0, 0, NULL};
    int good;
    image.width = (uint32_t)strtoul(width, NULL, 10);
    image.height = (uint32_t)strtoul(height, NULL, 10);
    image.levels = w->info.levels;
    if (!begin(w, image.width, image.height)) return 0;
    image.pixels = malloc((size_t)image.width * image.height);
    good = image.pixels != NULL && done(pixelrnn_seed(&w->generator, strtoull(seed, NULL, 10)), "seed") &&
           done(pixelrnn_sample_u8(&w->stream, &w->generator, image.pixels, (size_t)image.width * image.height, NULL),
                "sample") &&
           write_pgm(out, &image);
    free(image.pixels);
    return good;
}

static int complete(workshop *w, const char *seed, const char *rows, const char *in, const char *out)
{
    picture image = {0, 0, 0, NULL};
    size_t pixels, kept;
    uint8_t *known = NULL;
    int good = read_picture(w, in, &image) && begin(w, image.width, image.height);
    pixels = (size_t)image.width * image.height;
    kept = (size_t)strtoul(rows, NULL, 10) * image.width;
    if (good) known = calloc(pixels, 1);
    if (known != NULL) memset(known, 1, kept < pixels ? kept : pixels);
    good = known != NULL && done(pixelrnn_seed(&w->generator, strtoull(seed, NULL, 10)), "seed") &&
           done(pixelrnn_complete_u8(&w->stream, &w->generator, image.pixels, known, pixels), "complete") &&
           write_pgm(out, &image);
    free(known);
    free(image.pixels);
    return good;
}

static int score(workshop *w, const char *in)
{
    picture image = {0, 0, 0, NULL};
    uint64_t length;
    int good = read_picture(w, in, &image) && begin(w, image.width, image.height);
    size_t pixels = (size_t)image.width * image.height;
    good = good && done(pixelrnn_score_u8(&w->stream, image.pixels, pixels, NULL, &length), in);
    if (good) {
        printf("%s: %.3f nats, %.3f bits, %.4f bits per dimension\n", in, PIXELRNN_NATS(length),
               PIXELRNN_BITS(length), PIXELRNN_BITS(length) / (double)pixels);
    }
    free(image.pixels);
    return good;
}

static int classify(workshop *w, const char *in)
{
    picture image = {0, 0, 0, NULL};
    uint64_t *lengths = malloc((w->info.classes + 1) * sizeof *lengths);
    pixelrnn_classified found;
    size_t n;
    int good = lengths != NULL && read_picture(w, in, &image) && grow(w, image.width) &&
               done(pixelrnn_classify_u8(&w->model, image.width, image.height, w->state, w->words, image.pixels,
                                         (size_t)image.width * image.height, lengths, w->info.classes, &found),
                    in);
    if (good) {
        printf("%s: class %lu by %.3f nats, %.3f nats if its class is not known\n", in,
               (unsigned long)found.image_class, PIXELRNN_NATS(found.margin), PIXELRNN_NATS(found.evidence));
        for (n = 0; n < w->info.classes; n++) printf("%lu: %.3f nats\n", (unsigned long)n, PIXELRNN_NATS(lengths[n]));
    }
    free(lengths);
    free(image.pixels);
    return good;
}

static int put_byte(void *file, uint8_t byte) { return putc(byte, file) == EOF; }

static int take_byte(void *file)
{
    int byte = getc(file);
    if (byte != EOF) return byte;
    return ferror((FILE *)file) ? -2 : PIXELRNN_NO_BYTE;
}

static int compress(workshop *w, char **in, int count, const char *out)
{
    pixelrnn_encoder encoder = PIXELRNN_INIT;
    picture image = {0, 0, 0, NULL};
    uint32_t width = 0, height = 0;
    int n, good = 1;
    FILE *file = open_new(out);
    if (file == NULL) return 0;
    for (n = 0; good && n < count; n++) {
        good = read_picture(w, in[n], &image);
        if (good && n == 0) {
            width = image.width;
            height = image.height;
            good = done(pixelrnn_encoder_begin_class(&encoder, &w->model, w->image_class, width, height, width, height,
                                                     put_byte, file),
                        out);
        } else if (good && (image.width != width || image.height != height)) {
            fprintf(stderr, "error: %s is not of the first picture's size\n", in[n]);
            good = 0;
        }
        good = good && begin(w, width, height) &&
               done(pixelrnn_encode_u8(&encoder, &w->stream, image.pixels, (size_t)width * height), in[n]);
        free(image.pixels);
        image.pixels = NULL;
    }
    good = good && done(pixelrnn_encoder_finish(&encoder), out);
    if (good) printf("%d pictures, %ld bytes\n", count, ftell(file));
    return close_new(file, out, good);
}

/* Decodes all pictures of a group, and writes them once the group is checked. */
static int decompress(workshop *w, const char *in, const char *prefix)
{
    pixelrnn_decoder decoder = PIXELRNN_INIT;
    pixelrnn_container_info info;
    pixelrnn_next next;
    picture *group = NULL, *grown;
    size_t held = 0, written = 0, n, pixels;
    char *path = malloc(strlen(prefix) + 32);
    FILE *file = fopen(in, "rb");
    int good = path != NULL && file != NULL;
    if (!good) fprintf(stderr, "error: %s cannot be read\n", in);
    good = good && done(pixelrnn_decoder_begin(&decoder, &w->model, take_byte, file, &info), in);
    if (good) w->image_class = info.image_class;
    while (good) {
        good = done(pixelrnn_decoder_next(&decoder, &next), in);
        if (!good || next == PIXELRNN_NEXT_END) break;
        if (next == PIXELRNN_NEXT_IMAGE) {
            grown = realloc(group, (held + 1) * sizeof *group);
            pixels = (size_t)info.width * info.height;
            good = grown != NULL;
            if (!good) break;
            group = grown;
            group[held].width = info.width;
            group[held].height = info.height;
            group[held].levels = info.levels;
            group[held].pixels = malloc(pixels);
            good = group[held].pixels != NULL && begin(w, info.width, info.height) &&
                   done(pixelrnn_decode_u8(&decoder, &w->stream, group[held].pixels, pixels), in);
            held++;
        } else {
            for (n = written; good && n < held; n++) {
                sprintf(path, "%s%lu.pgm", prefix, (unsigned long)n);
                good = write_pgm(path, &group[n]);
            }
            written = held;
        }
    }
    if (good) printf("%lu pictures\n", (unsigned long)written);
    for (n = 0; n < held; n++) free(group[n].pixels);
    free(group);
    free(path);
    if (file != NULL) fclose(file);
    return good;
}

/* A class, if one is told before the command; returns how many arguments that takes. */
static int told_class(uint32_t *image_class, int count, char **arguments)
{
    char *end;
    *image_class = PIXELRNN_NO_CLASS;
    if (count < 3 || strcmp(arguments[1], "--class") != 0) return 0;
    *image_class = (uint32_t)strtoul(arguments[2], &end, 10);
    return *end == '\0' && end != arguments[2] ? 2 : 0;
}

int main(int count, char **arguments)
{
    static workshop w; /* static: zeroed, as handles must begin */
    const int told = told_class(&w.image_class, count, arguments);
    const char *command;
    int good = 0;
    count -= told;
    arguments += told;
    command = count > 1 ? arguments[1] : "";
    if (strcmp(command, "sample") == 0 && count == 7) {
        good = load(&w, arguments[2]) && sample(&w, arguments[3], arguments[4], arguments[5], arguments[6]);
    } else if (strcmp(command, "complete") == 0 && count == 7) {
        good = load(&w, arguments[2]) && complete(&w, arguments[3], arguments[4], arguments[5], arguments[6]);
    } else if (strcmp(command, "score") == 0 && count == 4) {
        good = load(&w, arguments[2]) && score(&w, arguments[3]);
    } else if (strcmp(command, "classify") == 0 && count == 4) {
        good = load(&w, arguments[2]) && classify(&w, arguments[3]);
    } else if (strcmp(command, "compress") == 0 && count >= 5) {
        good = load(&w, arguments[2]) && compress(&w, arguments + 3, count - 4, arguments[count - 1]);
    } else if (strcmp(command, "decompress") == 0 && count == 5) {
        good = load(&w, arguments[2]) && decompress(&w, arguments[3], arguments[4]);
    } else {
        fprintf(stderr, "usage: demo [--class CLASS] COMMAND ...\n"
                        "       demo sample MODEL SEED WIDTH HEIGHT OUT.pgm\n"
                        "       demo complete MODEL SEED ROWS IN.pgm OUT.pgm\n"
                        "       demo score MODEL IN.pgm\n"
                        "       demo classify MODEL IN.pgm\n"
                        "       demo compress MODEL IN.pgm... OUT.prnz\n"
                        "       demo decompress MODEL IN.prnz PREFIX\n");
    }
    free(w.blob);
    free(w.state);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
