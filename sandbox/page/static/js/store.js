/** The page's state. It is changed only here, so that all subscribers learn of changes. */

import { speak } from "./words.js";

export const state = {
  /** The last `scene` push: the person, the channel, what is offered here; `null` before it. */
  scene: null,
  /** Messages of the current channel by id, oldest first. */
  messages: new Map(),
  /** The last `panel` push, or `null`. */
  panel: null,
  /** Numbers of unread messages by channel id. */
  unread: {},
  /** Unread direct messages by the id of their recipient. */
  waiting: {},
  /** Display names of people who are typing here. */
  typing: [],
  /** The message that the next one will reply to, or `null`. */
  replying: null,
  /** Whether the server is connected. */
  connected: false,
};

const hearers = new Set();

/** Call `fn(changed)` after each change; `changed` is the set of changed names in `state`. */
export function subscribe(fn) {
  hearers.add(fn);
  return () => hearers.delete(fn);
}

/** Change parts of the state, and notify subscribers. */
export function change(parts) {
  Object.assign(state, parts);
  const changed = new Set(Object.keys(parts));
  for (const fn of [...hearers]) fn(changed);
}

/** Update the state with the server's pushes. */
export function follow(connection) {
  connection.on("up", () => change({ connected: true }));
  connection.on("down", () => change({ connected: false, typing: [] }));
  connection.on("scene", (scene) => {
    speak(scene.me.locale);
    change(entered(scene));
  });
  connection.on("messages", (push) => {
    if (push.channel === state.scene?.channel) change({ messages: merged(push) });
  });
  connection.on("typing", ({ channel, names }) => {
    if (channel === state.scene?.channel) change({ typing: names });
  });
  connection.on("unread", ({ channel, count }) => {
    change({ unread: { ...state.unread, [channel]: count } });
  });
  connection.on("waiting", ({ people }) => change({ waiting: people }));
  connection.on("panel", (panel) => change({ panel }));
}

function entered(scene) {
  const moved = scene.channel !== state.scene?.channel || scene.me.id !== state.scene?.me.id;
  const messages = new Map((scene.messages ?? []).map((one) => [one.id, one]));
  const stays = !moved && messages.has(state.replying?.id);
  return {
    scene,
    messages,
    unread: { ...(scene.me.id === state.scene?.me.id ? state.unread : {}), [scene.channel]: 0 },
    replying: stays ? state.replying : null,
    typing: moved ? [] : state.typing,
  };
}

function merged({ changed, removed }) {
  const messages = new Map(state.messages);
  for (const id of removed ?? []) messages.delete(id);
  for (const one of changed ?? []) messages.set(one.id, one);
  return new Map([...messages].sort(([a], [b]) => older(a, b)));
}

/** Compare snowflakes, which exceed JavaScript's integers: by length, then by digits. */
function older(a, b) {
  return a.length - b.length || (a < b ? -1 : 1);
}
