// Photographs: compressed, saved, opened again.
import { begin, call } from "./client.js";
import { attempt, element, number, save, say } from "./common.js";
import { picture } from "./picture.js";

/** What is shown, and what is running. */
const at = { models: new Map(), file: null, saved: null, running: null, turn: 0 };
/** The code of what is no container. */
const NO_CONTAINER = 64;

/** Offers the models that a browser's pictures suit: 8 bits a value, grey or colour. */
function offer(models) {
    at.models = models;
    const select = element("photo-model");
    for (const { name, info } of models.values()) {
        if (info.levels !== 256 || info.scales > 1 || ![1, 3].includes(info.channels)) continue;
        if ([...select.options].some((option) => option.value === name)) continue;
        select.add(new Option(`${name} (${info.channels === 3 ? "colour" : "grey"})`, name));
    }
    if (models.has("photos")) select.value = "photos";
}

/** A picture's pixels, made smaller if it is larger than asked for; transparency is laid on white. */
async function pixelsOf(file, longest) {
    const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" }).catch(() => {
        throw new Error("neither a model (.prnn), nor coded images (.prnz), nor a picture that this browser opens");
    });
    const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    return { width, height, scaled: scale < 1, rgba: context.getImageData(0, 0, width, height).data };
}

/** Ends what is running and shown; its answer tells whether something newer has come. */
function anew(file) {
    at.running?.stop();
    at.file = file;
    element("photo-result").hidden = true;
    const turn = ++at.turn;
    return () => turn !== at.turn;
}

/** Shows the share that is done and, after a second, how long the rest will take. */
function progress(share, since) {
    element("photo-done").value = share;
    const passed = (performance.now() - since) / 1000;
    element("photo-left").value = passed > 1 && share > 0 ? `${Math.ceil((passed / share) * (1 - share))} s left` : "";
}

async function run(method, values) {
    element("photo-progress").hidden = false;
    const since = performance.now();
    progress(0, since);
    const running = begin(method, values, ({ share }) => progress(share, since));
    at.running = running;
    try {
        const result = await running.result;
        return at.running === running ? result : null;
    } finally {
        if (at.running === running) element("photo-progress").hidden = true;
    }
}

function present(result, text, strong) {
    const head = document.createElement("strong");
    head.textContent = strong;
    element("photo-reading").replaceChildren(head, ` ${text}`);
    element("photo-images").replaceChildren(...result.images.map((image) => picture(image, result.channels)));
    element("photo-save").hidden = !at.saved.coded;
    element("photo-save-png").hidden = !at.saved.png;
    element("photo-result").hidden = false;
}

async function compress(file) {
    const isOld = anew(file);
    const name = element("photo-model").value;
    if (!name) throw new Error("no model for photographs is here: drop one of 256 levels");
    const { width, height, scaled, rgba } = await pixelsOf(file, Number(element("photo-size").value));
    if (isOld()) return;
    const result = await run("compress", { name, width, height, rgba });
    if (!result) return;
    const { coded, png, seconds, channels } = result;
    // A file that is a PNG of the same pixels may have been made with more care.
    const least = file.type === "image/png" && !scaled ? Math.min(png.length, file.size) : png.length;
    at.saved = { name: file.name.replace(/\.\w+$/, ""), coded, png };
    const bits = ((coded.length * 8) / (width * height * channels)).toFixed(2);
    const size = `${width} × ${height}${scaled ? ", made smaller" : ""}`;
    const text = `as a PNG, without loss: ${number.format(coded.length)} bytes, ${bits} bits a value; the PNG has ` +
        `${number.format(least)}. ${size}, ${channels === 3 ? "colour" : "grey"}, ${seconds.toFixed(1)} s.`;
    present(result, text, `${Math.round((100 * coded.length) / least)} % of the bytes`);
}

/** The model that coded a container: by its fingerprint. */
function coder(fingerprint) {
    const found = [...at.models.values()].find(({ info }) => info.fingerprint === fingerprint);
    if (found) return found.name;
    const text = fingerprint.toString(16).padStart(8, "0");
    throw new Error(`coded with a model that is not here (fingerprint ${text}): drop its .prnn first`);
}

async function open(file) {
    const isOld = anew(null);
    const coded = new Uint8Array(await file.arrayBuffer());
    const { fingerprint } = await call("inspect", { coded }).catch((error) => {
        if (error.code !== NO_CONTAINER) throw error;
        throw new Error(`${error.message} (an archive of several pictures is opened by pixelrnn decompress)`);
    });
    const name = coder(fingerprint);
    if (isOld()) return;
    const result = await run("decompress", { name, coded });
    if (!result) return;
    at.saved = { name: file.name.replace(/\.\w+$/, ""), coded: null, png: result.png };
    const [first] = result.images;
    const count = result.images.length === 1 ? "One image" : `${result.images.length} images`;
    const size = first ? `${first.width} × ${first.height}, ` : "";
    present(result, `in ${file.name}: ${size}${number.format(coded.length)} bytes, checked, decoded with ${name} in ${result.seconds.toFixed(1)} s.`, count);
}

async function example() {
    const answer = await fetch("example.png");
    if (!answer.ok) throw new Error(`example.png: ${answer.status} ${answer.statusText}`);
    await compress(new File([await answer.blob()], "example.png", { type: "image/png" }));
}

/** Compresses the same picture again, otherwise. */
function again() {
    if (at.file) attempt(() => compress(at.file));
}

export function startPhotos() {
    element("photo-model").addEventListener("change", again);
    element("photo-size").addEventListener("change", again);
    element("photo-stop").addEventListener("click", () => at.running?.stop());
    element("photo-example").addEventListener("click", () => {
        say(null);
        attempt(example);
    });
    element("photo-save").addEventListener("click", () => save(`${at.saved.name}.prnz`, at.saved.coded, "application/octet-stream"));
    element("photo-save-png").addEventListener("click", () => save(`${at.saved.name}.png`, at.saved.png, "image/png"));
    return { offer, open, compress };
}
