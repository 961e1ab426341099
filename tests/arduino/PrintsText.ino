// What DrawDigits takes without the library: a sketch that only prints.
void setup() { Serial.begin(115200); }

void loop() {
    Serial.print('.');
    Serial.println("");
}
