/** Uploads from the browser to the page's server, and the sample pictures. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { inBytes } from "./media.js";
import { t, told } from "./words.js";

let listed = null;

/** Return the sample pictures, `{name, label, note, file, url, bytes}`; requested once. */
export function samples() {
  listed ??= fetch("/samples")
    .then((answer) => answer.json())
    .catch(() => {
      listed = null;
      return [];
    });
  return listed;
}

/** Upload a file; resolves to `{id, name, bytes, preview}`, rejects with a message. */
export async function uploadFile(file) {
  const name = file.name || "pasted.png";
  const address = `/uploads?${new URLSearchParams({ name })}`;
  const body = await sent(address, file, file.type);
  const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
  return { ...body, preview };
}

/** Upload a sample picture in the same way. */
export async function uploadSample(sample) {
  const body = await sent(`/uploads?${new URLSearchParams({ sample: sample.name })}`, null, null);
  return { ...body, preview: sample.url };
}

async function sent(address, body, type) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      body,
      headers: type ? { "Content-Type": type } : {},
    });
  } catch {
    throw new Error(t("Couldn't upload the file: the demo isn't answering."));
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told(said) || t("The file was refused."));
  return said;
}

/** Make the card of an uploaded file, with its picture, name, size, and a button to remove it. */
export function fileCard(file, remove) {
  return h(
    "div",
    { class: "file-card" },
    file.preview
      ? h("img", { src: file.preview, alt: "", class: "file-picture", onerror: unseen })
      : unpictured(),
    h(
      "span",
      { class: "file-words" },
      h("span", { class: "file-name" }, file.name),
      h("span", { class: "small" }, inBytes(file.bytes)),
    ),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": t("Remove {file}", { file: file.name }),
        onclick: remove,
      },
      icon("close", 18),
    ),
  );
}

function unpictured() {
  return h("span", { class: "file-picture" }, icon("file", 26));
}

/** Replace a picture that the browser cannot show. */
function unseen(event) {
  event.target.replaceWith(unpictured());
}

/** Make buttons for the sample pictures; `choose(sample)` is called for the pressed one. */
export function sampleButtons(choose) {
  const box = h("div", { class: "samples", role: "group", "aria-label": t("Sample pictures") });
  samples().then((all) => {
    for (const one of all) {
      box.append(
        h(
          "button",
          { type: "button", class: "sample", title: t(one.note), onclick: () => choose(one) },
          h("img", { src: one.url, alt: "" }),
          h("span", {}, t(one.label)),
        ),
      );
    }
    box.dispatchEvent(new CustomEvent("filled"));
  });
  return box;
}

/**
 * Pass files that are dropped anywhere on the page, or pasted, to `take(file)`. While a file is
 * dragged over the page, a sign shows where it will go.
 */
export function catchFiles(take) {
  const sign = h("div", { class: "drop-sign", hidden: true }, h("p"));
  document.body.append(sign);
  let depth = 0;
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (shown) => {
    sign.hidden = !shown;
    sign.firstChild.textContent = t("Drop to attach");
  };
  document.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    over(true);
  });
  document.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    over(depth > 0);
  });
  document.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over(false);
    for (const file of event.dataTransfer.files) take(file);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    files.forEach(take);
  });
}
