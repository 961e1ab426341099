// Draws a digit of each class in turn, and tells which one it is, how sure that is, and whether it is a digit at all.
#include <pixelrnn.h>

#include "model.h" // another one with classes: pixelrnn embed MODEL.prnn --name model -o model.h

static const uint32_t WIDTH = 8, HEIGHT = 8;

static pixelrnn_model digits;
static pixelrnn_stream stream;
static pixelrnn_generator generator;
static uint32_t state[MODEL_STATE_WORDS(WIDTH)];
static uint8_t image[WIDTH * HEIGHT];
static uint64_t code_lengths[MODEL_CLASSES];
static uint32_t asked = 0;

static bool good(pixelrnn_result result) {
    if (result == PIXELRNN_OK) return true;
    Serial.println(pixelrnn_error_text(result));
    return false;
}

static bool draw(uint32_t image_class) {
    return good(pixelrnn_seed(&generator, 1)) &&
           good(pixelrnn_begin_class(&stream, &digits, image_class, WIDTH, HEIGHT, state, MODEL_STATE_WORDS(WIDTH))) &&
           good(pixelrnn_sample_u8(&stream, &generator, image, sizeof image, NULL));
}

static bool tell(pixelrnn_classified *found) {
    return good(pixelrnn_classify_u8(&digits, WIDTH, HEIGHT, state, MODEL_STATE_WORDS(WIDTH), image, sizeof image,
                                     code_lengths, MODEL_CLASSES, found));
}

// Whole nats.
static void print(const char *what, uint64_t code_length) {
    Serial.print(what);
    Serial.print((unsigned long)PIXELRNN_NATS(code_length));
}

void setup() {
    Serial.begin(115200);
    good(pixelrnn_model_load(&digits, model, MODEL_BYTES));
}

void loop() {
    pixelrnn_classified found;
    if (draw(asked) && tell(&found)) {
        Serial.print("asked for ");
        Serial.print((unsigned long)asked);
        Serial.print(", found ");
        Serial.print((unsigned long)found.image_class);
        print(", nats before the next: ", found.margin);
        print(", nats under any: ", found.evidence);
        Serial.println("");
    }
    asked = (asked + 1) % MODEL_CLASSES;
    delay(1000);
}
