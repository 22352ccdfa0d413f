/** A finger that stays where it is. */

const AFTER_MS = 500;
const STILL_PX = 10;
const SETTLES_MS = 400;

/**
 * `act(target, {x, y})` is called once a finger has rested for a while, and says whether it did
 * anything; if so, lifting the finger presses nothing, and the browser's own menu stays away.
 */
export function onLongPress(act) {
  let pressed = null;
  let done = false;

  function end() {
    clearTimeout(pressed?.timer);
    pressed = null;
    // The click and the browser's own menu come right after.
    if (done) setTimeout(() => (done = false), SETTLES_MS);
  }
  function rest(event) {
    done = false;
    end();
    if (event.pointerType === "mouse" || !event.isPrimary) return;
    const { target, clientX: x, clientY: y } = event;
    const timer = setTimeout(() => {
      if (target.isConnected) done = act(target, { x, y });
    }, AFTER_MS);
    pressed = { x, y, timer };
  }
  function move({ clientX, clientY }) {
    if (pressed && Math.hypot(clientX - pressed.x, clientY - pressed.y) > STILL_PX) end();
  }
  function swallow(event) {
    if (!done) {
      // The browser noticed first.
      if (event.type === "contextmenu") end();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
  document.addEventListener("pointerdown", rest, true);
  document.addEventListener("pointermove", move, true);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, end, true);
  for (const name of ["click", "contextmenu"]) document.addEventListener(name, swallow, true);
}
