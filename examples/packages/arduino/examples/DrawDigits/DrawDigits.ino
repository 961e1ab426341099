// Draws digits, pixel by pixel, and prints them: from the same seed the same digit as on any other machine.
#include <pixelrnn.h>

#include "model.h" // another one: pixelrnn embed MODEL.prnn --name model -o model.h

static const uint32_t WIDTH = 28, HEIGHT = 28;

static pixelrnn_model digits;
static pixelrnn_stream stream;
static pixelrnn_generator generator;
static uint32_t state[MODEL_STATE_WORDS(WIDTH)];
static uint64_t seed = 1;

static bool good(pixelrnn_result result) {
    if (result == PIXELRNN_OK) return true;
    Serial.println(pixelrnn_error_text(result));
    return false;
}

void setup() {
    Serial.begin(115200);
    good(pixelrnn_model_load(&digits, model, MODEL_BYTES));
}

void loop() {
    bool begun = good(pixelrnn_seed(&generator, seed)) &&
                 good(pixelrnn_begin(&stream, &digits, WIDTH, HEIGHT, state, MODEL_STATE_WORDS(WIDTH)));
    for (uint32_t row = 0; begun && row < HEIGHT; row++) {
        for (uint32_t column = 0; begun && column < WIDTH; column++) {
            uint16_t value = 0;
            begun = good(pixelrnn_sample_next(&stream, &generator, &value));
            Serial.print(value ? '#' : '.');
        }
        Serial.println("");
    }
    seed++;
    delay(1000);
}
