/** Forms that the bot opens. The browser's dialog keeps the focus inside, and closes on Esc. */

import { fill, h } from "./dom.js";
import { fieldOf } from "./modal-fields.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** Show the forms that are opened for this person. */
export function mountModals(app) {
  app.connection.on("modal", (push) => open(push, app));
  app.connection.on("down", () =>
    document.querySelector("dialog.modal .modal-error")?.replaceChildren(),
  );
}

function open({ interaction, modal }, app) {
  const before = document.activeElement;
  const fields = modal.components.map((one) => fieldOf(one, app)).filter(Boolean);
  const error = h("p", { class: "modal-error", role: "alert" });
  const send = h("button", { type: "submit", class: "button primary" }, t("Submit"));
  const form = h(
    "form",
    { novalidate: true, onsubmit: submit },
    h(
      "header",
      {},
      h("h2", { id: "modal-title" }, modal.title),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": t("Close"), onclick: cancel },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "modal-fields" },
      fields.map((one) => one.element),
    ),
    h(
      "footer",
      {},
      error,
      h("button", { type: "button", class: "button plain", onclick: cancel }, t("Cancel")),
      send,
    ),
  );
  const dialog = h(
    "dialog",
    { class: "modal", "aria-labelledby": "modal-title", oncancel: asked },
    form,
  );

  function asked(event) {
    event.preventDefault();
    cancel();
  }
  function cancel() {
    app.connection.request("cancel_modal", { interaction }).catch(() => {});
    close();
  }
  function close() {
    dialog.close();
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
  }
  async function submit(event) {
    event.preventDefault();
    const wrong = fields.filter((one) => one.check && !one.check());
    if (wrong.length > 0) return wrong[0].focus();
    send.disabled = true;
    send.classList.add("busy");
    fill(error);
    try {
      await app.connection.request("submit", { interaction, fields: written(fields) });
      close();
    } catch (problem) {
      fill(error, t("{problem}. What you wrote is still here.", { problem: unended(problem.message) }));
    } finally {
      send.disabled = false;
      send.classList.remove("busy");
    }
    return undefined;
  }

  document.body.append(dialog);
  dialog.showModal();
  fields.find((one) => one.focus)?.focus();
}

/** A sentence without its full stop, to be followed by another one. */
function unended(sentence) {
  return sentence.replace(/[.。]$/, "");
}

function written(fields) {
  return Object.fromEntries(fields.filter((one) => one.id).map((one) => [one.id, one.value()]));
}
