// pixelrnn in JavaScript: the C library, compiled to WebAssembly, behind a few classes. See pixelrnn.d.ts, and pixelrnn.h for what
// each call does. Nothing is computed here: this file hands out memory, passes pointers and reads answers.

/** Words of 8 bytes in the handles, and the structures that are read here, are those of the header. */
const BUFFER_BYTES = 16;
/** More than a container's header has: the library takes as many bytes as its version says. */
const FRONT_BYTES = 64;
const MODEL_INFO = [
    ["macsPerPixel", "u64"], ["architecture", "u32"], ["fingerprint", "u32"], ["blobBytes", "u32"], ["levels", "u32"],
    ["channels", "u16"], ["features", "u16"], ["layers", "u16"], ["isMixture", "u16"],
    ["classes", "u16"], ["reserved1", "u16"], ["reserved2", "u16"], ["reserved3", "u16"],
];
const CONTAINER_INFO = names("width height tileWidth tileHeight fingerprint levels channels imageClass factor");
const CLASSIFIED = [["codeLength", "u64"], ["margin", "u64"], ["evidence", "u64"], ["imageClass", "u32"], ["reserved", "u32"]];
const TILE = names("index left top width height");
const POSITION = names("width height column row channel channels");
const ARCHITECTURES = ["other", "pixelcnn", "row-lstm", "diagonal-bilstm"];
const NEXT_IMAGE = 1;
const NEXT_CHECKED = 2;
/** The class of an image of a model without classes. */
const NO_CLASS = 0xffffffff;
/** Code lengths come in 2^-16 bit. */
const UNIT = 65536;

function names(text) {
    return text.split(" ").map((name) => [name, "u32"]);
}

/** A code length in nats. */
function nats(units) {
    return (Number(units) / UNIT) * Math.LN2;
}

/** What the library answered instead of PIXELRNN_OK: its code and its sentence. */
export class PixelrnnError extends Error {
    constructor(code, text) {
        super(text);
        this.name = "PixelrnnError";
        this.code = code;
    }
}

/** An instance of the module, and its memory behind `__heap_base`: regions of some sizes, used again once they are given back. */
class Library {
    constructor(module) {
        this.exports = new WebAssembly.Instance(module).exports;
        this.memory = this.exports.memory;
        this.top = this.exports.__heap_base.value;
        this.free = new Map();
    }

    call(name, ...values) {
        const code = this.exports[`pixelrnn_${name}`](...values);
        if (code !== 0) throw new PixelrnnError(code, this.text(this.exports.pixelrnn_error_text(code)));
    }

    /** A C string. */
    text(at) {
        const bytes = this.bytes();
        return new TextDecoder().decode(bytes.slice(at, bytes.indexOf(0, at)));
    }

    // Views end when the memory grows: they are made anew each time.
    bytes() {
        return new Uint8Array(this.memory.buffer);
    }

    view(Type, at, count) {
        return new Type(this.memory.buffer, at, count);
    }

    take(bytes) {
        const size = regionSize(bytes);
        const at = this.free.get(size)?.pop() ?? this.grow(size);
        return at;
    }

    grow(size) {
        const at = Math.ceil(this.top / 16) * 16;
        const missing = at + size - this.memory.buffer.byteLength;
        if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
        this.top = at + size;
        return at;
    }

    give(at, bytes) {
        const size = regionSize(bytes);
        if (!this.free.has(size)) this.free.set(size, []);
        this.free.get(size).push(at);
    }

    /** A handle, which begins zeroed. */
    handle(name) {
        const bytes = this.exports[`pixelrnn_${name}_bytes`]();
        const at = this.take(bytes);
        this.bytes().fill(0, at, at + bytes);
        return { at, bytes };
    }

    /** Runs `work` with the addresses of regions of these sizes, which are free again after it. */
    with(sizes, work) {
        const places = sizes.map((size) => this.take(size));
        try {
            return work(...places);
        } finally {
            places.forEach((at, number) => this.give(at, sizes[number]));
        }
    }

