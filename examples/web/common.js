// What the page's parts share.

export const element = (id) => document.getElementById(id);
export const number = new Intl.NumberFormat("en");

/** Says what went wrong, or nothing more. */
export function say(text) {
    element("message").hidden = !text;
    element("message").firstElementChild.textContent = text ?? "";
}

/** Runs a task, and says why it failed. */
export async function attempt(task) {
    try {
        return await task();
    } catch (error) {
        say(`${error.message}.`);
        return null;
    }
}

/** Hands a file to whoever downloads. */
export function save(name, bytes, type) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
