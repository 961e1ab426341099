// A PNG of 8 bits a value, grey or RGB, written as libpng does: of each row the filter with the smallest sum, then deflate.
// A canvas would write grey as colour, to which no ratio would be fair.
import { crc32 } from "./crc32.js";

const NEAREST = [
    () => 0,
    (left) => left,
    (left, above) => above,
    (left, above) => (left + above) >> 1,
    (left, above, corner) => {
        const guess = left + above - corner;
        const [a, b, c] = [left, above, corner].map((value) => Math.abs(guess - value));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    },
];

function filtered(row, above, channels, filter) {
    const bytes = new Uint8Array(row.length + 1);
    bytes[0] = filter;
    let sum = 0;
    for (let at = 0; at < row.length; at++) {
        const [left, corner] = at < channels ? [0, 0] : [row[at - channels], above[at - channels]];
        const byte = (row[at] - NEAREST[filter](left, above[at], corner)) & 255;
        bytes[at + 1] = byte;
        sum += byte < 128 ? byte : 256 - byte;
    }
    return { bytes, sum };
}

async function deflate(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
}

function chunk(name, data) {
    const bytes = new Uint8Array(data.length + 12);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, data.length);
    bytes.set(new TextEncoder().encode(name), 4);
    bytes.set(data, 8);
    view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
    return bytes;
}

function header(width, height, channels) {
    const data = new Uint8Array(13);
    const view = new DataView(data.buffer);
    view.setUint32(0, width);
    view.setUint32(4, height);
    data.set([8, channels === 1 ? 0 : 2], 8);
    return data;
}

/** The file's bytes. */
export async function png(width, height, channels, values) {
    const size = width * channels;
    const rows = new Uint8Array((size + 1) * height);
    let above = new Uint8Array(size);
    for (let y = 0; y < height; y++) {
        const row = values.subarray(y * size, (y + 1) * size);
        const ways = NEAREST.map((_, filter) => filtered(row, above, channels, filter));
        rows.set(ways.reduce((best, way) => (way.sum < best.sum ? way : best)).bytes, y * (size + 1));
        above = row;
    }
    const parts = [
        Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
        chunk("IHDR", header(width, height, channels)),
        chunk("IDAT", await deflate(rows)),
        chunk("IEND", new Uint8Array(0)),
    ];
    return new Uint8Array(await new Blob(parts).arrayBuffer());
}
