/** The tasks in the bot's database, with the state names that people read. */

import { h } from "./dom.js";
import { marked, t } from "./words.js";

const SHOWN = 8;
const STATES = {
  queued: marked("queued"),
  submitting: marked("sending"),
  running: marked("running"),
  rendered: marked("rendered"),
  delivered: marked("delivered"),
  undelivered: marked("not delivered"),
  failed: marked("failed"),
  cancelled: marked("canceled"),
  unknown: marked("unclear"),
};

/** Return the section as a function of the panel's state. */
export function tasksPart() {
  return ({ tasks, counts }) =>
    h(
      "section",
      { dataset: { part: "tasks" } },
      h("h3", {}, t("Tasks in its database")),
      summary(counts),
      h("ul", { class: "tasks" }, tasks.slice(0, SHOWN).map(task)),
    );
}

function summary(counts) {
  const states = Object.keys(STATES).filter((state) => counts[state] > 0);
  if (states.length === 0) {
    return h("p", { class: "small" }, t("None yet. Use /animate and watch the task here."));
  }
  const words = states.map((state) => t("{count} {state}", { count: counts[state], state: t(STATES[state]) }));
  return h("p", { class: "small counts" }, words.join(" · "));
}

function task(one) {
  return h(
    "li",
    { dataset: { part: one.id } },
    badge(one.state),
    h("span", { class: "task-prompt", title: one.prompt }, one.prompt || t("prompt deleted")),
    h(
      "span",
      { class: "small task-facts" },
      [one.person, one.id, one.cost && `$${one.cost}`].filter(Boolean).join(" · "),
    ),
    h("span", { class: "small task-facts" }, kind(one)),
    one.state === "running" && bar(one.progress),
  );
}

/** What was asked for: a model, and what it was told to make. */
function kind({ model, resolution, seconds, sound }) {
  const length = t("{seconds} s", { seconds });
  return [model, resolution, length, sound && t("with sound")].filter(Boolean).join(" · ");
}

function badge(state) {
  return h("span", { class: `state ${state}` }, t(STATES[state] ?? state));
}

/** Render progress from 0 to 1; `null` is unknown. */
function bar(progress) {
  const known = progress != null;
  const percent = Math.round((progress ?? 0) * 100);
  const value = known ? { "aria-valuenow": percent } : {};
  return h(
    "div",
    {
      class: known ? "bar" : "bar unknown",
      role: "progressbar",
      "aria-label": t("Progress"),
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      ...value,
    },
    h("span", { style: { width: known ? `${Math.max(percent, 2)}%` : "30%" } }),
  );
}
