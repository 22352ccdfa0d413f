/** The menu of the plus button: files, sample pictures and commands. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { openPopover, walkWithArrows } from "./popover.js";
import { sampleButtons, samples } from "./uploads.js";
import { t } from "./words.js";

/** Make the button; `chooseFile()`, `useCommand()` and `attachSample(sample)` act on a choice. */
export function plusButton({ chooseFile, useCommand, attachSample, mayAttach }) {
  const button = h(
    "button",
    {
      type: "button",
      class: "icon-button plus",
      "aria-haspopup": "menu",
      onclick: open,
    },
    icon("plus", 22),
  );

  async function open() {
    const thenClose = (act) => (chosen) => {
      close({ focus: false });
      act(chosen);
    };
    const box = h(
      "div",
      { class: "menu plus-menu", role: "menu", "aria-label": t("Attach") },
      mayAttach() && item(t("Attach a file"), "file", thenClose(chooseFile)),
      item(t("Use a command"), "apps", thenClose(useCommand)),
      mayAttach()
        ? [
            h("p", { class: "small" }, t("or attach a sample picture:")),
            sampleButtons(thenClose(attachSample)),
          ]
        : h("p", { class: "small" }, t("You can't attach files in this channel.")),
    );
    // The menu gets its final height once the samples have loaded.
    await samples();
    const close = openPopover(button, box, { side: "above" });
    walkWithArrows(box, "button");
    box.querySelector("button").focus();
  }
  return button;
}

function item(words, name, act) {
  return h(
    "button",
    { type: "button", role: "menuitem", onclick: () => act() },
    icon(name, 18),
    words,
  );
}
