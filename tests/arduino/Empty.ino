// What a sketch takes without the library: one that only prints.
void setup() { Serial.begin(115200); }

void loop() {
    Serial.print('.');
    Serial.print(7ul);
    Serial.println("");
}
