/** The websocket to the page's server: requests with answers, pushes, and reconnecting. */

import { marked, t, told } from "./words.js";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;
const ANSWER_WITHIN_MS = 60_000;
const LOST = marked("Lost the connection to the demo. Reconnecting…");

/**
 * Connect, and reconnect after each loss.
 *
 * Returns `request(op, fields)`, which promises the answer or rejects with a message for the user,
 * and `on(op, handler)` for pushes, including `up` and `down` for the connection itself.
 */
export function connect(address = socketAddress()) {
  const waiting = new Map();
  const hearers = new Map();
  let socket = null;
  let last = 0;
  let wait = FIRST_WAIT_MS;

  function tell(op, body) {
    for (const hear of hearers.get(op) ?? []) hear(body);
  }

  function hear(event) {
    const body = JSON.parse(event.data);
    if (body.op !== "answer") return tell(body.op, body);
    const one = waiting.get(body.ref);
    waiting.delete(body.ref);
    if (!one) return undefined;
    clearTimeout(one.timer);
    return body.ok ? one.resolve(body) : one.reject(new Error(told(body)));
  }

  function lose() {
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(new Error(t(LOST)));
    }
    waiting.clear();
    tell("down", {});
    setTimeout(open, wait);
    wait = Math.min(wait * 1.7, LONGEST_WAIT_MS);
  }

  function open() {
    socket = new WebSocket(address);
    socket.onmessage = hear;
    socket.onclose = lose;
    socket.onopen = () => {
      wait = FIRST_WAIT_MS;
      tell("up", {});
    };
  }

  function request(op, fields = {}) {
    if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error(t(LOST)));
    const ref = (last += 1);
    socket.send(JSON.stringify({ ...fields, op, ref }));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(ref);
        reject(new Error(t("The demo didn't answer. Is it still running?")));
      }, ANSWER_WITHIN_MS);
      waiting.set(ref, { resolve, reject, timer });
    });
  }

  function on(op, handler) {
    hearers.set(op, [...(hearers.get(op) ?? []), handler]);
  }

  // Deferred, so that the caller can add its handlers first.
  setTimeout(open);
  return { request, on };
}

function socketAddress() {
  const address = new URL("/ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
