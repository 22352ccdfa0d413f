/** The files that go with the next message. */

import { fill, h } from "./dom.js";
import { fileCard, uploadFile } from "./uploads.js";

/** `settled()` is called after each that was added or removed by hand. */
export function attachments(app, settled) {
  let files = [];
  const element = h("div", { class: "attached", hidden: true });
  const chooser = h("input", {
    type: "file",
    multiple: true,
    class: "visually-hidden",
    tabindex: -1,
    "aria-hidden": "true",
    onchange: () => {
      [...chooser.files].forEach((file) => add(uploadFile(file)));
      chooser.value = "";
    },
  });

  function draw() {
    element.hidden = files.length === 0;
    fill(
      element,
      files.map((file) => fileCard(file, () => remove(file))),
    );
  }
  function remove(file) {
    files = files.filter((one) => one !== file);
    draw();
    settled();
  }
  async function add(upload) {
    try {
      files.push(await upload);
    } catch (error) {
      app.toast(error.message);
      return;
    }
    draw();
    settled();
  }
  return {
    element,
    chooser,
    /** Add a file that is on its way, a promise; what goes wrong with it is told. */
    add,
    isEmpty: () => files.length === 0,
    /** All of them, or the first `most`; they are no longer here then. */
    take(most = Infinity) {
      const taken = files.splice(0, most);
      draw();
      return taken;
    },
    /** Back again, before those that came meanwhile. */
    restore(taken) {
      files.unshift(...taken);
      draw();
    },
  };
}
