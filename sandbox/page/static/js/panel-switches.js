/** Switches that turn faults on and off. */

import { h } from "./dom.js";
import { marked, spoken, t } from "./words.js";

/** What can go wrong at both providers, in the order from the outside to the inside. */
const AT_BOTH = [
  {
    name: "down",
    label: marked("{provider} is down"),
    says: marked("It doesn't answer. New videos stay queued, and Flipbook tries again after seconds, then less often."),
  },
  {
    name: "slow",
    label: marked("{provider} is slow"),
    says: marked("New videos take ten times as long."),
  },
  {
    name: "full",
    label: marked("{provider} is full"),
    says: marked(
      "It accepts no new videos. They stay queued, and /tasks can cancel them. Flipbook tries again after seconds, then less often.",
    ),
  },
  {
    name: "failing",
    label: marked("{provider} fails"),
    says: marked("It accepts the request, then reports that the video couldn't be made."),
  },
  {
    name: "refusing",
    label: marked("{provider} refuses the content"),
    says: marked("It accepts the request, then reports that the video shows something that isn't allowed."),
  },
  {
    name: "dead_links",
    label: marked("Links of {provider} end early"),
    says: marked("The links to finished videos don't work. Flipbook asks for new ones, and gives up after 10 minutes."),
  },
  {
    name: "key_refused",
    label: marked("{provider} refuses the key"),
    says: marked("It rejects Flipbook's key. Flipbook checks again every minute."),
  },
];
const NO_CREDIT = marked(
  "It refuses requests until there is credit again. Flipbook checks again 5 minutes after a refusal, or when it restarts.",
);

/** Switches by what they are about; each provider also has a choice of how it answers. */
const GROUPS = [
  {
    title: "Vtrix",
    prefix: "provider",
    says: marked("In every known form, and in unknown words: the videos arrive all the same."),
    switches: [
      ...AT_BOTH,
      { name: "balance_empty", label: marked("The account at {provider} is empty"), says: NO_CREDIT },
      {
        name: "charging",
        label: marked("{provider} charges too much"),
        says: marked(
          "New videos cost ten times their price. Flipbook books that, tells the bot's owner, and keeps its estimates.",
        ),
      },
    ],
  },
  {
    title: "Model Studio",
    prefix: "dashscope",
    says: marked("In every known form, and in unknown words. Some leave out the video or the reason."),
    switches: [
      ...AT_BOTH,
      {
        name: "balance_empty",
        label: marked("The account at {provider} is in arrears"),
        says: NO_CREDIT,
      },
      {
        name: "waiting",
        label: marked("{provider} lets videos wait"),
        says: marked("It accepts new videos but doesn't begin them. Until it does, /tasks can cancel them."),
      },
    ],
  },
  {
    title: "Discord",
    prefix: "discord",
    switches: [
      {
        name: "away",
        label: marked("Discord is away"),
        says: marked("For a minute, nothing can be sent and the bot waits."),
      },
    ],
  },
];

/** Return the section as a function of the panel's state. */
export function switchesPart(app) {
  function turn(name, value) {
    app.connection.request("switch", { name, value }).catch((error) => app.toast(error.message));
  }
  function lever({ name: fault, label: about, says }, { title, prefix }, values) {
    const name = `${prefix}_${fault}`;
    const on = values[name] === true;
    const label = t(about, { provider: title });
    const props = {
      type: "button",
      class: "lever",
      role: "switch",
      "aria-checked": String(on),
      "aria-label": label,
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
          h("span", {}, label, left && h("em", {}, left)),
          h("span", { class: "small" }, t(says)),
        ),
        h("span", { class: "lever-knob", "aria-hidden": "true" }),
      ),
    );
  }
  function styles({ title, prefix: provider, says: about }, values) {
    const chosen = values[`${provider}_style`];
    const names = values[`${provider}_styles`] ?? [];
    if (!names.length) return null;
    const says = t(about);
    return h(
      "label",
      // Keep its list open if the reader opened it.
      { class: "styles", dataset: { keep: `${provider} ${chosen} ${spoken()}` }, title: says },
      h("span", {}, t("How {provider} answers", { provider: title })),
      h(
        "select",
        { onchange: (event) => turn(`${provider}_style`, event.target.value) },
        names.map((name) => h("option", { value: name, selected: name === chosen }, t(name))),
      ),
      h("span", { class: "small" }, says),
    );
  }
  function group(one, values) {
    return h(
      "div",
      { dataset: { part: one.title } },
      h("h4", {}, one.title),
      h(
        "ul",
        { class: "levers" },
        one.switches.map((each) => lever(each, one, values)),
      ),
      styles(one, values),
    );
  }
  return ({ switches }) =>
    h(
      "section",
      { dataset: { part: "switches" } },
      h("h3", {}, t("What goes wrong")),
      GROUPS.map((one) => group(one, switches)),
    );
}

function remaining(until) {
  if (!until) return null;
  const seconds = Math.max(0, Math.ceil((new Date(until) - Date.now()) / 1000));
  return t(": {seconds} s", { seconds });
}
