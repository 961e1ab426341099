/* A digit on standard output: what the examples of ESP-IDF and Zephyr share. */
#ifndef DIGIT_H
#define DIGIT_H

#include <stdbool.h>
#include <stdint.h>

/* Draws a digit pixel by pixel and prints it row by row: from the same seed the same digit as on any other machine. */
bool digit_print(uint64_t seed);

#endif
