/** The field of an option that takes a file: chosen, dropped, pasted, or a sample. */

import { fill, h } from "./dom.js";
import { fileCard, sampleButtons, uploadFile, uploadSample } from "./uploads.js";
import { marked, t } from "./words.js";

const MISSING = marked("Choose a picture");

/** Make a field as in `fields.js`; `take(file)` and `sample(one)` fill it as well. */
export function fileField(option, context) {
  let file = null;
  let coming = null;
  let problem = "";
  const chooser = h("input", {
    type: "file",
    class: "visually-hidden",
    tabindex: -1,
    "aria-hidden": "true",
    onchange: () => {
      if (chooser.files[0]) take(chooser.files[0]);
      chooser.value = "";
    },
  });
  const box = h("div", {
    class: "field-file",
    "aria-label": option.name,
    role: "group",
    tabindex: -1,
  });

  function draw() {
    if (coming) fill(box, h("p", { class: "small", role: "status" }, t("Uploading…")));
    else if (file) fill(box, fileCard(file, remove));
    else fill(box, choices());
  }
  function choices() {
    return h(
      "div",
      { class: "file-choices" },
      sampleButtons((one) => receive(uploadSample(one))),
      h(
        "button",
        { type: "button", class: "button secondary choose-file", onclick: () => chooser.click() },
        t("Choose a file"),
      ),
      h("p", { class: "small" }, t("or drop one on the page, or paste it")),
    );
  }
  function remove() {
    file = null;
    draw();
    context.changed(option.name);
  }
  async function receive(upload) {
    coming = upload;
    problem = "";
    draw();
    try {
      const got = await upload;
      if (coming !== upload) return;
      file = got;
    } catch (error) {
      problem = error.message;
    }
    coming = null;
    draw();
    context.changed(option.name);
    if (problem) context.complain(option.name, problem);
    if (file) context.next();
  }
  function take(one) {
    return receive(uploadFile(one));
  }
  draw();
  return {
    element: h("div", {}, box, chooser),
    isFile: true,
    isEmpty: () => !file && !coming,
    focus() {
      const first = box.querySelector(".sample") ?? box.querySelector(".file-card button");
      if (first) return first.focus();
      // The samples are loading; focus the first one then, unless the focus has moved on.
      box.focus();
      return box.querySelector(".samples")?.addEventListener("filled", () => {
        if (document.activeElement === box) box.querySelector(".sample")?.focus();
      });
    },
    settled: async () => coming?.catch(() => {}),
    read() {
      if (file) return { value: { upload: file.id } };
      if (coming) return {};
      return option.required ? { error: problem || t(MISSING) } : {};
    },
    keep: () => file,
    write(kept) {
      file = kept;
      draw();
    },
    take,
    /** Use a sample picture, or the promise of one. */
    sample: (one) => receive(Promise.resolve(one).then(uploadSample)),
  };
}
