/* Reading and writing the example's files. Every function says on stderr what went wrong, and returns 0 then. */
#ifndef FILES_H
#define FILES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A picture: a byte a pixel, row by row. */
typedef struct {
    uint32_t width, height, levels;
    uint8_t *pixels;
} picture;

/* The bytes of a file, in memory of malloc. */
uint8_t *read_file(const char *path, size_t *bytes);

/* A binary PGM (P5) of up to 256 levels; the caller frees the pixels. */
int read_pgm(const char *path, picture *result);

/* The same, written beside its place and then renamed. */
int write_pgm(const char *path, const picture *image);

/* A file that is whole or not there: written to PATH.part, and renamed by close_new if all went well. */
FILE *open_new(const char *path);
int close_new(FILE *file, const char *path, int good);

#endif
