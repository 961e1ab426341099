#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *path, const char *what)
{
    fprintf(stderr, "error: %s: %s\n", path, what);
    return 0;
}

uint8_t *read_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    long length = -1;
    uint8_t *data = NULL;
    if (file == NULL) {
        complain(path, strerror(errno));
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0) length = ftell(file);
    if (length >= 0 && fseek(file, 0, SEEK_SET) == 0) data = malloc((size_t)length + 1);
    if (data != NULL && fread(data, 1, (size_t)length, file) != (size_t)length) {
        free(data);
        data = NULL;
    }
    fclose(file);
    if (data == NULL) {
        complain(path, "cannot be read");
        return NULL;
    }
    *bytes = (size_t)length;
    return data;
}

/* The next number of a PGM's header; -1 if there is none. */
static long number(const uint8_t *data, size_t bytes, size_t *at)
{
    long value = 0;
    while (*at < bytes && (strchr(" \t\r\n", data[*at]) != NULL || data[*at] == '#')) {
        if (data[*at] == '#') {
            while (*at < bytes && data[*at] != '\n') ++*at;
        } else {
            ++*at;
        }
    }
    if (*at >= bytes || data[*at] < '0' || data[*at] > '9') return -1;
    while (*at < bytes && data[*at] >= '0' && data[*at] <= '9' && value < 100000) value = 10 * value + (data[(*at)++] - '0');
    return value;
}

int read_pgm(const char *path, picture *result)
{
    size_t bytes, at = 2, pixels;
    long width, height, most;
    uint8_t *data = read_file(path, &bytes);
    if (data == NULL) return 0;
    if (bytes < 2 || memcmp(data, "P5", 2) != 0) {
        free(data);
        return complain(path, "not a binary PGM picture");
    }
    width = number(data, bytes, &at);
    height = number(data, bytes, &at);
    most = number(data, bytes, &at);
    if (width < 1 || height < 1 || most < 1 || width > 65535 || height > 65535 || most > 255) {
        free(data);
        return complain(path, "not a PGM picture of up to 65535 x 65535 pixels and 256 levels");
    }
    pixels = (size_t)width * (size_t)height;
    if (bytes - at < 1 || bytes - at - 1 < pixels) {
        free(data);
        return complain(path, "the picture ends early");
    }
    memmove(data, data + at + 1, pixels);
    result->width = (uint32_t)width;
    result->height = (uint32_t)height;
    result->levels = (uint32_t)most + 1;
    result->pixels = data;
    return 1;
}

int write_pgm(const char *path, const picture *image)
{
    size_t pixels = (size_t)image->width * image->height;
    FILE *file = open_new(path);
    int good;
    if (file == NULL) return 0;
    good = fprintf(file, "P5\n%lu %lu\n%lu\n", (unsigned long)image->width, (unsigned long)image->height,
                   (unsigned long)image->levels - 1) > 0 &&
           fwrite(image->pixels, 1, pixels, file) == pixels;
    return close_new(file, path, good);
}

static char *beside(const char *path)
{
    char *part = malloc(strlen(path) + sizeof ".part");
    if (part != NULL) strcat(strcpy(part, path), ".part");
    return part;
}

FILE *open_new(const char *path)
{
    char *part = beside(path);
    FILE *file = part == NULL ? NULL : fopen(part, "wb");
    if (file == NULL) complain(path, strerror(errno));
    free(part);
    return file;
}

int close_new(FILE *file, const char *path, int good)
{
    char *part = beside(path);
    int closed = fclose(file) == 0;
    int whole = part != NULL && good && closed && rename(part, path) == 0;
    if (!whole) {
        if (part != NULL) remove(part);
        if (good) complain(path, "cannot be written");
    }
    free(part);
    return whole;
}
