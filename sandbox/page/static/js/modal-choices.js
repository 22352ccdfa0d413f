/** Fields of a form in which something is ticked or uploaded; made as in `modal-fields.js`. */

import { fill, h } from "./dom.js";
import { fileCard, sampleButtons, uploadFile, uploadSample } from "./uploads.js";
import { t } from "./words.js";

/** Radio buttons: one value, or `null`. */
export function radios(input, context) {
  const group = options(input, context, "radio");
  const check = () => context.tell(group.control, missing(input, group.chosen().length, context));
  return { ...group, check, value: () => group.chosen()[0] ?? null };
}

/** A group of boxes: a list of values. */
export function boxes(input, context) {
  const group = options(input, context, "checkbox");
  const check = () => context.tell(group.control, missing(input, group.chosen().length, context));
  return { ...group, check, value: group.chosen };
}

/** A single box: true or false. */
export function box(input, { key }) {
  const control = h("input", {
    type: "checkbox",
    id: key,
    class: "tick",
    checked: Boolean(input.default),
  });
  return { control, below: null, value: () => control.checked, focus: () => control.focus() };
}

function options(input, { key }, type) {
  const rows = (input.options ?? []).map((option, index) =>
    h(
      "label",
      { class: "tick-row" },
      h("input", {
        type,
        name: key,
        id: index === 0 ? key : null,
        class: "tick",
        value: option.value,
        checked: Boolean(option.default),
      }),
      h(
        "span",
        { class: "select-words" },
        h("span", {}, option.label),
        option.description && h("span", { class: "small" }, option.description),
      ),
    ),
  );
  const control = h(
    "div",
    { class: "ticks", role: type === "radio" ? "radiogroup" : "group", "aria-labelledby": `${key}-label` },
    rows,
  );
  const chosen = () => [...control.querySelectorAll("input:checked")].map((one) => one.value);
  return { control, below: null, chosen, focus: () => control.querySelector("input")?.focus() };
}

/** What is wrong with a number of choices, in words; nothing where no answer is required. */
function missing(input, count, { required }) {
  const least = input.min_values ?? 1;
  const most = input.max_values ?? input.options?.length ?? 1;
  if (count === 0 && !required) return "";
  if (count < least) return least === 1 ? t("Choose one.") : t("Choose at least {least}.", { least });
  return count > most ? t("Choose at most {most}.", { most }) : "";
}

const GROUPS = { image: "image/*", video: "video/*", audio: "audio/*" };

/** Files that are uploaded with the form. */
export function files(input, context) {
  const { key, required, tell } = context;
  const most = input.max_values ?? 1;
  let kept = [];
  let coming = 0;
  const chooser = h("input", {
    type: "file",
    class: "visually-hidden",
    tabindex: -1,
    "aria-hidden": "true",
    multiple: most > 1,
    accept: (input.file_types ?? []).map((one) => GROUPS[one] ?? one).join(",") || null,
    onchange: () => {
      for (const file of chooser.files) receive(uploadFile(file));
      chooser.value = "";
    },
  });
  const choose = h(
    "button",
    { type: "button", id: key, class: "button secondary", onclick: () => chooser.click() },
    t("Choose a file"),
  );
  const list = h("div", { class: "uploaded" });
  const control = h("div", { class: "field-file" }, list, chooser);

  function draw() {
    fill(
      list,
      kept.map((one) => fileCard(one, () => remove(one))),
      coming > 0 && h("p", { class: "small", role: "status" }, t("Uploading…")),
      kept.length + coming < most && h("div", { class: "file-choices" }, samples(), choose),
    );
  }
  function samples() {
    return sampleButtons((one) => receive(uploadSample(one)));
  }
  async function receive(upload) {
    if (kept.length + coming >= most) return;
    coming += 1;
    draw();
    try {
      kept = [...kept, await upload];
      tell(control, "");
    } catch (error) {
      tell(control, error.message);
    }
    coming -= 1;
    draw();
  }
  function remove(file) {
    kept = kept.filter((one) => one !== file);
    draw();
  }
  function check() {
    if (coming > 0) return tell(control, t("Wait until the file is uploaded."));
    return tell(control, missing({ options: [], ...input, max_values: most }, kept.length, { required }));
  }
  draw();
  return {
    control,
    below: null,
    check,
    value: () => kept.map((one) => ({ upload: one.id })),
    focus: () => choose.focus(),
  };
}
