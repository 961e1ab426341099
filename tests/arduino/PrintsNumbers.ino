// What TellDigits takes without the library: a sketch that only prints.
void setup() { Serial.begin(115200); }

void loop() {
    Serial.print("asked for ");
    Serial.print(7ul);
    Serial.println("");
}
