// The engine's own thread: the page stays responsive whatever is computed. Each message {id, method, arguments} is answered by any
// number of {id, progress} and one {id, result} or {id, error}; {id, settings} changes what is running, {id, stop} ends it.
import { Pixelrnn, sampled } from "./pixelrnn.js";
import { crc32 } from "./crc32.js";
import { fromRgba, tones } from "./tones.js";
import { png } from "./png.js";

/** Milliseconds between two looks at the messages. */
const SLICE = 16;
const models = new Map();
const jobs = new Map();
const opening = open();

async function open() {
    const answer = await fetch(new URL("pixelrnn.wasm", import.meta.url));
    if (!answer.ok) throw new Error(`pixelrnn.wasm: ${answer.status} ${answer.statusText}`);
    const bytes = await answer.arrayBuffer();
    return { bytes: bytes.byteLength, engine: await Pixelrnn.open(bytes) };
}

function pause(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A shipped model is fetched when it is first used; a dropped one was loaded under its name. */
async function modelOf(name) {
    if (!models.has(name)) {
        const answer = await fetch(new URL(`models/${name}.prnn`, import.meta.url));
        if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
        const blob = new Uint8Array(await answer.arrayBuffer());
        models.set(name, (await opening).engine.loadScales(blob));
    }
    return models.get(name);
}

/** A model of one scale: what classifies and codes photographs. */
async function singleOf(name) {
    const { scales } = await modelOf(name);
    if (scales.length > 1) throw new Error(`${name} is a model of several scales: this needs one of a single scale`);
    return scales[0];
}

/** Runs an operation in steps, and tells of the share that is done; null if it was stopped. */
async function stepwise(job, steps) {
    let slice = performance.now();
    for (;;) {
        const { done, value } = steps.next();
        if (done) return value;
        if (performance.now() - slice < SLICE) continue;
        job.progress({ share: value });
        await pause(0);
        if (job.stopped) return void steps.return() ?? null;
        slice = performance.now();
    }
}

/** How unlikely an image is and, under a model with classes, which class it is likeliest of. */
function judged(model, width, height, values, imageClass) {
    const [single] = model.scales;
    const found = model.info.classes > 0 && model.scales.length === 1 ? single.classify(width, height, values) : null;
    return { ...model.score(width, height, values, { imageClass }), found };
}

const METHODS = {
    async open() {
        const { engine, bytes } = await opening;
        return { version: engine.version, bytes };
    },

    async load(job, { name, blob }) {
        models.set(name, (await opening).engine.loadScales(blob));
        return models.get(name).info;
    },

    async info(job, { name, width }) {
        const model = await modelOf(name);
        return { ...model.info, stateBytes: model.stateBytes(width) };
    },

    /** Draws what follows the `kept` rows, value by value as fast as `settings.pixels` a second say, scale by scale; then scores it all. */
    async draw(job, { name, width, height, seed, imageClass, rows, values, settings }) {
        const model = await modelOf(name);
        job.settings = settings;
        let [small, generator] = [undefined, undefined];
        for (const [scale, size] of model.sizes(width, height).entries()) {
            const part = sampled(values, width, height, size, model.info.channels);
            const kept = part.image.subarray(0, Math.ceil(rows / part.step) * size.width * model.info.channels);
            const stream = model.begin(scale, size, { seed, imageClass }, small, generator);
            part.image.set(stream.complete(kept, new Uint8Array(kept.length).fill(1)));
            const whole = await drawRest(job, stream, part.image, kept.length, model.info.channels, part.step);
            generator = stream.generator;
            stream.end();
            if (!whole) return null;
            small = part.image;
        }
        return { values: small, ...judged(model, width, height, small, imageClass) };
    },

    async score(job, { name, width, height, imageClass, values }) {
        return judged(await modelOf(name), width, height, values, imageClass);
    },

    async compress(job, { name, width, height, rgba }) {
        const model = await singleOf(name);
        const { channels } = model.info;
        const values = fromRgba(rgba, channels);
        const start = performance.now();
        const coded = await stepwise(job, model.compressing(width, height, values));
        if (coded === null) return null;
        const seconds = (performance.now() - start) / 1000;
        const picture = await png(width, height, channels, values);
        return { coded, png: picture, seconds, channels, images: [{ width, height, tones: values }] };
    },

    async inspect(job, { coded }) {
        return (await opening).engine.inspect(coded);
    },

    async decompress(job, { name, coded }) {
        const model = await singleOf(name);
        const { levels, channels } = model.info;
        const start = performance.now();
        const decoded = await stepwise(job, model.decompressing(coded));
        if (decoded === null) return null;
        const seconds = (performance.now() - start) / 1000;
        const images = decoded.map(({ width, height, values }) => ({ width, height, tones: tones(values, levels) }));
        const [first] = images;
        const picture = first && (channels === 1 || channels === 3) ? await png(first.width, first.height, channels, first.tones) : null;
        return { images, seconds, channels, png: picture };
    },

    /** An image as a device draws it (the seed chooses the class too), and the checksum of all its scales: of bytes up to 256 levels, else of half words. */
    async golden(job, { name, width, height, seed }) {
        const model = await modelOf(name);
        const { classes } = model.info;
        const images = model.sample(width, height, { seed, imageClass: classes ? seed % classes : undefined });
        const bytes = images.flatMap(({ buffer }) => Array.from(new Uint8Array(buffer)));
        const { levels, channels } = model.info;
        return { values: images.at(-1), levels, channels, crc: crc32(Uint8Array.from(bytes)) };
    },
};

/** Draws until the image is complete; whether it was not stopped. */
async function drawRest(job, stream, values, at, channels, step) {
    let budget = 0;
    let before = performance.now();
    while (at < values.length) {
        const { pixels, temperature } = job.settings;
        stream.temperature = temperature;
        const now = performance.now();
        budget = Math.min(budget + ((now - before) / 1000) * pixels, pixels);
        before = now;
        const from = at;
        // At full speed, pixels for a slice's time; else as many as are due.
        const due = pixels === Infinity ? Infinity : from + Math.floor(budget) * channels;
        while (at < Math.min(due, values.length) && performance.now() - now < SLICE) {
            const part = stream.sample(channels);
            values.set(part, at);
            at += part.length;
        }
        budget -= (at - from) / channels;
        if (at > from) job.progress({ at: from, values: values.slice(from, at), step });
        await pause(pixels === Infinity ? 0 : SLICE);
        if (job.stopped) return false;
    }
    return true;
}

function explained(error) {
    if (error instanceof RangeError) return "this is too large for the browser’s memory";
    return error.message;
}

async function run(id, method, values) {
    const job = { stopped: false, progress: (progress) => postMessage({ id, progress }) };
    jobs.set(id, job);
    try {
        postMessage({ id, result: await METHODS[method](job, values) });
    } catch (error) {
        postMessage({ id, error: explained(error), code: error.code });
    }
    jobs.delete(id);
}

addEventListener("message", ({ data: { id, method, values, settings, stop } }) => {
    if (method) return void run(id, method, values);
    const job = jobs.get(id);
    if (job && stop) job.stopped = true;
    if (job && settings) job.settings = settings;
});
