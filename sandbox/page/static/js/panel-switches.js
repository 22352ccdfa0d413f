/** Switches that turn faults on and off. */

import { h } from "./dom.js";
import { marked, spoken, t } from "./words.js";

/** Switches by what they are about; each provider also has a choice of how it answers. */
const GROUPS = [
  {
    title: "Vtrix",
    styles: "provider",
    says: marked("In every known form, and in unknown words: the videos arrive all the same."),
    switches: [
      {
        name: "provider_slow",
        label: marked("Vtrix is slow"),
        says: marked("New videos take ten times as long."),
      },
      {
        name: "provider_full",
        label: marked("Vtrix is full"),
        says: marked(
          "It accepts no new videos. They stay queued, and /tasks can cancel them. Flipbook tries again after seconds, then less often.",
        ),
      },
      {
        name: "provider_failing",
        label: marked("Vtrix fails"),
        says: marked("It accepts the request, then reports that the video couldn't be made."),
      },
      {
        name: "provider_balance_empty",
        label: marked("The account at Vtrix is empty"),
        says: marked("It refuses requests until there is credit again. Flipbook checks again 5 minutes after a refusal, or when it restarts."),
      },
      {
        name: "provider_key_refused",
        label: marked("The key of Vtrix is refused"),
        says: marked("The provider rejects Flipbook's key. Flipbook checks again every minute."),
      },
    ],
  },
  {
    title: "Model Studio",
    styles: "dashscope",
    says: marked("In every known form, and in unknown words. Some leave out the video or the reason."),
    switches: [
      {
        name: "dashscope_slow",
        label: marked("Model Studio is slow"),
        says: marked("New videos take ten times as long."),
      },
      {
        name: "dashscope_waiting",
        label: marked("Model Studio lets videos wait"),
        says: marked("It accepts new videos but doesn't begin them. Until it does, /tasks can cancel them."),
      },
      {
        name: "dashscope_full",
        label: marked("Model Studio is full"),
        says: marked(
          "It accepts no new videos. They stay queued, and /tasks can cancel them. Flipbook tries again after seconds, then less often.",
        ),
      },
      {
        name: "dashscope_failing",
        label: marked("Model Studio fails"),
        says: marked("It accepts the request, then reports that the video couldn't be made."),
      },
      {
        name: "dashscope_balance_empty",
        label: marked("The account at Model Studio is in arrears"),
        says: marked("It refuses requests until there is credit again. Flipbook checks again 5 minutes after a refusal, or when it restarts."),
      },
      {
        name: "dashscope_key_refused",
        label: marked("The key of Model Studio is refused"),
        says: marked("The provider rejects Flipbook's key. Flipbook checks again every minute."),
      },
    ],
  },
  {
    title: "Discord",
    switches: [
      {
        name: "discord_away",
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
  function styles({ title, styles: provider, says: about }, values) {
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
        one.switches.map((each) => lever(each, values)),
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
