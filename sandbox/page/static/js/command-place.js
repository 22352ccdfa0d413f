/** The place of the command form that is open; it remembers the last command. */

import { commandForm } from "./command-form.js";
import { entries } from "./commands.js";
import { fill, h } from "./dom.js";
import { ATTACHMENT } from "./fields.js";
import { samples } from "./uploads.js";
import { marked, spoken, t } from "./words.js";

const SUGGESTION = marked("The boat drifts slowly towards the sun, gentle waves");

/** `shown(open)` is called when a command replaces the message box, and when it closes. */
export function commandPlace(app, files, shown) {
  const element = h("div", { class: "command-place", hidden: true });
  let form = null;
  let last = null;
  let language = spoken();

  /** Open a command with earlier values; `writing`: put the focus into its text. */
  function open(entry, kept = {}, { focus = true, writing = false, given = [] } = {}) {
    const mine = commandForm(entry, app, {
      kept,
      leave,
      send: (options) => use(mine, options),
    });
    if (form) last = remembered();
    form = mine;
    fill(element, form.element);
    element.hidden = false;
    shown(true);
    adopt(entry);
    form.give(given);
    if (writing && entry.options.length > 0 && given.length === 0) form.focusText();
    else if (focus) form.focusFirst();
  }
  /** Use an attached file for the command, if it takes one. */
  function adopt(entry) {
    const option = entry.options.find((one) => one.type === ATTACHMENT && one.required);
    const [file] = option ? files.take(1) : [];
    if (file) form.field(option.name).write(file);
  }
  async function use(mine, options) {
    await app.connection.request("command", {
      channel: app.state.scene.channel,
      name: mine.command.name,
      options,
    });
    if (form === mine) leave();
  }
  /** Close the form; it can be restored. */
  function leave() {
    if (!form) return;
    last = remembered();
    form = null;
    element.hidden = true;
    fill(element);
    shown(false);
  }
  function remembered() {
    return { entry: form.command, kept: form.keep() };
  }
  /**
   * Open a command for a new user, with a sample picture and a suggestion for the prompt.
   * `values` are texts of its options.
   */
  function start(name, values = {}) {
    if (form?.command.name === name) {
      form.focusFirst();
      return;
    }
    const entry = offered(name);
    if (!entry) {
      app.toast(t("/{command} is not offered here.", { command: name }));
      return;
    }
    open(entry, values, { focus: false });
    const picture = entry.options.find((one) => one.type === ATTACHMENT && one.required);
    const prompt = form.field("prompt");
    if (prompt) prompt.input.placeholder = t("For example: {prompt}", { prompt: t(SUGGESTION) });
    if (picture && form.field(picture.name).isEmpty()) {
      form.field(picture.name).sample(samples().then(([fine]) => fine));
    }
    if (prompt) prompt.focus();
    else form.focusFirst();
  }
  function offered(name) {
    return entries(app.state.scene).find((one) => one.name === name);
  }
  return {
    element,
    open,
    leave,
    start,
    isOpen: () => form !== null,
    refresh: () => form?.refresh(),
    focus: () => form?.focusFirst(),
    takeFile: (file) => form?.takeFile(file) ?? false,
    /** Restore the last command; return whether there was one that is offered here. */
    restore() {
      if (!last || !offered(last.entry.name)) return false;
      open(last.entry, last.kept);
      return true;
    },
    /** Close a command that is no longer offered here; it can be restored. */
    check() {
      const entry = form && offered(form.command.name);
      if (form && !entry) leave();
      else if (form && language !== spoken()) open(entry, form.keep(), { focus: false });
      language = spoken();
    },
  };
}
