/** The Apps menu of a message: the commands that work on messages. */

import { h } from "./dom.js";
import { openPopover, walkWithArrows } from "./popover.js";

export function openAppsMenu(message, anchor, app) {
  const commands = app.state.scene?.menus ?? [];
  const items = commands.map((command) =>
    h("button", { type: "button", role: "menuitem", onclick: () => use(command) }, command.name),
  );
  const none = h("p", { class: "small" }, "No apps work with messages here.");
  const box = h(
    "div",
    { class: "menu apps-menu", role: "menu", "aria-label": "Apps" },
    items.length > 0 ? items : none,
  );
  const close = openPopover(anchor, box, { align: "end" });
  walkWithArrows(box, "button");
  items[0]?.focus();

  function use(command) {
    close();
    app.connection
      .request("menu", { message: message.id, name: command.name })
      .catch((error) => app.toast(error.message));
  }
}