    /** A number that a call writes. */
    number(name, handle) {
        return this.with([8], (at) => {
            this.call(name, handle, at);
            return this.view(Uint32Array, at, 1)[0];
        });
    }

    /** A structure that a call writes: `fields` are its names and types, in order. */
    structure(fields, call) {
        return this.with([64], (at) => {
            call(at);
            return this.read(fields, at);
        });
    }

    read(fields, at) {
        const data = new DataView(this.memory.buffer);
        const result = {};
        for (const [name, type] of fields) {
            if (type === "u64") result[name] = Number(data.getBigUint64(at, true));
            else result[name] = type === "u32" ? data.getUint32(at, true) : data.getUint16(at, true);
            at += Number(type.slice(1)) / 8;
        }
        return result;
    }

    /** The place of an exported function in the table: what a function pointer is. */
    pointer(name) {
        const table = this.exports.__indirect_function_table;
        const at = table.grow(1);
        table.set(at, this.exports[`pixelrnn_${name}`]);
        return at;
    }
}

function regionSize(bytes) {
    return 2 ** Math.ceil(Math.log2(Math.max(bytes, 64)));
}

/** The compiled library. */
export class Pixelrnn {
    #module;
    #library;

    /** Compiles `pixelrnn.wasm`: its bytes, a response, or where it lies (beside this file, unless told otherwise). */
    static async open(source = new URL("pixelrnn.wasm", import.meta.url)) {
        const at = typeof source === "string" || source instanceof URL ? await fetch(source) : await source;
        if (!(at instanceof Response)) return new Pixelrnn(await WebAssembly.compile(at));
        if (!at.ok) throw new Error(`${at.url}: ${at.status} ${at.statusText}`);
        return new Pixelrnn(await WebAssembly.compile(await at.arrayBuffer()));
    }

    constructor(module) {
        this.#module = module;
        this.#library = new Library(module);
    }

    get version() {
        return this.#library.text(this.#library.exports.pixelrnn_version());
    }

