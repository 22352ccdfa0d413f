/** Switches that turn faults on and off. */

import { h } from "./dom.js";
import { marked, spoken, t } from "./words.js";

const SWITCHES = [
  {
    name: "provider_slow",
    label: marked("The provider is slow"),
    says: marked("New videos take ten times as long."),
  },
  {
    name: "provider_full",
    label: marked("The provider is full"),
    says: marked(
      "It accepts no new videos. They stay queued, and /tasks can cancel them. Flipbook tries again after seconds, then less often.",
    ),
  },
  {
    name: "provider_failing",
    label: marked("The provider fails"),
    says: marked("It accepts the request, then reports that the video couldn't be made."),
  },
  {
    name: "provider_balance_empty",
    label: marked("The account is empty"),
    says: marked("It refuses requests until there is credit again. Flipbook checks again 5 minutes after a refusal, or when it restarts."),
  },
  {
    name: "provider_key_refused",
    label: marked("The key is refused"),
    says: marked("The provider rejects Flipbook's key. Flipbook checks again every minute."),
  },
  {
    name: "discord_away",
    label: marked("Discord is away"),
    says: marked("For a minute, nothing can be sent and the bot waits."),
  },
];

/** Return the section as a function of the panel's state. */
export function switchesPart(app) {
  function turn(name, value) {
    app.connection.request("switch", { name, value }).catch((error) => app.toast(error.message));
  }
  function lever({ name, label, says }, values) {
    const on = values[name] === true;
    const props = {
      type: "button",
      class: "lever",
      role: "switch",
      "aria-checked": String(on),
      "aria-label": t(label),
      title: t(says),
      onclick: () => turn(name, !on),
    };
    const left = name === "discord_away" && on ? remaining(values.discord_away_until) : null;
    return h(
      "li",
      { dataset: { part: name } },
      h(
        "button",
        props,
        h(
          "span",
          { class: "lever-words" },
          h("span", {}, t(label), left && h("em", {}, left)),
          h("span", { class: "small" }, t(says)),
        ),
        h("span", { class: "lever-knob", "aria-hidden": "true" }),
      ),
    );
  }
  function styles({ provider_style: chosen, provider_styles: names = [] }) {
    if (!names.length) return null;
    const says = t("In every known form, and in unknown words: the videos arrive all the same.");
    return h(
      "label",
      // Keep its list open if the reader opened it.
      { class: "styles", dataset: { keep: `styles ${chosen} ${spoken()}` }, title: says },
      h("span", {}, t("How the provider answers")),
      h(
        "select",
        { onchange: (event) => turn("provider_style", event.target.value) },
        names.map((name) => h("option", { value: name, selected: name === chosen }, t(name))),
      ),
      h("span", { class: "small" }, says),
    );
  }
  return ({ switches }) =>
    h(
      "section",
      { dataset: { part: "switches" } },
      h("h3", {}, t("What goes wrong")),
      h(
        "ul",
        { class: "levers" },
        SWITCHES.map((one) => lever(one, switches)),
      ),
      styles(switches),
    );
}

function remaining(until) {
  if (!until) return null;
  const seconds = Math.max(0, Math.ceil((new Date(until) - Date.now()) / 1000));
  return t(": {seconds} s", { seconds });
}
