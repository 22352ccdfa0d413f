/** Short messages that disappear by themselves. */

import { h } from "./dom.js";
import { t } from "./words.js";

const SHOWN_MS = 6000;

/** Return a function that shows a message in `place`. */
export function toaster(place) {
  return (words) => {
    const toast = h("div", { class: "toast" }, words);
    const close = () => toast.remove();
    toast.append(h("button", { type: "button", class: "as-link", onclick: close }, t("OK")));
    // A repeated message is shown once.
    for (const one of place.children) if (one.firstChild.data === words) one.remove();
    place.append(toast);
    setTimeout(close, SHOWN_MS);
  };
}
