/** Everything around the messages: servers, channels, the current person, the header. */

import { fill, h, morph } from "./dom.js";
import { closeOnEscape } from "./escape.js";
import { icon } from "./icons.js";
import { avatar, known } from "./people.js";
import { openPopover, walkWithArrows } from "./popover.js";
import { SIGNS } from "./welcome.js";
import { marked, parts, spoken, t } from "./words.js";

const KINDS = [
  ["text", marked("Text channels")],
  ["thread", marked("Threads")],
  ["dm", marked("Direct messages")],
];

/** What a screen reader calls the parts of the page. */
const LABELS = [
  ["rail", marked("Servers")],
  ["channels", marked("Channels")],
  ["me", marked("Who you are")],
  ["open-sidebar", marked("Channels")],
  ["messages", marked("Messages")],
];

/** Render it, and update it with the state. */
export function mountShell(app) {
  const at = (id) => document.getElementById(id);
  const drawer = mountDrawer(at("open-sidebar"), at("sidebar"));
  const draw = () => {
    const { scene } = app.state;
    if (!scene) return;
    redraw(at("rail"), rail(scene));
    redraw(at("guild"), h("h2", {}, scene.guild.name));
    redraw(at("channels"), ...channelLists(app, drawer));
    redraw(at("me"), me(app));
    header(at, scene);
    for (const [id, label] of LABELS) at(id).setAttribute("aria-label", t(label));
    at("jump").textContent = t("Jump to the newest");
    document.querySelector(".skip").textContent = t("Skip to the message box");
  };
  const drawn = ["scene", "unread", "waiting"];
  app.subscribe((changed) => drawn.some((one) => changed.has(one)) && draw());
  app.subscribe((changed) => changed.has("typing") && typing(at("typing"), app.state.typing));
  app.subscribe((changed) => changed.has("connected") && lost(at("lost"), app.state));
  return { drawer };
}

function redraw(place, ...children) {
  const fresh = place.cloneNode(false);
  morph(place, fill(fresh, ...children));
}

function rail(scene) {
  const initials = scene.guild.name
    .split(/\s+/)
    .map((word) => word[0])
    .join("")
    .slice(0, 2);
  return h(
    "span",
    {
      class: "server",
      role: "img",
      "aria-label": t("{server}, the only server", { server: scene.guild.name }),
      title: scene.guild.name,
    },
    initials,
  );
}

function channelLists(app, drawer) {
  return KINDS.map(([kind, title]) => {
    const list = app.state.scene.channels.filter((one) => one.kind === kind);
    return (
      list.length > 0 &&
      h(
        "section",
        { dataset: { part: kind } },
        h("h3", {}, t(title)),
        h(
          "ul",
          {},
          list.map((one) => h("li", {}, channel(one, app, drawer))),
        ),
      )
    );
  });
}

function channel(one, app, drawer) {
  const here = one.id === app.state.scene.channel;
  const unread = here ? 0 : (app.state.unread[one.id] ?? 0);
  const classes = ["channel", here && "here", unread > 0 && "unread"].filter(Boolean).join(" ");
  const go = () => {
    drawer.close();
    app.goTo(one.id);
  };
  return h(
    "button",
    {
      type: "button",
      class: classes,
      "aria-current": here ? "page" : null,
      onclick: go,
      dataset: { part: one.id },
    },
    icon(SIGNS[one.kind] ?? "hash"),
    h("span", { class: "channel-words" }, one.name),
    badge(unread),
  );
}

function badge(count) {
  if (count === 0) return null;
  const label = t("{count} new", { count });
  return h("span", { class: "badge", "aria-label": label }, count > 99 ? "99+" : String(count));
}

function me(app) {
  const { me: person } = app.state.scene;
  const shown = known(person, app);
  const { waiting } = app.state;
  const others = app.state.scene.people.filter(({ id }) => id !== person.id);
  const news = others.reduce((sum, { id }) => sum + (waiting[id] ?? 0), 0);
  return h(
    "button",
    {
      type: "button",
      class: "me",
      "aria-haspopup": "menu",
      title: t("Switch user"),
      "aria-label": [
        t("You are {name}, {role}.", { name: shown.name, role: standing(person) }),
        t("Switch user"),
        news > 0 && t("Others have new direct messages."),
      ]
        .filter(Boolean)
        .join(" "),
      onclick: (event) => switcher(event.currentTarget, app),
    },
    h("span", { class: "online" }, avatar(shown)),
    h(
      "span",
      { class: "me-words" },
      h("strong", {}, shown.name),
      h("span", { class: "small" }, standing(person)),
    ),
    badge(news),
    h("span", { class: "switch" }, t("Switch"), icon("down", 16)),
  );
}