    /** Checks a `.prnn` whole and loads it. Each model has a memory of its own, which goes when the model is forgotten. */
    load(blob) {
        return new Model(new Library(this.#module), blob);
    }

    /** The same of a `.prnn` of several scales, or of one. */
    loadScales(blob) {
        const library = this.#library;
        return library.with([blob.length, 8], (at, place) => {
            library.bytes().set(blob, at);
            library.call("scale_count", at, blob.length, place);
            const count = library.view(Uint32Array, place, 1)[0];
            const part = (scale) => {
                library.call("scale_blob", at, blob.length, scale, place, place + 4);
                const [offset, bytes] = library.view(Uint32Array, place, 2);
                return blob.subarray(offset, offset + bytes);
            };
            return new Pyramid(Array.from({ length: count }, (_, scale) => this.load(part(scale))), blob.length);
        });
    }

    /** What a `.prnz` is, by its first bytes: among others the fingerprint of its model. */
    inspect(coded) {
        const library = this.#library;
        const front = coded.subarray(0, FRONT_BYTES);
        return library.with([FRONT_BYTES], (at) => {
            library.bytes().set(front, at);
            return library.structure(CONTAINER_INFO, (info) => {
                library.call("container_inspect", at, front.length, info);
            });
        });
    }
}

/** A loaded model. */
export class Model {
    #library;
    #handle;
    /** What the model is. */
    info;

    constructor(library, blob) {
        this.#library = library;
        const at = library.take(blob.length);
        library.bytes().set(blob, at);
        this.#handle = library.handle("model");
        library.call("model_load", this.#handle.at, at, blob.length);
        this.info = library.structure(MODEL_INFO, (info) => library.call("model_inspect", this.#handle.at, info));
        this.info.architecture = ARCHITECTURES[this.info.architecture] ?? ARCHITECTURES[0];
        this.info.isMixture = this.info.isMixture !== 0;
        /** The type of an image's values, and what the functions for it end in. */
        this.Values = this.info.levels > 256 ? Uint16Array : Uint8Array;
    }

    /** Bytes of RAM that an image of this width needs while it is drawn, on any machine. */
    stateBytes(width) {
        return this.#library.with([8], (at) => {
            this.#library.call("state_words", this.#handle.at, width, at);
            return this.#library.view(Uint32Array, at, 1)[0] * 4;
        });
    }

    /** Columns and rows of the smaller image that an image is drawn given; none if the model is given none. */
    smallSize(width, height) {
        const size = this.#library.with([8], (at) => {
            this.#library.call("small_size", this.#handle.at, width, height, at, at + 4);
            return Array.from(this.#library.view(Uint32Array, at, 2));
        });
        return size[0] > 0 ? { width: size[0], height: size[1] } : null;
    }

    /** Begins an image. */
    begin(width, height, options = {}) {
        return new Stream(this.#library, this, this.#handle.at, width, height, options);
    }

    /** Runs `work` with a stream, which ends after it. */
    #during(width, height, options, work) {
        const stream = this.begin(width, height, options);
        try {
            return work(stream);
        } finally {
            stream.end();
        }
    }

    /** Draws an image. */
    sample(width, height, options) {
        const count = width * height * this.info.channels;
        return this.#during(width, height, options, (stream) => stream.sample(count));
    }

    /** Completes an image: keeps the values whose mark in `known` is not 0, draws the others. */
    complete(width, height, values, known, options) {
        return this.#during(width, height, options, (stream) => stream.complete(values, known));
    }

    /** How unlikely an image is, and each of its values. */
    score(width, height, values, options = {}) {
        return this.#during(width, height, options, (stream) => stream.score(values));
    }

    /** Tells which class an image is likeliest of, how sure that is, and how unlikely the image is under any. */
    classify(width, height, values) {
        const { classes } = this.info;
        const library = this.#library;
        const [size, state] = [values.length * this.Values.BYTES_PER_ELEMENT, this.stateBytes(width)];
        return library.with([size, state, classes * 8], (at, stateAt, lengths) => {
            library.view(this.Values, at, values.length).set(values);
            const image = [width, height, stateAt, state / 4, at, values.length];
            const name = `classify_u${this.Values.BYTES_PER_ELEMENT * 8}`;
            const found = library.structure(CLASSIFIED, (place) => {
                library.call(name, this.#handle.at, ...image, lengths, classes, place);
            });
            const each = Array.from(library.view(BigUint64Array, lengths, classes), nats);
            const { codeLength, margin, evidence, imageClass } = found;
            return { imageClass, nats: nats(codeLength), margin: nats(margin), evidence: nats(evidence), each };
        });
    }

    /** Codes an image without loss: the bytes of a `.prnz`. */
    compress(width, height, values, options) {
        return finish(this.compressing(width, height, values, options));
    }

    /** The same in steps: yields the share that is done, returns the bytes. */
    *compressing(width, height, values, { tile = 128, imageClass = NO_CLASS } = {}) {
        if (values.length !== width * height * this.info.channels) {
            throw new RangeError("an image has width times height times channels values");
        }
        const tileSize = [Math.min(tile, width), Math.min(tile, height)];
        const coder = new Encoder(this.#library, this, this.#handle.at, imageClass, [width, height, ...tileSize]);
        try {
            for (let done = 0; done < values.length; yield done / values.length) {
                const part = coder.tile();
                for (let row = 0; row < part.height; row++) {
                    const from = ((part.top + row) * width + part.left) * this.info.channels;
                    const count = part.width * this.info.channels;
                    coder.row(part, values.subarray(from, from + count));
                    done += count;
                    if (row + 1 < part.height) yield done / values.length;
                }
            }
            return coder.finish();
        } finally {
            coder.end();
        }
    }

    /** Decodes all images of a `.prnz`, and checks them. */
    decompress(coded) {
        return finish(this.decompressing(coded));
    }

    /** The same in steps: yields the share of the image at hand that is done, returns the images. */
    *decompressing(coded) {
        const coder = new Decoder(this.#library, this, this.#handle.at, coded);
        try {
            const { width, height } = coder.info;
            const images = [];
            let values = new this.Values(0);
            for (let next = coder.next(); next !== null; next = coder.next()) {
                if (next === NEXT_CHECKED) continue;
                const part = coder.tile();
                if (part.index === 0) {
                    values = new this.Values(width * height * this.info.channels);
                    images.push({ width, height, values });
                }
                for (let row = 0; row < part.height; row++) {
                    values.set(coder.row(part), ((part.top + row) * width + part.left) * this.info.channels);
                    yield (part.top * width + part.left * part.height + (row + 1) * part.width) / (width * height);
                }
            }
            coder.checkEnd();
            return images;
        } finally {
            coder.end();
        }
    }
}

/** Models of several scales, each larger one given what the one before drew; perhaps one alone. */
export class Pyramid {
    /** The models, the smallest scale's first. */
    scales;
    /** What the largest is, but for the bytes of all. */
    info;

    constructor(scales, blobBytes) {
        this.scales = scales;
        const { info } = scales.at(-1);
        const macsPerPixel = scales.reduce((sum, model) => sum + model.info.macsPerPixel, 0);
        this.info = { ...info, blobBytes, macsPerPixel, scales: scales.length };
        this.Values = scales.at(-1).Values;
    }

    /** Columns and rows of every scale of an image, the smallest first. */
    sizes(width, height) {
        const sizes = [{ width, height }];
        for (const model of this.scales.slice(1).reverse()) sizes.unshift(model.smallSize(sizes[0].width, sizes[0].height));
        return sizes;
    }

    /** Bytes of RAM that an image of this width needs while it is drawn: one state serves all scales in turn. */
    stateBytes(width) {
        const sizes = this.sizes(width, 1);
        return Math.max(...this.scales.map((model, scale) => model.stateBytes(sizes[scale].width)));
    }

    /** Draws an image: every scale of it, the smallest first. */
    sample(width, height, options = {}) {
        const images = [];
        let generator;
        this.sizes(width, height).forEach((size, scale) => {
            const stream = this.begin(scale, size, options, images.at(-1), generator);
            images.push(stream.sample(stream.left));
            generator = stream.generator;
            stream.end();
        });
        return images;
    }

    /** Begins a scale, given the image before, with that one's generator. */
    begin(scale, { width, height }, options, small, generator) {
        const stream = this.scales[scale].begin(width, height, { ...options, small });
        if (generator) stream.generator = generator;
        return stream;
    }

    /** How unlikely an image is, all scales together, and each of its values: at the scale that codes it. */
    score(width, height, values, options = {}) {
        const sizes = this.sizes(width, height);
        const map = new Float32Array(values.length);
        let [bits, small] = [0, undefined];
        sizes.forEach((size, scale) => {
            const { image, places } = sampled(values, width, height, size, this.info.channels);
            const stream = this.begin(scale, size, options, small);
            const found = stream.score(image);
            stream.end();
            places.forEach((place, at) => (map[place] += found.map[at]));
            bits += found.bits;
            small = image;
        });
        return { bits, nats: bits * Math.LN2, map };
    }
}

/** What a scale holds of an image, and where in it those values lie. */
export function sampled(values, width, height, size, channels) {
    const step = Math.round(Math.max(width / size.width, height / size.height));
    const places = new Uint32Array(size.width * size.height * channels);
    const image = new values.constructor(places.length);
    places.forEach((_, at) => {
        const pixel = Math.floor(at / channels);
        const [row, column] = [Math.floor(pixel / size.width) * step, (pixel % size.width) * step];
        places[at] = (row * width + column) * channels + (at % channels);
        image[at] = values[places[at]];
    });
    return { image, places, step };
}

function finish(steps) {
    for (;;) {
        const { done, value } = steps.next();
        if (done) return value;
    }
}

/** An image being modelled, value by value: rows from the top, pixels from the left, channels in order. */
export class Stream {
    #library;
    #model;
    #handle;
    #generator;
    #state;
    #small;

    constructor(library, model, modelAt, width, height, { seed = 1, temperature = 100, imageClass = NO_CLASS, small } = {}) {
        this.#library = library;
        this.#model = model;
        this.#state = { bytes: model.stateBytes(width) };
        this.#state.at = library.take(this.#state.bytes);
        this.#handle = library.handle("stream");
        this.#generator = library.handle("generator");
        this.#small = { bytes: small ? small.byteLength : 0 };
        this.#small.at = library.take(this.#small.bytes);
        this.#begin(modelAt, imageClass, small, [width, height, this.#state.at, this.#state.bytes / 4]);
        library.call("seed", this.#generator.at, BigInt(seed));
        this.temperature = temperature;
    }

    #begin(modelAt, imageClass, small, image) {
        if (!small) return this.#library.call("begin_class", this.#handle.at, modelAt, imageClass, ...image);
        this.#library.view(this.#model.Values, this.#small.at, small.length).set(small);
        this.#call("begin_small", this.#handle.at, modelAt, imageClass, this.#small.at, small.length, ...image);
    }

    /** The generator's words, with which another stream goes on where this one stands. */
    get generator() {
        const { at, bytes } = this.#generator;
        return this.#library.bytes().slice(at, at + bytes);
    }

    set generator(words) {
        this.#library.bytes().set(words, this.#generator.at);
    }

    /** Of what is drawn next, in hundredths: 1 to 10000. */
    set temperature(percent) {
        this.#library.call("set_temperature", this.#handle.at, Math.round(percent));
    }

    /** The address of the library's handle, for coders. */
    get address() {
        return this.#handle.at;
    }

    /** Where the next value is. */
    get position() {
        return this.#library.structure(POSITION, (at) => this.#library.call("where", this.#handle.at, at));
    }

    /** Values that are left. */
    get left() {
        const { width, height, column, row, channel, channels } = this.position;
        return ((height - row) * width - column) * channels - channel;
    }

    #call(name, ...values) {
        this.#library.call(`${name}_u${this.#model.Values.BYTES_PER_ELEMENT * 8}`, ...values);
    }

    /** Draws the next `count` values, or those that are left. */
    sample(count) {
        const { Values } = this.#model;
        const library = this.#library;
        count = Math.min(count, this.left);
        return library.with([count * Values.BYTES_PER_ELEMENT], (at) => {
            if (count > 0) this.#call("sample", this.#handle.at, this.#generator.at, at, count, 0);
            return library.view(Values, at, count).slice();
        });
    }

    /** Completes the next values: keeps those whose mark in `known` is not 0, draws the others. */
    complete(values, known) {
        const { Values } = this.#model;
        const library = this.#library;
        const count = values.length;
        return library.with([count * Values.BYTES_PER_ELEMENT, count], (at, marks) => {
            library.view(Values, at, count).set(values);
            library.view(Uint8Array, marks, count).set(known);
            this.#call("complete", this.#handle.at, this.#generator.at, at, marks, count);
            return library.view(Values, at, count).slice();
        });
    }

    /** Observes the next values, and tells their code length, together and each, in bits. */
    score(values) {
        const { Values } = this.#model;
        const library = this.#library;
        const count = values.length;
        return library.with([count * Values.BYTES_PER_ELEMENT, count * 4, 8], (at, map, total) => {
            library.view(Values, at, count).set(values);
            this.#call("score", this.#handle.at, at, count, map, total);
            const bits = Number(library.view(BigUint64Array, total, 1)[0]) / UNIT;
            const each = Float32Array.from(library.view(Uint32Array, map, count), (units) => units / UNIT);
            return { bits, nats: bits * Math.LN2, map: each };
        });
    }

    /** Gives the memory back. The stream is not to be used after it. */
    end() {
        for (const { at, bytes } of [this.#state, this.#small, this.#handle, this.#generator]) this.#library.give(at, bytes);
    }
}

/** A buffer of the library's, which its coders write to or read from. */
class Buffer {
    constructor(library, room) {
        Object.assign(this, { library, room, at: library.take(BUFFER_BYTES), bytes: library.take(room) });
        this.fields = [this.bytes, room, 0, 0];
    }

    set fields(values) {
        this.library.view(Uint32Array, this.at, 4).set(values);
    }

    get fields() {
        return this.library.view(Uint32Array, this.at, 4);
    }

    /** All bytes that there are; the buffer is empty then. */
    drain() {
        const count = this.fields[2];
        this.fields[2] = 0;
        return this.library.view(Uint8Array, this.bytes, count).slice();
    }

    end() {
        this.library.give(this.at, BUFFER_BYTES);
        this.library.give(this.bytes, this.room);
    }
}

/** What the two coders share: tiles, each with a stream of its own. */
class Coder {
    constructor(kind, library, model, modelAt, room) {
        Object.assign(this, { kind, library, model, modelAt, stream: null, current: -1 });
        this.buffer = new Buffer(library, room);
        this.handle = library.handle(kind);
    }

    /** Calls a function of this kind of coder. */
    call(name, ...values) {
        this.library.call(`${this.kind}_${name}`, this.handle.at, ...values);
    }

    tile() {
        return this.library.structure(TILE, (at) => this.call("tile", at));
    }

    /** Codes or decodes the next row of a tile, which lies at an address. */
    code(verb, part, at, count) {
        this.stream ??= this.model.begin(part.width, part.height, { imageClass: this.imageClass });
        const bits = this.model.Values.BYTES_PER_ELEMENT * 8;
        this.library.call(`${verb}_u${bits}`, this.handle.at, this.stream.address, at, count);
        if (this.stream.left === 0) this.endStream();
    }

    endStream() {
        this.stream?.end();
        this.stream = null;
    }

    end() {
        this.endStream();
        this.buffer.end();
        this.library.give(this.handle.at, this.handle.bytes);
    }
}

class Encoder extends Coder {
    /** `sizes` are the columns and rows of the image and of a tile. */
    constructor(library, model, modelAt, imageClass, sizes) {
        const [, , tileWidth] = sizes;
        // A value takes at most 3 bytes, and few are held back.
        super("encoder", library, model, modelAt, 4 * tileWidth * model.info.channels + 4096);
        Object.assign(this, { imageClass, coded: [] });
        const put = library.pointer("buffer_put");
        this.call("begin_class", modelAt, imageClass, ...sizes, put, this.buffer.at);
    }

    row(part, values) {
        const { Values } = this.model;
        this.library.with([values.length * Values.BYTES_PER_ELEMENT], (at) => {
            this.library.view(Values, at, values.length).set(values);
            this.code("encode", part, at, values.length);
        });
        this.coded.push(this.buffer.drain());
    }

    finish() {
        this.call("finish");
        this.coded.push(this.buffer.drain());
        const bytes = new Uint8Array(this.coded.reduce((sum, part) => sum + part.length, 0));
        let at = 0;
        for (const part of this.coded) {
            bytes.set(part, at);
            at += part.length;
        }
        return bytes;
    }
}

class Decoder extends Coder {
    constructor(library, model, modelAt, coded) {
        super("decoder", library, model, modelAt, coded.length);
        library.bytes().set(coded, this.buffer.bytes);
        this.buffer.fields = [this.buffer.bytes, coded.length, coded.length, 0];
        const take = library.pointer("buffer_take");
        this.info = library.structure(CONTAINER_INFO, (info) => this.call("begin", modelAt, take, this.buffer.at, info));
        this.imageClass = this.info.imageClass;
    }

    /** What comes next; null at the end. */
    next() {
        const next = this.library.number("decoder_next", this.handle.at);
        return next === NEXT_IMAGE || next === NEXT_CHECKED ? next : null;
    }

    row(part) {
        const { Values, info } = this.model;
        const count = part.width * info.channels;
        return this.library.with([count * Values.BYTES_PER_ELEMENT], (at) => {
            this.code("decode", part, at, count);
            return this.library.view(Values, at, count).slice();
        });
    }

    checkEnd() {
        const [, , count, taken] = this.buffer.fields;
        if (taken !== count) throw new Error("bytes follow the end of the coded images");
    }
}
