// The golden images: drawn here, and compared with the checksums that the project keeps and its firmware prints.
import { call } from "./client.js";
import { attempt, element } from "./common.js";
import { hex } from "./crc32.js";
import { picture } from "./picture.js";
import { tones } from "./tones.js";

/** A golden text: of each image the seed, the rows and the checksum. */
function parse(text) {
    return text.trim().split(/^model /m).slice(1).map((part) => {
        const [, seed, ...rest] = part.trim().split("\n");
        return { seed: Number(seed.slice(5)), rows: rest.slice(0, -1), crc: rest.at(-1).slice(4) };
    });
}

function size(rows, { levels, channels }) {
    const digits = levels === 2 ? 1 : levels <= 256 ? 2 : 4;
    // Of several scales the largest stands last.
    const last = rows.at(-1).length;
    return { width: last / digits / channels, height: rows.filter((row) => row.length === last).length };
}

function tableRow(name, seed, crc, drawn, dimensions) {
    const row = document.createElement("tr");
    const agrees = hex(drawn.crc) === crc;
    row.insertCell().append(picture({ ...dimensions, tones: tones(drawn.values, drawn.levels) }, drawn.channels));
    for (const text of [name, seed, agrees ? "✓ same" : "✗ different", crc, hex(drawn.crc)]) row.insertCell().textContent = text;
    row.cells[4].className = row.cells[5].className = "code";
    row.cells[3].className = agrees ? "good" : "bad";
    return { row, agrees };
}

async function drawAll(models) {
    const body = element("golden-table").tBodies[0];
    body.replaceChildren();
    element("golden-table").hidden = false;
    let [same, all] = [0, 0];
    for (const { name, card, info } of models.values()) {
        if (!card) continue;
        const answer = await fetch(`golden/${name}.txt`);
        if (!answer.ok) throw new Error(`golden/${name}.txt: ${answer.status} ${answer.statusText}`);
        for (const { seed, rows, crc } of parse(await answer.text())) {
            const dimensions = size(rows, info);
            const drawn = await call("golden", { name, ...dimensions, seed });
            const { row, agrees } = tableRow(name, seed, crc, drawn, dimensions);
            body.append(row);
            all += 1;
            same += Number(agrees);
            element("golden-reading").textContent = `${same} of ${all} checksums agree`;
        }
    }
    element("golden-reading").className = `reading ${same === all ? "good" : "bad"}`;
}

export function startGolden(models) {
    element("golden").addEventListener("click", async ({ target }) => {
        target.disabled = true;
        await attempt(() => drawAll(models));
        target.disabled = false;
    });
}
