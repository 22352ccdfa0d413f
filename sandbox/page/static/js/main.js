/** Entry point of the page. */

import { mountComposer } from "./composer.js";
import { connect } from "./connection.js";
import { fill, h } from "./dom.js";
import { mountMessages } from "./messages.js";
import { mountContextMenus } from "./context-menu.js";
import { mountModals } from "./modal.js";
import { mountPanel } from "./panel.js";
import { mountShell } from "./shell.js";
import { change, follow, state, subscribe } from "./store.js";
import { keepCurrent } from "./time.js";
import { toaster } from "./toasts.js";
import { t } from "./words.js";

const DEFAULT_PERSON = "Ada";
const asked = new URLSearchParams(location.search);
let person = asked.get("as") ?? DEFAULT_PERSON;
let channel = null;
let channelName = asked.get("channel");

const connection = connect();
const toast = toaster(document.querySelector("#toasts"));
const app = {
  connection,
  state,
  subscribe,
  toast,
  /** Show a channel, and optionally one of its messages. */
  goTo(id, messageId) {
    if (messageId) messages.show(messageId);
    if (id !== state.scene?.channel) return look(person, id);
    return undefined;
  },
  /** Switch to another person's view. */
  become(name) {
    return look(name, state.scene?.channel ?? null).catch(() => look(name, null));
  },
  /** Make the next message a reply to this one; `null` cancels the reply. */
  reply(message) {
    change({ replying: message });
    document
      .querySelector("#composer textarea, #composer [contenteditable], #composer input")
      ?.focus();
  },
};

function look(name, id) {
  return connection.request("look", { person: name, channel: id }).then(() => {
    person = name;
    channel = id;
  });
}

/** Return to the last view; after a restart of the demo, its channel is found by name. */
async function arrive() {
  try {
    await look(person, channel);
  } catch (error) {
    channelName ??= here(state.scene)?.name ?? null;
    await look(person, null)
      .catch(() => {
        toast(error.message);
        return look(DEFAULT_PERSON, null);
      })
      .catch(() => {});
  }
}

function here(scene) {
  return scene?.channels.find((one) => one.id === scene.channel);
}

/** Go to the channel in the page's URL, and keep the URL up to date. */
function settle(scene) {
  const { channels, me } = scene;
  const wanted = channelName && channels.find((one) => one.name === channelName);
  channelName = null;
  if (wanted && wanted.id !== scene.channel) return look(me.name, wanted.id);
  channel = scene.channel;
  const query = new URLSearchParams({ as: me.name, channel: here(scene)?.name ?? "" });
  history.replaceState(null, "", `?${query}`);
  return undefined;
}

follow(connection);
const messages = mountMessages(
  document.querySelector("#messages"),
  document.querySelector("#jump"),
  app,
);
mountModals(app);
mountComposer(document.querySelector("#composer"), app);
mountPanel(document.querySelector("#panel"), app);
mountShell(app);
mountContextMenus(app);
keepCurrent();
fill(document.querySelector("#channel-name"), h("span", {}, t("Connecting…")));
connection.on("up", arrive);
connection.on("scene", settle);
