/** The side panel: the bot's process, its tasks, the switches, and the provider's requests. */

import { fill, h, morph } from "./dom.js";
import { closeOnEscape } from "./escape.js";
import { icon } from "./icons.js";
import { botPart } from "./panel-bot.js";
import { switchesPart } from "./panel-switches.js";
import { tasksPart } from "./panel-tasks.js";
import { wirePart } from "./panel-wire.js";
import { t } from "./words.js";

const REMEMBERED = "flipbook-panel";
/** On narrower screens, the panel covers the messages. */
const BESIDE = matchMedia("(width > 1180px)");
const COUNT_DOWN_MS = 1000;

export function mountPanel(aside, app) {
  const toggle = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-controls": "panel",
      onclick: () => open(aside.hidden),
    },
    icon("gauge", 22),
  );
  const body = h("div", { class: "panel-body" });
  const parts = [botPart(app, draw), tasksPart(), switchesPart(app), wirePart(draw)];
  document.querySelector("#header-tools").append(toggle);
  const head = h("header", { class: "panel-header" });
  fill(aside, head, body);
  closeOnEscape(() => !aside.hidden && !BESIDE.matches, close);

  function open(shown, { remember = true } = {}) {
    aside.hidden = !shown;
    toggle.setAttribute("aria-expanded", String(shown));
    document.body.classList.toggle("with-panel", shown);
    if (remember && BESIDE.matches) localStorage.setItem(REMEMBERED, shown ? "open" : "closed");
    draw();
    if (shown && !BESIDE.matches) aside.querySelector("button").focus();
  }
  function label() {
    morph(head, heading(close));
    toggle.title = t("Behind the scenes");
    for (const one of [toggle, aside]) one.setAttribute("aria-label", t("Behind the scenes"));
  }
  function close() {
    open(false);
    toggle.focus();
  }
  function draw() {
    const { panel } = app.state;
    if (aside.hidden || !panel) return;
    const shown = parts.map((part) => part(panel));
    morph(body, h("div", { class: "panel-body" }, shown));
  }

  /** Open the panel if there is space, unless it was closed before; never open it over messages. */
  function settle() {
    const wanted = localStorage.getItem(REMEMBERED) !== "closed";
    open(BESIDE.matches && wanted, { remember: false });
  }
  label();
  settle();
  BESIDE.addEventListener("change", settle);
  app.subscribe((changed) => {
    if (changed.has("scene")) label();
    if (changed.has("panel") || changed.has("scene")) draw();
  });
  setInterval(() => {
    if (app.state.panel?.switches.discord_away) draw();
  }, COUNT_DOWN_MS);
}

function heading(close) {
  return h(
    "header",
    { class: "panel-header" },
    h("h2", {}, t("Behind the scenes")),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": t("Close behind the scenes"),
        onclick: close,
      },
      icon("close", 20),
    ),
  );
}
