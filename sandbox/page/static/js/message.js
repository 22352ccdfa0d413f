/** Renders one message. */

import { components } from "./components.js";
import { h } from "./dom.js";
import { embeds } from "./embeds.js";
import { excerpt } from "./excerpt.js";
import { emoji as drawn } from "./emoji.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { attachments } from "./media.js";
import { openMenu } from "./menu.js";
import { appEntries, messageEntries } from "./menu-entries.js";
import { avatar, known, nameOf } from "./people.js";
import { mayReact, pickReaction, quick, reactions, toggle } from "./reactions.js";
import { written, writtenAt } from "./time.js";
import { parts, t } from "./words.js";

const COMPONENTS_V2 = 1 << 15;

/** The type of messages that answer a command from the Apps menu; these refer to its message. */
const MENU_ANSWER = 23;

/** Return the element of a message; `grouped`: it follows another message of its author. */
export function messageElement(message, { grouped }, app) {
  const author = known(message.author, app);
  const mentioned = (message.mentions ?? []).some((one) => one.id === app.state.scene?.me.id);
  const classes = [
    "message",
    grouped && "grouped",
    message.ephemeral && "ephemeral",
    mentioned && "mentioned",
  ];
  return h(
    "article",
    {
      class: classes.filter(Boolean).join(" "),
      tabindex: -1,
      dataset: { id: message.id },
      "aria-label": `${author.name}, ${written(message.timestamp)}`,
    },
    above(message, app),
    h(
      "div",
      { class: "gutter", dataset: { part: grouped ? "time" : "avatar" } },
      grouped ? writtenAt(message.timestamp, { short: true }) : avatar(author),
    ),
    h(
      "div",
      { class: "body", dataset: { part: "body" } },
      grouped ? null : header(message, author),
      content(message, author, app),
    ),
    toolbar(message, app),
  );
}

/** The line above a message: what it replies to, or which command it answers. */
function above(message, app) {
  if (message.message_reference && message.type !== MENU_ANSWER)
    return replyLine(message.referenced_message, message.message_reference, app);
  const { user, name, menu } = message.interaction_metadata ?? {};
  if (!user || !name) return null;
  const person = known(user, app);
  return h(
    "div",
    { class: "above", dataset: { part: "above" } },
    avatar(person, { small: true }),
    h(
      "span",
      {},
      parts("{person} used {command}", {
        person: nameIn(person),
        command: h("span", { class: "command" }, menu ? name : `/${name}`),
      }),
    ),
  );
}

function replyLine(parent, reference, app) {
  if (!parent) {
    return h(
      "div",
      { class: "above", dataset: { part: "above" } },
      icon("reply", 14),
      h("i", {}, t("The original message was deleted")),
    );
  }
  const person = known(parent.author, app);
  const go = () => app.goTo(reference.channel_id ?? parent.channel_id, parent.id);
  return h(
    "div",
    { class: "above", dataset: { part: "above" } },
    avatar(person, { small: true }),
    nameIn(person),
    h("button", { type: "button", class: "excerpt", onclick: go }, excerpt(parent, app)),
  );
}

function nameIn({ id, name, colour }) {
  return h("span", { class: "name", style: { color: colour }, dataset: { user: id } }, name);
}

function header(message, author) {
  return h("header", { dataset: { part: "header" } }, nameOf(author), writtenAt(message.timestamp));
}

function content(message, author, app) {
  if (message.loading) return [thinking(author), note(message, app)];
  return [
    message.content &&
      h("div", { class: "content", dataset: { part: "content" } }, markdown(message.content, app)),
    attachments(shownFiles(message)),
    embeds(message, app),
    components(message, app),
    message.edited_timestamp && edited(message.edited_timestamp),
    reactions(message, app),
    note(message, app),
  ];
}

/** With layout components, a file is shown only by the component that names it. */
function shownFiles({ attachments: files = [], flags = 0 }) {
  return flags & COMPONENTS_V2 ? [] : files;
}

function edited(iso) {
  return h(
    "span",
    { class: "edited", title: written(iso), dataset: { part: "edited" } },
    t("(edited)"),
  );
}

function thinking(author) {
  return h(
    "div",
    { class: "thinking", dataset: { part: "thinking" } },
    h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
    t("{name} is thinking…", { name: author.name }),
  );
}

function note(message, app) {
  if (!message.ephemeral) return null;
  const dismiss = () => send(app, "dismiss", message);
  return h(
    "div",
    { class: "note", dataset: { part: "note" } },
    icon("eye", 14),
    `${t("Only you can see this")} · `,
    h("button", { type: "button", class: "as-link", onclick: dismiss }, t("Dismiss message")),
  );
}

function toolbar(message, app) {
  const react = mayReact(app) && !message.ephemeral && !message.loading;
  const apps = !message.ephemeral && app.state.scene?.menus?.length > 0;
  const reply = app.state.scene?.may?.send !== false && !message.ephemeral && !message.loading;
  const appsMenu = (anchor) =>
    openMenu(anchor, appEntries(message, app), { label: t("Apps"), align: "end" });
  const menu = (anchor) =>
    openMenu(anchor, messageEntries(message, anchor, app), { label: t("More"), align: "end" });
  const buttons = h(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": t("Actions") },
    react &&
      quick(message).map(([emoji, name]) =>
        tool(t(name), drawn(emoji, { silent: true }), () => toggle(emoji, message, app)),
      ),
    react && tool(t("Add a reaction"), icon("smile"), (anchor) => pickReaction(message, anchor, app)),
    reply && tool(t("Reply"), icon("reply"), () => app.reply(message)),
    apps && tool(t("Apps"), icon("apps"), appsMenu),
    tool(t("More"), icon("more"), menu),
  );
  return h("div", { class: "toolbar-track", dataset: { part: "toolbar" } }, buttons);
}

function tool(name, face, use) {
  return h(
    "button",
    {
      type: "button",
      title: name,
      "aria-label": name,
      dataset: { part: name },
      onclick: (event) => use(event.currentTarget),
    },
    face,
  );
}

function send(app, op, message) {
  app.connection.request(op, { message: message.id }).catch((error) => app.toast(error.message));
}
