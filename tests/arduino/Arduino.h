/* What the sketches use of a board's core: a serial line, which is newlib's standard output here. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct Line {
    void begin(unsigned long) {}
    void print(char character) { putchar(character); }
    void print(const char *text) { fputs(text, stdout); }
    void print(unsigned long number) { printf("%lu", number); }
    void println(const char *text) { puts(text); }
};
extern Line Serial;

inline void delay(unsigned long) {}
void setup();
void loop();

#endif
