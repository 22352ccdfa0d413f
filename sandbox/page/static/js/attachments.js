/** The files that are attached to the next message. */

import { fill, h } from "./dom.js";
import { fileCard, uploadFile } from "./uploads.js";

/** `settled()` is called after each file that the user added or removed. */
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
    /** Add a file, given as the promise of its upload; errors are shown. */
    add,
    isEmpty: () => files.length === 0,
    /** Remove and return all files, or the first `most`. */
    take(most = Infinity) {
      const taken = files.splice(0, most);
      draw();
      return taken;
    },
    /** Put files back, before those that were added meanwhile. */
    restore(taken) {
      files.unshift(...taken);
      draw();
    },
  };
}
