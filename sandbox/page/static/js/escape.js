/** Esc closes what is open, wherever the focus is: the topmost first. */

const layers = [];

/**
 * `close()` is called on Esc while `isOpen()`. What was added later lies further up; a key that
 * somebody else has taken, such as a list in a field, closes nothing here.
 */
export function closeOnEscape(isOpen, close) {
  layers.unshift({ isOpen, close });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  const top = layers.find(({ isOpen }) => isOpen());
  if (!top) return;
  event.preventDefault();
  top.close();
});
