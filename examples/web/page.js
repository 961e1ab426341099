// The page: which model is chosen, which files come in, what went wrong.
import { call } from "./client.js";
import { attempt, element, number, say } from "./common.js";
import { startGolden } from "./golden.js";
import { startPhotos } from "./photos.js";
import { startStudio } from "./studio.js";

/** Models by name: the shipped ones with their cards, then those that were dropped. */
const models = new Map();

/** The size of the images that a model is for. */
function sizeOf({ card, info }) {
    const { width, height } = card?.likelihood ?? {};
    if (width && height) return { width, height };
    return info.levels > 17 ? { width: 64, height: 64 } : { width: 28, height: 28 };
}

function addOption(select, name) {
    if ([...select.options].some((option) => option.value === name)) return;
    select.add(new Option(name, name));
}

async function shipped() {
    const answer = await fetch("models/index.json");
    if (!answer.ok) throw new Error(`models/index.json: ${answer.status} ${answer.statusText}`);
    for (const { name, card } of await answer.json()) {
        const { levels, channels, scales } = card.sizes;
        models.set(name, { name, card, info: { levels, channels, scales: scales?.length ?? 1, fingerprint: parseInt(card.sizes.fingerprint, 16) } });
    }
}

function fact(term, text) {
    const group = document.createElement("div");
    const [dt, dd] = ["dt", "dd"].map((tag) => group.appendChild(document.createElement(tag)));
    dt.textContent = term;
    dd.textContent = text;
    return group;
}

async function choose(name) {
    const model = models.get(name);
    const { width, height } = sizeOf(model);
    const info = await call("info", { name, width });
    const levels = info.levels === 2 ? "black and white" : `${number.format(info.levels)} levels`;
    element("facts").replaceChildren(
        fact("Architecture", info.architecture),
        fact("Values", info.channels === 1 ? levels : `${info.channels} channels, ${levels}`),
        ...(info.scales > 1 ? [fact("Scales", info.scales)] : []),
        fact("Flash", `${number.format(info.blobBytes)} bytes`),
        fact(`RAM, ${width} pixels wide`, `${number.format(info.stateBytes)} bytes`),
        fact("Multiply-adds a pixel", number.format(info.macsPerPixel)),
    );
    studio.use({ name, info, width, height, nats: model.card?.likelihood?.integer_nats_per_image, sized: !!model.card?.likelihood?.width });
}

/** A model from a file, chosen at once. */
async function openModel(file) {
    const blob = new Uint8Array(await file.arrayBuffer());
    const name = file.name.replace(/\.prnn$/i, "");
    const info = await call("load", { name, blob });
    models.set(name, { name, info });
    addOption(element("model"), name);
    photos.offer(models);
    element("model").value = name;
    await choose(name);
}

/** What a file is, its name says; of others the browser must make a picture. */
export async function openFile(file) {
    if (!file) return;
    say(null);
    const open = /\.prnn$/i.test(file.name) ? openModel : /\.prnz$/i.test(file.name) ? photos.open : photos.compress;
    await attempt(async () => {
        try {
            await open(file);
        } catch (error) {
            throw new Error(`${file.name}: ${error.message}`);
        }
    });
}

function listen() {
    element("model").addEventListener("change", () => attempt(() => choose(element("model").value)));
    for (const id of ["file", "photo-file"]) {
        element(id).addEventListener("change", async ({ target }) => {
            await openFile(target.files[0]);
            target.value = "";
        });
    }
    element("message").lastElementChild.addEventListener("click", () => say(null));
    addEventListener("keydown", (event) => event.key === "Escape" && say(null));
    addEventListener("dragover", (event) => {
        event.preventDefault();
        element("drop").hidden = false;
    });
    addEventListener("dragleave", (event) => (element("drop").hidden = event.relatedTarget === null));
    addEventListener("drop", (event) => {
        event.preventDefault();
        element("drop").hidden = true;
        openFile(event.dataTransfer.files[0]);
    });
}

const studio = startStudio();
const photos = startPhotos();
startGolden(models);
listen();
attempt(async () => {
    const [{ version, bytes }] = await Promise.all([call("open"), shipped()]);
    element("engine").textContent = `Version ${version}, ${number.format(bytes)} bytes of WebAssembly.`;
    models.forEach((_, name) => addOption(element("model"), name));
    photos.offer(models);
    element("model").value = models.has("mnist-micro") ? "mnist-micro" : element("model").value;
    await choose(element("model").value);
    element("not-started").hidden = true;
});
