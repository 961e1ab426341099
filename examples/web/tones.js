// Between a model's values and what a screen shows.

/** The values of a browser's picture (RGBA, 8 bits each) for a model of this many channels: grey is the luma of Rec. 601. */
export function fromRgba(rgba, channels) {
    const pixels = rgba.length / 4;
    const values = new Uint8Array(pixels * channels);
    for (let pixel = 0; pixel < pixels; pixel++) {
        const [red, green, blue] = rgba.subarray(pixel * 4, pixel * 4 + 3);
        if (channels === 3) values.set([red, green, blue], pixel * 3);
        else values[pixel] = Math.floor((red * 299 + green * 587 + blue * 114 + 500) / 1000);
    }
    return values;
}

/** Values of any number of levels as 8 bits. */
export function tones(values, levels) {
    const most = levels - 1;
    return most === 255 ? values : Uint8Array.from(values, (value) => Math.round((value * 255) / most));
}

/** Tones as a browser's picture: of two channels the first, of four the first three. */
export function toRgba(values, channels) {
    const pixels = values.length / channels;
    const rgba = new Uint8ClampedArray(pixels * 4).fill(255);
    for (let pixel = 0; pixel < pixels; pixel++) {
        for (let channel = 0; channel < 3; channel++) {
            rgba[pixel * 4 + channel] = values[pixel * channels + (channels < 3 ? 0 : channel)];
        }
    }
    return rgba;
}

const RAMP = [[13, 8, 45], [84, 19, 110], [171, 51, 93], [233, 104, 50], [252, 185, 60], [252, 250, 190]];

/** A colour for a share of 0 to 1, dark to bright. */
export function heat(share) {
    const at = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
    const step = Math.min(Math.floor(at), RAMP.length - 2);
    return RAMP[step].map((from, channel) => from + (RAMP[step + 1][channel] - from) * (at - step));
}
