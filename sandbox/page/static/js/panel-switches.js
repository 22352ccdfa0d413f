/** What can be made to go wrong, and be put right again. */

import { h } from "./dom.js";

const SWITCHES = [
  {
    name: "provider_slow",
    label: "The provider is slow",
    says: "Videos that are asked for now take ten times as long.",
  },
  {
    name: "provider_failing",
    label: "The provider fails",
    says: "It takes the order, and then says that it could not be made.",
  },
  {
    name: "provider_balance_empty",
    label: "The account is empty",
    says: "It refuses to work until there is money again. Flipbook looks again 5 minutes after it was refused, or when it is started again.",
  },
  {
    name: "provider_key_refused",
    label: "The key is refused",
    says: "The provider no longer knows who asks. Flipbook looks every minute whether it does again.",
  },
  {
    name: "discord_away",
    label: "Discord is away",
    says: "For a minute: nothing can be sent, and the bot waits.",
  },
];

/** The part as a function of the panel's state. */
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
      "aria-label": label,
      title: says,
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
          h("span", {}, label, left && h("em", {}, left)),
          h("span", { class: "small" }, says),
        ),
        h("span", { class: "lever-knob", "aria-hidden": "true" }),
      ),
    );
  }
  function styles({ provider_style: chosen, provider_styles: names = [] }) {
    if (!names.length) return null;
    const says =
      "In each form that is known of, and in words that nobody knows: the videos come all the same.";
    return h(
      "label",
      // Whether its list is unfolded is the reader's.
      { class: "styles", dataset: { keep: `styles ${chosen}` }, title: says },
      h("span", {}, "How the provider answers"),
      h(
        "select",
        { onchange: (event) => turn("provider_style", event.target.value) },
        names.map((name) => h("option", { value: name, selected: name === chosen }, name)),
      ),
      h("span", { class: "small" }, says),
    );
  }
  return ({ switches }) =>
    h(
      "section",
      { dataset: { part: "switches" } },
      h("h3", {}, "What goes wrong"),
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
  return `: ${seconds} s`;
}
