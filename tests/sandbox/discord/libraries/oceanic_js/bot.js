// The behavior of tests/sandbox/discord/libraries, on oceanic.js. It talks to the Discord whose
// address is in the environment, and reports on standard output, one JSON object a line.
// SIGTERM ends it.

import { Client } from "oceanic.js";

const report = (event, more = {}) => console.log(JSON.stringify({ event, ...more }));

const client = new Client({
  auth: `Bot ${process.env.TOKEN}`,
  rest: { baseURL: process.env.API },
  gateway: { intents: ["GUILDS", "GUILD_MESSAGE_REACTIONS"], maxShards: Number(process.env.SHARDS) },
});

const HIDDEN = 64;
const how = { type: 3, name: "how", description: "How", required: true };
const commands = [
  { type: 1, name: "talk", description: "Answer", options: [how] },
  { type: 1, name: "panel", description: "Show components" },
  { type: 1, name: "flood", description: "Send seven messages" },
  { type: 1, name: "nonce", description: "Send one message twice" },
];
const button = { type: 2, style: 1, label: "Press", customID: "press" };
const options = ["a", "b"].map((value) => ({ label: value, value }));
const menu = { type: 3, customID: "pick", options };
const row = (part) => ({ type: 1, components: [part] });

const answers = {
  reply: (asked) => asked.createMessage({ content: "said" }),
  late: async (asked) => {
    await asked.defer();
    const files = [{ name: "late.txt", contents: Buffer.from("inside") }];
    await asked.editOriginal({ content: "said late", files });
  },
  hidden: (asked) => asked.createMessage({ content: "said quietly", flags: HIDDEN }),
  twice: async (asked) => {
    await asked.createMessage({ content: "said first" });
    await asked.createFollowup({ content: "said then" });
  },
  form: (asked) => {
    const input = { type: 4, customID: "words", label: "Words", style: 1 };
    return asked.createModal({ title: "Form", customID: "form", components: [row(input)] });
  },
};

const run = {
  talk: (asked) => answers[asked.data.options.getString("how", true)](asked),
  panel: (asked) => asked.createMessage({ content: "panel", components: [row(button), row(menu)] }),
  flood: async (asked) => {
    await asked.createMessage({ content: "flooding" });
    for (let number = 0; number < 7; number += 1) {
      await client.rest.channels.createMessage(asked.channelID, { content: `flood ${number}` });
    }
    report("flooded");
  },
  nonce: async (asked) => {
    await asked.createMessage({ content: "sending" });
    const json = { content: "once", nonce: "7", enforce_nonce: true };
    const path = `/channels/${asked.channelID}/messages`;
    const send = () => client.rest.authRequest({ method: "POST", path, json });
    const [first, second] = [await send(), await send()];
    report("sent", { same: first.id === second.id });
  },
};

client.on("interactionCreate", async (asked) => {
  if (asked.type === 2) await run[asked.data.name](asked);
  else if (asked.type === 5) {
    const words = asked.data.components.getTextInput("words", true);
    await asked.createMessage({ content: `form: ${words}` });
  } else if (asked.data.customID === "press") await asked.editParent({ content: "pressed" });
  else {
    const [picked] = asked.data.values.getStrings();
    await asked.createMessage({ content: `picked ${picked}`, flags: HIDDEN });
  }
});

client.on("messageReactionAdd", async (message, reactor, reaction) => {
  if (reactor.id === client.user.id) return;
  await client.rest.channels.createReaction(message.channelID, message.id, reaction.emoji.name);
});

client.once("ready", async () => {
  await client.application.bulkEditGlobalCommands(commands);
  report("ready", { servers: client.guilds.map((one) => one.name) });
});
client.on("error", (error) => report("error", { message: String(error.stack ?? error) }));
process.on("unhandledRejection", (error) => {
  report("error", { message: String(error.stack) });
  process.exitCode = 1;
});
process.once("SIGTERM", () => client.disconnect(false));

await client.connect();
