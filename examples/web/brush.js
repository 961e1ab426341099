// Painting on a canvas of few pixels: by mouse, finger or pen, and by keyboard.

/** Pixels that a brush around a place covers: two by two on an image of 28. */
function covered(x, y, { width, height }) {
    const size = Math.max(1, Math.round(width / 14));
    const pixels = [];
    for (let row = y; row < Math.min(y + size, height); row++) {
        for (let column = x; column < Math.min(x + size, width); column++) pixels.push(row * width + column);
    }
    return { size, pixels };
}

/** The places between two, a pixel apart. */
function between(from, to) {
    const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
    const along = (a, b, step) => Math.round(a + ((b - a) * step) / steps);
    return Array.from({ length: steps + 1 }, (_, step) => ({ x: along(from.x, to.x, step), y: along(from.y, to.y, step) }));
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `size` tells the image's, `erases` whether the pointer does, `mark` gets pixels and whether to erase; `before` is called first. */
export function brush({ canvas, cursor, size, erases, before, mark }) {
    let last = null;
    let keyed = { x: 0, y: 0 };

    function place(event) {
        const box = canvas.getBoundingClientRect();
        const { width, height } = size();
        const clamp = (value, most) => Math.min(Math.max(Math.floor(value), 0), most - 1);
        return {
            x: clamp(((event.clientX - box.left) / box.width) * width, width),
            y: clamp(((event.clientY - box.top) / box.height) * height, height),
        };
    }

    function stroke(to, erase) {
        const places = between(last ?? to, to);
        last = to;
        mark(places.flatMap(({ x, y }) => covered(x, y, size()).pixels), erase);
    }

    function down(event) {
        if (!size()) return;
        canvas.setPointerCapture(event.pointerId);
        before();
        stroke(place(event), erases() || event.button === 2);
    }

    function move(event) {
        if (last) stroke(place(event), erases() || (event.buttons & 2) !== 0);
    }

    function showCursor() {
        const { width, height } = size();
        const side = covered(keyed.x, keyed.y, size()).size;
        const percent = (value, of) => `${(100 * value) / of}%`;
        Object.assign(cursor.style, { left: percent(keyed.x, width), top: percent(keyed.y, height), width: percent(side, width), height: percent(side, height) });
        cursor.hidden = false;
    }

    function key(event) {
        if (!size()) return;
        const { width, height } = size();
        const step = ARROWS[event.key];
        const erase = event.key === "Delete" || event.key === "Backspace";
        if (!step && !erase && event.key !== " ") return;
        event.preventDefault();
        if (step) {
            keyed = { x: Math.min(Math.max(keyed.x + step[0], 0), width - 1), y: Math.min(Math.max(keyed.y + step[1], 0), height - 1) };
        } else {
            before();
            mark(covered(keyed.x, keyed.y, size()).pixels, erase);
        }
        showCursor();
    }

    canvas.addEventListener("pointerdown", down);
    canvas.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("keydown", key);
    canvas.addEventListener("blur", () => (cursor.hidden = true));
}
