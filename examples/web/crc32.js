// CRC-32 (ISO-HDLC), as the golden images state it, and PNG.
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = (byte >>> 1) ^ (byte & 1 ? 0xedb88320 : 0);
    return byte;
});

/** The checksum of bytes. */
export function crc32(bytes) {
    let crc = ~0;
    for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 255];
    return ~crc >>> 0;
}

/** As eight digits. */
export function hex(number) {
    return number.toString(16).padStart(8, "0");
}
