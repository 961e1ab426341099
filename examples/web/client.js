// The page's side of the worker.

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
let last = 0;

worker.addEventListener("message", ({ data: { id, progress, result, error, code } }) => {
    const call = waiting.get(id);
    if (!call) return;
    if (progress) return void call.progress?.(progress);
    waiting.delete(id);
    if (error === undefined) call.resolve(result);
    else call.reject(Object.assign(new Error(error), { code }));
});

worker.addEventListener("error", (event) => {
    const why = new Error(`the engine’s thread did not start: ${event.message ?? "this browser has no module workers"}`);
    waiting.forEach((call) => call.reject(why));
    waiting.clear();
});

/** Calls a method of the worker. `stop` ends it, its result is null then; `set` changes the settings it runs with. */
export function begin(method, values = {}, progress = null) {
    const id = ++last;
    const result = new Promise((resolve, reject) => waiting.set(id, { resolve, reject, progress }));
    worker.postMessage({ id, method, values });
    return {
        result,
        stop: () => worker.postMessage({ id, stop: true }),
        set: (settings) => worker.postMessage({ id, settings }),
    };
}

/** The same, where only the result matters. */
export function call(method, values) {
    return begin(method, values).result;
}
