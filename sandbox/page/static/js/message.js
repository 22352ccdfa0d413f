/** One message. */

import { openAppsMenu } from "./apps.js";
import { components } from "./components.js";
import { h } from "./dom.js";
import { embeds } from "./embeds.js";
import { emoji as drawn } from "./emoji.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { attachments } from "./media.js";
import { avatar, known, nameOf } from "./people.js";
import { mayReact, pickReaction, quick, reactions, toggle } from "./reactions.js";
import { written, writtenAt } from "./time.js";

/** The element of a message; `grouped`: right below another one of its author. */
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

/** The line over a message: what it replies to, or which command it answers. */
function above(message, app) {
  if (message.message_reference)
    return replyLine(message.referenced_message, message.message_reference, app);
  const { user, name, menu } = message.interaction_metadata ?? {};
  if (!user || !name) return null;
  const person = known(user, app);
  return h(
    "div",
    { class: "above", dataset: { part: "above" } },
    avatar(person, { small: true }),
    h("span", { class: "name", style: { color: person.colour } }, person.name),
    " used ",
    h("span", { class: "command" }, menu ? name : `/${name}`),
  );
}

function replyLine(parent, reference, app) {
  if (!parent) {
    return h(
      "div",
      { class: "above", dataset: { part: "above" } },
      icon("reply", 14),
      h("i", {}, "The original message was deleted"),
    );
  }
  const person = known(parent.author, app);
  const go = () => app.goTo(reference.channel_id ?? parent.channel_id, parent.id);
  return h(
    "div",
    { class: "above", dataset: { part: "above" } },
    avatar(person, { small: true }),
    h("span", { class: "name", style: { color: person.colour } }, person.name),
    h("button", { type: "button", class: "excerpt", onclick: go }, excerpt(parent, app)),
  );
}

/** A message in a few plain words. */
function excerpt(message, app) {
  const words = message.content || textOf(message.components) || (message.embeds?.[0]?.title ?? "");
  const plain = words
    .replace(/^(-#|#{1,3}|>) +/gm, "")
    .replace(/<@!?(\d+)>/g, (_all, id) => `@${known({ id }, app).name ?? "unknown"}`)
    .replace(/\\([^\w\s]|_)|\*{1,2}|__|~~|\|\||`/g, (_all, sign) => sign ?? "")
    .replace(/\s+/g, " ")
    .trim();
  return (
    plain ||
    (message.attachments?.length ? "Click to see the attachment" : "Click to see the message")
  );
}

function textOf(list) {
  for (const one of list ?? []) {
    const words = one.content ?? textOf(one.components);
    if (words) return words;
  }
  return "";
}

function header(message, author) {
  return h("header", { dataset: { part: "header" } }, nameOf(author), writtenAt(message.timestamp));
}

function content(message, author, app) {
  if (message.loading) return [thinking(author), note(message, app)];
  return [
    message.content &&
      h("div", { class: "content", dataset: { part: "content" } }, markdown(message.content, app)),
    attachments(message.attachments ?? []),
    embeds(message, app),
    components(message, app),
    message.edited_timestamp && edited(message.edited_timestamp),
    reactions(message, app),
    note(message, app),
  ];
}

function edited(iso) {
  return h(
    "span",
    { class: "edited", title: written(iso), dataset: { part: "edited" } },
    "(edited)",
  );
}

function thinking(author) {
  return h(
    "div",
    { class: "thinking", dataset: { part: "thinking" } },
    h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
    `${author.name} is thinking…`,
  );
}

function note(message, app) {
  if (!message.ephemeral) return null;
  const dismiss = () => send(app, "dismiss", message);
  return h(
    "div",
    { class: "note", dataset: { part: "note" } },
    icon("eye", 14),
    "Only you can see this · ",
    h("button", { type: "button", class: "as-link", onclick: dismiss }, "Dismiss message"),
  );
}

function toolbar(message, app) {
  const react = mayReact(app) && !message.ephemeral && !message.loading;
  const apps = !message.ephemeral && app.state.scene?.menus?.length > 0;
  const reply = app.state.scene?.may?.send !== false && !message.ephemeral && !message.loading;
  const buttons = h(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Actions" },
    react &&
      quick(message).map(([emoji, name]) =>
        tool(name, drawn(emoji, { silent: true }), () => toggle(emoji, message, app)),
      ),
    react && tool("Add a reaction", icon("smile"), (anchor) => pickReaction(message, anchor, app)),
    reply && tool("Reply", icon("reply"), () => app.reply(message)),
    apps && tool("Apps", icon("apps"), (anchor) => openAppsMenu(message, anchor, app)),
    message.can_delete &&
      tool("Delete the message", icon("bin"), () => send(app, "delete", message)),
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
