/** The box at the bottom: messages, files, and commands. */

import { commandForm } from "./command-form.js";
import { commandList, entries, matching } from "./commands.js";
import { fill, h } from "./dom.js";
import { grow } from "./fields.js";
import { icon } from "./icons.js";
import { openPopover } from "./popover.js";
import { catchFiles, fileCard, sampleButtons, samples, uploadFile, uploadSample } from "./uploads.js";

const TELL_TYPING_EVERY_MS = 8000;
const SUGGESTION = "The boat drifts slowly towards the sun, gentle waves";

export function mountComposer(form, app) {
  const files = [];
  let command = null;
  let last = null;
  let toldTyping = 0;

  const input = h("textarea", {
    id: "message-box",
    rows: 1,
    role: "combobox",
    "aria-label": "Message",
    "aria-controls": "command-list",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    oninput: typed,
    onkeydown: keys,
  });
  const list = commandList(choose);
  const replying = h("div", { class: "replying", hidden: true });
  const attached = h("div", { class: "attached", hidden: true });
  const chooser = h("input", {
    type: "file",
    multiple: true,
    class: "visually-hidden",
    tabindex: -1,
    "aria-hidden": "true",
    onchange: () => {
      [...chooser.files].forEach(attach);
      chooser.value = "";
    },
  });
  const plus = h(
    "button",
    { type: "button", class: "icon-button plus", "aria-label": "Attach a file or use a command", "aria-haspopup": "menu", onclick: openPlus },
    icon("plus", 22),
  );
  const send = h(
    "button",
    { type: "submit", class: "icon-button send", "aria-label": "Send the message" },
    icon("up", 20),
  );
  const line = h("div", { class: "composer-line" }, plus, input, send);
  const place = h("div", { class: "command-place", hidden: true });
  fill(form, list.element, replying, attached, place, line, chooser);
  // The link that skips the channels leads here.
  form.tabIndex = -1;
  form.addEventListener("focus", () => focus());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say();
  });
  catchFiles(receive);
  app.subscribe((changed) => {
    if (changed.has("scene") || changed.has("replying")) show();
  });
  app.startCommand = start;
  // They are drawn when they are first asked for.
  samples();

  // --- what is shown ------------------------------------------------------------------------

  function show() {
    const { scene, replying: message } = app.state;
    if (!scene) return;
    const here = scene.channels.find((one) => one.id === scene.channel);
    const may = scene.may?.send !== false;
    input.disabled = !may && scene.may?.commands === false;
    input.placeholder = may
      ? `Message ${here?.kind === "dm" ? here.name : `#${here?.name ?? ""}`}, or / for a command`
      : "You may not write in this channel";
    replying.hidden = !message;
    if (message) {
      const name = message.author.global_name ?? message.author.username;
      fill(
        replying,
        h("span", {}, "Replying to ", h("strong", {}, name)),
        h(
          "button",
          { type: "button", class: "icon-button", "aria-label": "Do not reply", onclick: () => app.reply(null) },
          icon("close", 16),
        ),
      );
    }
    // A command that is not offered here any more is left, but not forgotten.
    if (command && !entries(scene).some((one) => one.name === command.command.name)) leave();
  }
  function showFiles() {
    attached.hidden = files.length === 0;
    fill(
      attached,
      files.map((file) =>
        fileCard(file, () => {
          files.splice(files.indexOf(file), 1);
          showFiles();
          focus();
        }),
      ),
    );
  }
  function focus() {
    if (command) command.focusFirst();
    else input.focus();
  }

  // --- typing -------------------------------------------------------------------------------

  function typed() {
    grow(input);
    const text = input.value;
    if (/^\/[\w -]*$/.test(text)) {
      list.show(matching(entries(app.state.scene), text.slice(1)), input);
    } else {
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
    } else if (event.key === "ArrowUp" && !input.value && last) {
      event.preventDefault();
      open(last.command, last.kept);
    } else if (event.key === "Escape" && app.state.replying) {
      app.reply(null);
    }
  }

  // --- messages -----------------------------------------------------------------------------

  async function say() {
    const content = input.value.trim();
    if (!content && files.length === 0) return;
    const known = content.startsWith("/") && matching(entries(app.state.scene), content.slice(1));
    if (known && known[0]?.name === content.slice(1).trim()) {
      choose(known[0]);
      return;
    }
    try {
      await app.connection.request("say", {
        channel: app.state.scene.channel,
        content,
        uploads: files.map((one) => one.id),
        reply_to: app.state.replying?.id,
      });
    } catch (error) {
      app.toast(error.message);
      return;
    }
    input.value = "";
    files.length = 0;
    grow(input);
    showFiles();
    if (app.state.replying) app.reply(null);
    toldTyping = 0;
  }
  function receive(file) {
    if (!command?.takeFile(file)) attach(file);
  }
  function attach(file) {
    return add(uploadFile(file));
  }
  async function add(upload) {
    try {
      files.push(await upload);
      showFiles();
      focus();
    } catch (error) {
      app.toast(error.message);
    }
  }
  function openPlus() {
    const item = (words, name, act) =>
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          onclick: () => {
            close();
            act();
          },
        },
        icon(name, 18),
        words,
      );
    const box = h(
      "div",
      { class: "menu plus-menu", role: "menu", "aria-label": "Attach" },
      item("Attach a file", "file", () => chooser.click()),
      item("Use a command", "apps", slash),
      h("p", { class: "small" }, "or attach a sample picture:"),
      sampleButtons((one) => {
        close();
        add(uploadSample(one));
      }),
    );
    const close = openPopover(plus, box, { side: "above" });
    box.querySelector("button").focus();
  }
  function slash() {
    leave();
    input.value = "/";
    input.focus();
    typed();
  }

  // --- commands -----------------------------------------------------------------------------

  function choose(entry) {
    input.value = "";
    grow(input);
    list.hide(input);
    open(entry);
  }
  function open(entry, kept = {}, { focus: take = true } = {}) {
    command = commandForm(entry, app, {
      kept,
      leave,
      send: (options) => use(entry, options),
    });
    fill(place, command.element);
    place.hidden = false;
    line.hidden = true;
    // Files that were attached before are for the command.
    const file = files.shift();
    if (file) {
      const field = [...entry.options].find((one) => one.type === 11);
      if (field) command.field(field.name)?.write(file);
      showFiles();
    }
    if (take) command.focusFirst();
  }
  async function use(entry, options) {
    last = { command: entry, kept: command.keep() };
    await app.connection.request("command", {
      channel: app.state.scene.channel,
      name: entry.name,
      options,
    });
    leave();
  }
  function leave() {
    if (!command) return;
    last ??= { command: command.command, kept: command.keep() };
    command = null;
    place.hidden = true;
    fill(place);
    line.hidden = false;
    input.focus();
  }
  /** Open a command for somebody new: with the fine sample picture, and what one might write. */
  function start(name) {
    const entry = entries(app.state.scene).find((one) => one.name === name);
    if (!entry) {
      app.toast(`/${name} is not offered here.`);
      return;
    }
    open(entry, {}, { focus: false });
    const picture = entry.options.find((one) => one.type === 11 && one.required);
    const prompt = command.field("prompt");
    if (prompt) {
      prompt.input.placeholder = `For example: ${SUGGESTION}`;
      prompt.focus();
    }
    if (picture) command.field(picture.name).sample(samples().then(([fine]) => fine));
  }
  show();
}
