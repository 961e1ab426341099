// Canvases: images of tones, and heat maps.
import { heat, toRgba } from "./tones.js";

function put(canvas, width, height, rgba) {
    // Setting a size clears, also where it is the same.
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
}

/** Shows tones. */
export function show(canvas, { width, height, tones }, channels) {
    put(canvas, width, height, toRgba(tones, channels));
}

/** A new canvas that shows tones. */
export function picture(image, channels) {
    const canvas = document.createElement("canvas");
    show(canvas, image, channels);
    return canvas;
}

/** Shows bits a pixel, from 0 to `most`. */
export function showHeat(canvas, width, height, bits, most) {
    const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
    bits.forEach((value, pixel) => rgba.set(heat(value / most), pixel * 4));
    put(canvas, width, height, rgba);
}

/** The sums of each pixel's channels. */
export function byPixel(map, channels) {
    const sums = new Float32Array(map.length / channels);
    map.forEach((bits, at) => (sums[Math.floor(at / channels)] += bits));
    return sums;
}
