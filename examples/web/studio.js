// Drawing: by the model, by hand, and by both; with the heat map of what it costs.
import { begin, call } from "./client.js";
import { attempt, element, say } from "./common.js";
import { brush } from "./brush.js";
import { byPixel, show, showHeat } from "./picture.js";
import { tones } from "./tones.js";

/** The model, the image's values, and what is running. */
const at = { model: null, values: null, running: null, scoring: 0 };

/** Pixels a second: from 8 on, doubled every tenth of the slider; its end is as fast as it goes. */
function speed() {
    const value = Number(element("speed").value);
    return value === 100 ? Infinity : Math.round(8 * 2 ** (value / 10));
}

function settings() {
    return { pixels: speed(), temperature: Number(element("temperature").value) };
}

function tell() {
    const pixels = speed();
    element("speed-value").value = pixels === Infinity ? "full" : `${pixels} pixels/s`;
    element("temperature-value").value = (Number(element("temperature").value) / 100).toFixed(2);
    element("rows-value").value = element("rows").value;
    if (!at.model) return;
    const share = Number(element("rows").value) / at.model.height;
    element("line").hidden = share === 0 || share === 1;
    element("line").style.top = `calc(${share * 100}% - 1px)`;
    at.running?.set(settings());
}

function paint() {
    const { width, height, info } = at.model;
    show(element("image"), { width, height, tones: tones(at.values, info.levels) }, info.channels);
}

/** Writes which class an image is likeliest of. */
function tellClass(found) {
    element("found").hidden = !found;
    if (!found) return;
    const strong = document.createElement("strong");
    strong.textContent = `Class ${found.imageClass}`;
    const sure = `, ${found.margin.toFixed(1)} nats likelier than the next; of unknown class it has ${found.evidence.toFixed(1)} nats: `;
    element("found").replaceChildren(strong, sure, "the more, the less it is any of them.");
}

/** Writes what an image costs, and shows where. */
function reading({ bits, nats, map, found }) {
    const { width, height, info, nats: usual } = at.model;
    const each = byPixel(map, info.channels);
    const most = Math.max(1, Math.ceil(each.reduce((a, b) => Math.max(a, b), 0)));
    showHeat(element("bits"), width, height, each, most);
    element("most").textContent = most;
    const strong = document.createElement("strong");
    strong.textContent = `${nats.toFixed(1)} nats`;
    const each8 = (bits / (width * height)).toFixed(3);
    const beside = usual && width * height < 4096 ? ` The test images that it never saw have ${usual.toFixed(1)} nats on average.` : "";
    tellClass(found);
    element("likelihood").replaceChildren(strong, ` or ${bits.toFixed(1)} bits, ${each8} a pixel: the fewer, the likelier.${beside}`);
}

/** Scores what is on the canvas; only the last of several in a row is shown. */
async function score() {
    const turn = ++at.scoring;
    const { name, width, height } = at.model;
    const result = await attempt(() => call("score", { name, width, height, ...given(), values: at.values }));
    if (result && turn === at.scoring) reading(result);
}

function busy(running) {
    at.running = running;
    element("stop").disabled = !running;
    element("frame").toggleAttribute("data-busy", !!running);
}

/** Ends what is running: nothing of it is shown any more. */
function stop() {
    at.running?.stop();
    busy(null);
}

/** Shows values that were drawn: of a smaller scale as large pixels. */
function put({ at: from, values, step }) {
    const { width, height, info: { channels } } = at.model;
    const columns = Math.ceil(width / step);
    for (let number = 0; number < values.length; number += channels) {
        const pixel = (from + number) / channels;
        const [top, left] = [Math.floor(pixel / columns) * step, (pixel % columns) * step];
        for (let row = top; row < Math.min(top + step, height); row++) {
            for (let column = left; column < Math.min(left + step, width); column++) {
                at.values.set(values.subarray(number, number + channels), (row * width + column) * channels);
            }
        }
    }
}

/** Lets the model draw what follows the first rows. */
async function draw(rows) {
    stop();
    say(null);
    at.scoring++;
    const { name, width, height, info } = at.model;
    const first = rows * width * info.channels;
    const seed = Number(element("seed").value) >>> 0;
    at.values.fill(0, first);
    paint();
    const image = { name, width, height, rows, values: at.values };
    const running = begin("draw", { ...image, seed, ...given(), settings: settings() }, (part) => {
        if (at.running !== running) return;
        put(part);
        paint();
    });
    busy(running);
    const result = await attempt(() => running.result);
    if (at.running !== running) return;
    busy(null);
    if (!result) return void score();
    at.values = result.values;
    paint();
    reading(result);
    element("seed").value = (seed + 1) >>> 0;
}

function clear() {
    stop();
    at.values.fill(0);
    paint();
    score();
}

/** Controls of what a model draws images given: a class. */
function conditions() {
    const { classes } = at.model.info;
    element("conditions").hidden = classes === 0;
    element("class").replaceChildren(...Array.from({ length: classes }, (_, number) => new Option(number, number)));
}

/** What the image is drawn given. */
function given() {
    return at.model.info.classes === 0 ? {} : { imageClass: Number(element("class").value) };
}

/** Draws with another model from here on. */
async function use(model) {
    stop();
    at.model = model;
    const { width, height, info } = model;
    at.values = new (info.levels > 256 ? Uint16Array : Uint8Array)(width * height * info.channels);
    Object.assign(element("rows"), { max: height, value: Math.ceil(height / 2) });
    conditions();
    tell();
    paint();
    await score();
}

/** A stroke's pixels, set or erased. */
function mark(pixels, erase) {
    const { info } = at.model;
    for (const pixel of pixels) {
        at.values.fill(erase ? 0 : info.levels - 1, pixel * info.channels, (pixel + 1) * info.channels);
    }
    paint();
    clearTimeout(at.pause);
    at.pause = setTimeout(score, 60);
}

export function startStudio() {
    element("draw").addEventListener("click", () => draw(0));
    element("complete").addEventListener("click", () => draw(Number(element("rows").value)));
    element("stop").addEventListener("click", () => {
        stop();
        score();
    });
    element("clear").addEventListener("click", clear);
    element("class").addEventListener("change", score);
    element("eraser").addEventListener("click", ({ target }) => {
        target.setAttribute("aria-pressed", target.getAttribute("aria-pressed") !== "true");
    });
    for (const id of ["speed", "temperature", "rows"]) element(id).addEventListener("input", tell);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) element("speed").value = 100;
    showHeat(element("ramp"), 128, 1, Float32Array.from({ length: 128 }, (_, pixel) => pixel), 127);
    brush({
        canvas: element("image"),
        cursor: element("cursor"),
        size: () => at.model,
        erases: () => element("eraser").getAttribute("aria-pressed") === "true",
        before: stop,
        mark,
    });
    tell();
    return { use };
}