function standing(person) {
  if (person.operator) return t("runs the bot");
  return person.moderator ? t("moderator") : t("member");
}

function switcher(anchor, app) {
  const become = (person) => {
    close();
    app.become(person.name);
  };
  const speak = (locale) => {
    close();
    app.connection.request("language", { locale }).catch((error) => app.toast(error.message));
  };
  const box = choices(app, become, speak);
  const stop = app.subscribe((changed) => {
    if (!changed.has("scene") && !changed.has("waiting")) return;
    const fresh = choices(app, become, speak);
    // The popover sets the position.
    fresh.className = box.className;
    fresh.style.cssText = box.style.cssText;
    morph(box, fresh);
  });
  walkWithArrows(box, "button");
  const close = openPopover(anchor, box, { side: "above", onClose: stop });
  box.querySelector('[aria-checked="true"]')?.focus({ preventScroll: true });
}

/** The people whose view can be shown, and their languages. */
function choices(app, become, speak) {
  const { scene } = app.state;
  return h(
    "div",
    { class: "menu", role: "menu", "aria-label": t("Switch user") },
    h("p", { class: "menu-title" }, t("View the channel as")),
    scene.people.map((one) => {
      const shown = known(one, app);
      return choice(
        { chosen: one.id === scene.me.id, onclick: () => become(one) },
        avatar(shown, { small: true }),
        h(
          "span",
          { class: "menu-words" },
          shown.name,
          h("span", { class: "small" }, standing(one)),
        ),
        badge(app.state.waiting[one.id] ?? 0),
      );
    }),
    h("p", { class: "menu-title" }, t("Discord language")),
    scene.languages.map((locale) =>
      choice(
        { chosen: locale === scene.me.locale, onclick: () => speak(locale) },
        h("span", { class: "menu-words", lang: locale }, languageName(locale)),
      ),
    ),
  );
}

function choice({ chosen, onclick }, ...shown) {
  return h(
    "button",
    { type: "button", role: "menuitemradio", "aria-checked": String(chosen), onclick },
    shown,
    chosen && icon("check", 18),
  );
}

/** Return the name of a language in that language. */
function languageName(locale) {
  return new Intl.DisplayNames(locale, { type: "language" }).of(locale);
}

function header(at, scene) {
  const here = scene.channels.find((one) => one.id === scene.channel);
  fill(at("channel-name"), icon(SIGNS[here?.kind] ?? "hash", 22), h("span", {}, here?.name ?? ""));
  const topic = here?.topic ? t(here.topic) : "";
  Object.assign(at("channel-topic"), { textContent: topic, title: topic });
  const place = `${here?.kind === "dm" ? "" : "#"}${here?.name ?? ""}`;
  document.title = t("{place} · Flipbook, the demo", { place });
}

function typing(place, names) {
  if (names.length === 0) return fill(place);
  const who = names.length > 3 ? t("Several people") : new Intl.ListFormat(spoken()).format(names);
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return fill(
    place,
    dots,
    h(
      "span",
      {},
      parts(names.length === 1 ? marked("{name} is typing…") : marked("{names} are typing…"), {
        name: h("strong", {}, who),
        names: h("strong", {}, who),
      }),
    ),
  );
}

function lost(place, { connected, scene }) {
  place.hidden = connected || !scene;
  place.textContent = connected
    ? ""
    : t("Lost the connection to the demo. It reconnects as soon as the demo is running.");
}

/** On a narrow screen, the list of channels slides over the messages. */
function mountDrawer(button, sidebar) {
  const shade = h("div", { class: "shade", hidden: true, onclick: () => close() });
  document.body.append(shade);
  fill(button, icon("menu", 22));
  const isOpen = () => sidebar.classList.contains("open");
  function set(open) {
    sidebar.classList.toggle("open", open);
    shade.hidden = !open;
    // What lies under the shade is reached by no key either.
    document.getElementById("chat").inert = open;
    button.setAttribute("aria-expanded", String(open));
  }
  function close() {
    if (!isOpen()) return;
    set(false);
    button.focus({ preventScroll: true });
  }
  button.onclick = () => {
    set(!isOpen());
    sidebar.querySelector('[aria-current="page"]')?.focus({ preventScroll: true });
  };
  closeOnEscape(isOpen, close);
  return { close };
}
