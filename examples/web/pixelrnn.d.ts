/** An image's values: row by row, pixel by pixel, channel by channel. Words for models of more than 256 levels. */
export type Values = Uint8Array | Uint16Array;

/** What the library answered instead of PIXELRNN_OK. */
export class PixelrnnError extends Error {
    /** The code, as `pixelrnn.h` numbers them. */
    readonly code: number;
}

/** What a model is. */
export interface ModelInfo {
    /** Multiply-adds that a pixel costs. */
    macsPerPixel: number;
    architecture: "pixelcnn" | "row-lstm" | "diagonal-bilstm" | "other";
    /** A number that names this very model; coded images carry it. */
    fingerprint: number;
    blobBytes: number;
    /** Values a channel of a pixel can take, 2 to 65536. */
    levels: number;
    /** Channels of a pixel, 1 to 4. */
    channels: number;
    features: number;
    layers: number;
    isMixture: boolean;
    /** Classes that images are drawn given; 0 without. */
    classes: number;
}

/** What all images of a `.prnz` share. */
export interface ContainerInfo {
    width: number;
    height: number;
    tileWidth: number;
    tileHeight: number;
    /** Of the model that coded them. */
    fingerprint: number;
    levels: number;
    channels: number;
    /** Of all images; 4294967295 without. */
    imageClass: number;
    /** How many times larger images are than those that they are given: 2 or 4; 0 of images that are given none. */
    factor: number;
}

/** How an image is begun. */
export interface BeginOptions {
    /** The same seed draws the same image on every machine; 1 without it. 64 bits. */
    seed?: number | bigint;
    /** In hundredths, 1 to 10000; 100 without it. */
    temperature?: number;
    /** Of a model with classes, which it must be given: 0 to their number less 1. */
    imageClass?: number;
    /** Of a model that draws images given a smaller one: that one's values. */
    small?: Values;
}

export interface Position {
    width: number;
    height: number;
    column: number;
    row: number;
    channel: number;
    channels: number;
}

/** How unlikely values are. */
export interface Score {
    bits: number;
    nats: number;
    /** Bits of each value. */
    map: Float32Array;
}

export interface Image<V extends Values = Values> {
    width: number;
    height: number;
    values: V;
}

/** Which class an image is likeliest of. */
export interface Classified {
    imageClass: number;
    /** How unlikely the image is given that class. */
    nats: number;
    /** How many nats more it has given the second likeliest: how sure the class is. */
    margin: number;
    /** How unlikely it is if its class is not known: large if it is of none of them. */
    evidence: number;
    /** Nats given each class. */
    each: number[];
}

export interface CompressOptions {
    /** Columns and rows of a tile, which is coded as if it were an image alone; 128 without it. */
    tile?: number;
    /** Of a model with classes, which it must be given; decoders find it in the `.prnz`. */
    imageClass?: number;
}

/** The compiled library. */
export class Pixelrnn {
    /** Compiles `pixelrnn.wasm`: its bytes, a response, or where it lies; beside this file without an argument. */
    static open(source?: string | URL | Response | PromiseLike<Response> | BufferSource): Promise<Pixelrnn>;
    constructor(module: WebAssembly.Module);
    readonly version: string;
    /** Checks a `.prnn` whole, and loads it into a memory of its own, which goes when the model is forgotten. */
    load(blob: Uint8Array): Model;
    /** The same of a `.prnn` of several scales, or of one. */
    loadScales(blob: Uint8Array): Pyramid;
    /** What a `.prnz` is, by its first bytes. */
    inspect(coded: Uint8Array): ContainerInfo;
}

export class Model {
    private constructor();
    readonly info: ModelInfo;
    /** The type of an image's values. */
    readonly Values: Uint8ArrayConstructor | Uint16ArrayConstructor;
    /** Bytes of RAM that an image of this width needs, whatever its height, on any machine. */
    stateBytes(width: number): number;
    /** Columns and rows of the smaller image that an image is drawn given; null of a model that is given none. */
    smallSize(width: number, height: number): { width: number; height: number } | null;
    /** Begins an image, to be drawn or observed value by value. */
    begin(width: number, height: number, options?: BeginOptions): Stream;
    /** Draws an image. */
    sample(width: number, height: number, options?: BeginOptions): Values;
    /** Completes an image: keeps the values whose mark in `known` is not 0, draws the others. */
    complete(width: number, height: number, values: Values, known: Uint8Array, options?: BeginOptions): Values;
    /** How unlikely an image is, and each of its values. */
    score(width: number, height: number, values: Values, options?: BeginOptions): Score;
    /** Tells an image's class, under a model with classes; takes as long as scoring it once a class. */
    classify(width: number, height: number, values: Values): Classified;
    /** Codes an image without loss: the bytes of a `.prnz`. */
    compress(width: number, height: number, values: Values, options?: CompressOptions): Uint8Array;
    /** The same in steps: yields the share that is done. */
    compressing(width: number, height: number, values: Values, options?: CompressOptions): Generator<number, Uint8Array>;
    /** Decodes all images of a `.prnz`, and checks them. */
    decompress(coded: Uint8Array): Image[];
    /** The same in steps: yields the share of the image at hand that is done. */
    decompressing(coded: Uint8Array): Generator<number, Image[]>;
}

/** Models of several scales, each larger one given what the one before drew; perhaps one alone. */
export class Pyramid {
    constructor(scales: Model[], blobBytes: number);
    /** The smallest scale's first. */
    readonly scales: Model[];
    readonly info: ModelInfo & { scales: number };
    readonly Values: Uint8ArrayConstructor | Uint16ArrayConstructor;
    /** Columns and rows of every scale of an image, the smallest first. */
    sizes(width: number, height: number): { width: number; height: number }[];
    /** Bytes of RAM that an image of this width needs: one state serves all scales in turn. */
    stateBytes(width: number): number;
    /** Draws every scale of an image, the smallest first. */
    sample(width: number, height: number, options?: BeginOptions): Values[];
    /** Begins a scale, given the image before, with that one's generator. */
    begin(scale: number, size: { width: number; height: number }, options: BeginOptions, small?: Values, generator?: Uint8Array): Stream;
    /** How unlikely an image is, all scales together, and each of its values. */
    score(width: number, height: number, values: Values, options?: BeginOptions): Score;
}

/** What a scale holds of an image, and where in it those values lie. */
export function sampled<V extends Values>(
    values: V, width: number, height: number, size: { width: number; height: number }, channels: number,
): { image: V; places: Uint32Array; step: number };

/** An image being modelled, value by value. */
export class Stream {
    private constructor();
    /** The generator's words, with which another stream goes on where this one stands. */
    generator: Uint8Array;
    /** Of what is drawn next, in hundredths: 1 to 10000. */
    set temperature(percent: number);
    /** Where the next value is. */
    readonly position: Position;
    /** Values that are left. */
    readonly left: number;
    /** Draws the next `count` values, or those that are left. */
    sample(count: number): Values;
    /** Completes the next values: keeps those whose mark in `known` is not 0, draws the others. */
    complete(values: Values, known: Uint8Array): Values;
    /** Observes the next values, and tells their code length. */
    score(values: Values): Score;
    /** Gives the memory back. The stream is not to be used after it. */
    end(): void;
}
