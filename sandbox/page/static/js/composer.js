/** The composer at the bottom: messages, files and commands. */

import { attachments } from "./attachments.js";
import { commandPlace } from "./command-place.js";
import { commandList, entries, matching, spelled } from "./commands.js";
import { fill, h } from "./dom.js";
import { closeOnEscape } from "./escape.js";
import { grow } from "./fields.js";
import { icon } from "./icons.js";
import { known } from "./people.js";
import { plusButton } from "./plus-menu.js";
import { catchFiles, samples, uploadFile, uploadSample } from "./uploads.js";
import { parts, t } from "./words.js";

const TELL_TYPING_EVERY_MS = 8000;
const NARROW_PX = 480;
/** A slash and words, which begin a command. */
const COMMAND = /^\/(?! )[\w /-]*$/;

export function mountComposer(form, app) {
  let toldTyping = 0;

  const input = h("textarea", {
    id: "message-box",
    rows: 1,
    role: "combobox",
    "aria-controls": "command-list",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    oninput: typed,
    onfocus: () => COMMAND.test(input.value) && typed(),
    onblur: () => list.hide(input),
    onkeydown: keys,
  });
  const list = commandList((entry) => choose(entry));
  const files = attachments(app, focus);
  const command = commandPlace(app, files, (open) => {
    line.hidden = open;
    if (!open) input.focus();
  });
  const replying = h("div", { class: "replying", hidden: true });
  const plus = plusButton({
    mayAttach,
    chooseFile: () => files.chooser.click(),
    useCommand: slash,
    attachSample: (one) => files.add(uploadSample(one)),
  });
  const send = h(
    "button",
    { type: "submit", class: "icon-button send" },
    icon("up", 20),
  );
  const line = h("div", { class: "composer-line" }, plus, input, send);
  fill(form, list.element, replying, files.element, command.element, line, files.chooser);
  // The link "Skip to the message box" leads here.
  form.tabIndex = -1;
  form.addEventListener("focus", focus);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say();
  });
  catchFiles(receive);
  closeOnEscape(
    () => app.state.replying !== null,
    () => app.reply(null),
  );
  closeOnEscape(command.isOpen, command.leave);
  app.subscribe((changed) => {
    if (changed.has("scene") || changed.has("replying")) show();
    if (changed.has("panel")) command.refresh();
  });
  app.startCommand = command.start;
  /** Append text to the message box. */
  app.write = (words) => {
    command.leave();
    write(`${input.value}${/\S$/.test(input.value) ? " " : ""}${words}`);
    input.focus();
  };
  // The server draws the samples when they are first requested.
  samples();

  // --- what is shown ------------------------------------------------------------------------

  function show() {
    const { scene } = app.state;
    if (!scene) return;
    const { send: maySend = true, commands: mayCommand = true } = scene.may ?? {};
    const here = scene.channels.find((one) => one.id === scene.channel);
    input.setAttribute("aria-label", t("Message"));
    plus.setAttribute("aria-label", t("Attach a file or use a command"));
    send.setAttribute("aria-label", t("Send the message"));
    input.disabled = !maySend && !mayCommand;
    plus.disabled = input.disabled;
    send.disabled = input.disabled;
    line.classList.toggle("closed", input.disabled);
    input.placeholder = placeholder(here, maySend, mayCommand);
    showReply();
    command.check();
    const offered = entries(scene);
    list.refresh(matching(offered, input.value.slice(1)), input, offered.length > 0);
  }
  function showReply() {
    const { replying: message } = app.state;
    replying.hidden = !message;
    if (!message) return;
    const { name } = known(message.author, app);
    const stop = {
      type: "button",
      class: "icon-button",
      "aria-label": t("Cancel the reply"),
      onclick: () => app.reply(null),
    };
    fill(
      replying,
      h("span", {}, parts("Replying to {name}", { name: h("strong", {}, name) })),
      h("button", stop, icon("close", 16)),
    );
  }
  function focus() {
    if (command.isOpen()) command.focus();
    else input.focus();
  }

  // --- typing -------------------------------------------------------------------------------

  function typed() {
    grow(input);
    const text = input.value;
    const offered = entries(app.state.scene);
    const whole = spelled(offered, text);
    if (whole) choose(whole.entry, whole.kept, { writing: true, given: whole.given });
    else if (COMMAND.test(text)) {
      list.show(matching(offered, text.slice(1)), input, offered.length > 0);
    }
    else {
      list.hide(input);
      tellTyping();
    }
  }
  function tellTyping() {
    if (!input.value || Date.now() - toldTyping < TELL_TYPING_EVERY_MS) return;
    toldTyping = Date.now();
    app.connection.request("type", { channel: app.state.scene.channel }).catch(() => {});
  }
  function keys(event) {
    if (event.isComposing || list.key(event, input)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      say();
    } else if (event.key === "ArrowUp" && !input.value) {
      if (command.restore()) event.preventDefault();
    }
  }

  // --- messages and files -------------------------------------------------------------------

  async function say() {
    const text = input.value;
    if (!app.state.scene || (!text.trim() && files.isEmpty())) return;
    if (COMMAND.test(text)) {
      const [entry] = matching(entries(app.state.scene), text.slice(1));
      if (entry && text !== "/") choose(entry);
      else input.focus();
      return;
    }
    // The box is emptied at once, so that the text is sent only once; a refused text goes back.
    const taken = files.take();
    const reply = app.state.replying;
    write("");
    try {
      await app.connection.request("say", {
        channel: app.state.scene.channel,
        content: text.trim(),
        uploads: taken.map((one) => one.id),
        reply_to: reply?.id,
      });
      if (app.state.replying === reply && reply) app.reply(null);
    } catch (error) {
      app.toast(error.message);
      files.restore(taken);
      write(input.value ? `${text}\n${input.value}` : text);
    }
    toldTyping = 0;
  }
  function write(text) {
    input.value = text;
    grow(input);
  }
  function receive(file) {
    if (command.takeFile(file)) return;
    if (mayAttach()) files.add(uploadFile(file));
    else app.toast(t("You can't attach files in this channel."));
  }
  function mayAttach() {
    return app.state.scene?.may?.attach !== false;
  }

  // --- commands -----------------------------------------------------------------------------

  function choose(entry, kept = {}, how = {}) {
    write("");
    list.hide(input);
    command.open(entry, kept, how);
  }
  function slash() {
    command.leave();
    write("/");
    input.focus();
    typed();
  }
  show();
}

function placeholder(channel, maySend, mayCommand) {
  if (!maySend) {
    return mayCommand
      ? t("Commands only: type / to choose one")
      : t("You can't write in this channel");
  }
  const name = channel?.kind === "dm" ? `@${channel.name}` : `#${channel?.name ?? ""}`;
  const short = window.innerWidth < NARROW_PX;
  return short
    ? t("Message {place}", { place: name })
    : t("Message {place}, or / for a command", { place: name });
}
