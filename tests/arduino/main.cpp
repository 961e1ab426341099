/* Runs a sketch's setup once and its loop LOOPS times. */
#include "Arduino.h"

Line Serial;

int main() {
    setup();
    for (int n = 0; n < LOOPS; n++) loop();
    return fflush(stdout);
}
