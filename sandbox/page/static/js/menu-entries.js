/** What can be done with a message, a person, a channel or the server, as entries of menus. */

import { textOf } from "./excerpt.js";
import { known } from "./people.js";
import { mayReact, pickReaction } from "./reactions.js";
import { t } from "./words.js";

export function messageEntries(message, element, app, address) {
  const { scene } = app.state;
  const isPublic = !message.ephemeral && !message.loading;
  const parent = message.referenced_message;
  const words = textOf(message);
  return [
    isPublic && mayReact(app) && {
      label: t("Add a reaction"),
      icon: "smile",
      act: () => pickReaction(message, element, app),
    },
    isPublic && scene.may?.send !== false && {
      label: t("Reply"),
      icon: "reply",
      act: () => app.reply(message),
    },
    parent && {
      label: t("Jump to the original"),
      icon: "up",
      act: () => app.goTo(parent.channel_id, parent.id),
    },
    isPublic && scene.menus?.length > 0 && {
      label: t("Apps"),
      icon: "apps",
      more: appEntries(message, app),
    },
    { label: known(message.author, app).name, icon: "at", more: userEntries(message.author, app) },
    null,
    words && copied(t("Copy the text"), () => words, app, "copy"),
    isPublic && copied(t("Copy the message's link"), () => linkTo(app, message.id), app, "link"),
    copied(t("Copy the message's ID"), () => message.id, app, "id"),
    address && null,
    address && { label: t("Open in a new tab"), icon: "link", act: () => openTab(address) },
    address && copied(t("Copy the link"), () => address, app, "link"),
    null,
    message.ephemeral && {
      label: t("Dismiss message"),
      icon: "close",
      act: () => send(app, "dismiss", message),
    },
    message.can_delete && {
      label: t("Delete the message"),
      icon: "bin",
      danger: true,
      act: () => send(app, "delete", message),
    },
  ];
}

/** The commands that work on a message. */
export function appEntries(message, app) {
  return (app.state.scene?.menus ?? []).map(({ name }) => ({
    label: name,
    act: () => ask(app, "menu", { message: message.id, name }),
  }));
}

export function userEntries(user, app) {
  const { scene } = app.state;
  const person = known(user, app);
  const viewable = scene.people.find(({ id }) => id === user.id && id !== scene.me.id);
  const direct = scene.channels.find(({ kind }) => kind === "dm");
  return [
    viewable && {
      label: t("View the channel as {name}", { name: person.name }),
      icon: "eye",
      act: () => app.become(viewable.name),
    },
    person.bot && direct && direct.id !== scene.channel && {
      label: t("Message"),
      icon: "at",
      act: () => app.goTo(direct.id),
    },
    scene.may?.send !== false && {
      label: t("Mention"),
      icon: "at",
      act: () => app.write?.(`<@${user.id}> `),
    },
    scene.user_menus?.length > 0 && {
      label: t("Apps"),
      icon: "apps",
      more: scene.user_menus.map(({ name }) => ({
        label: name,
        act: () => ask(app, "menu", { user: user.id, channel: scene.channel, name }),
      })),
    },
    null,
    copied(t("Copy the user's ID"), () => user.id, app, "id"),
  ];
}

export function channelEntries(channel, app) {
  return [
    copied(t("Copy the channel's link"), () => linkTo(app, null, channel), app, "link"),
    copied(t("Copy the channel's ID"), () => channel.id, app, "id"),
  ];
}

export function serverEntries(app) {
  return [copied(t("Copy the server's ID"), () => app.state.scene.guild.id, app, "id")];
}

/** As Discord's own links; this page follows those to messages. */
function linkTo(app, messageId, channel) {
  const { scene } = app.state;
  const there = channel ?? scene.channels.find(({ id }) => id === scene.channel);
  const place = there.kind === "dm" ? "@me" : scene.guild.id;
  return ["https://discord.com/channels", place, there.id, messageId].filter(Boolean).join("/");
}

function copied(label, words, app, icon) {
  const act = async () => {
    try {
      await navigator.clipboard.writeText(words());
      app.toast(t("Copied."));
    } catch {
      app.toast(t("The browser doesn't let this page copy."));
    }
  };
  return { label, icon, act };
}

function openTab(address) {
  window.open(address, "_blank", "noopener,noreferrer");
}

function send(app, op, message) {
  return ask(app, op, { message: message.id });
}

function ask(app, op, fields) {
  return app.connection.request(op, fields).catch((error) => app.toast(error.message));
}
