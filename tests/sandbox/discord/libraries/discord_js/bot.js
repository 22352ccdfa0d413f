// The behavior of tests/sandbox/discord/libraries, on discord.js. It talks to the Discord whose
// address is in the environment, and reports on standard output, one JSON object a line.
// SIGTERM ends it.

import {
  ActionRowBuilder,
  ApplicationCommandOptionType,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  Events,
  GatewayIntentBits,
  MessageFlags,
  ModalBuilder,
  Partials,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from "discord.js";

const report = (event, more = {}) => console.log(JSON.stringify({ event, ...more }));
const count = Number(process.env.SHARDS);

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessageReactions],
  partials: [Partials.Message, Partials.Reaction, Partials.User],
  shards: [...Array(count).keys()],
  shardCount: count,
  // discord.js appends the version, and asks the API for the gateway's address.
  rest: { api: process.env.API.replace("/v10", ""), version: "10" },
});

const how = { name: "how", description: "How", type: ApplicationCommandOptionType.String };
const commands = [
  { name: "talk", description: "Answer", options: [{ ...how, required: true }] },
  { name: "panel", description: "Show components" },
  { name: "flood", description: "Send seven messages" },
  { name: "nonce", description: "Send one message twice" },
];

const answers = {
  reply: (asked) => asked.reply("said"),
  late: async (asked) => {
    await asked.deferReply();
    const file = new AttachmentBuilder(Buffer.from("inside"), { name: "late.txt" });
    await asked.editReply({ content: "said late", files: [file] });
  },
  hidden: (asked) => asked.reply({ content: "said quietly", flags: MessageFlags.Ephemeral }),
  twice: async (asked) => {
    await asked.reply("said first");
    await asked.followUp("said then");
  },
  form: (asked) => {
    const input = new TextInputBuilder().setCustomId("words").setLabel("Words");
    input.setStyle(TextInputStyle.Short);
    const row = new ActionRowBuilder().addComponents(input);
    const form = new ModalBuilder().setCustomId("form").setTitle("Form").addComponents(row);
    return asked.showModal(form);
  },
};

const panel = () => {
  const button = new ButtonBuilder().setCustomId("press").setLabel("Press");
  button.setStyle(ButtonStyle.Primary);
  const options = ["a", "b"].map((value) => ({ label: value, value }));
  const menu = new StringSelectMenuBuilder().setCustomId("pick").addOptions(options);
  return [button, menu].map((part) => new ActionRowBuilder().addComponents(part));
};

const run = {
  talk: (asked) => answers[asked.options.getString("how")](asked),
  panel: (asked) => asked.reply({ content: "panel", components: panel() }),
  flood: async (asked) => {
    await asked.reply("flooding");
    for (let number = 0; number < 7; number += 1) await asked.channel.send(`flood ${number}`);
    report("flooded");
  },
  nonce: async (asked) => {
    await asked.reply("sending");
    const once = { content: "once", nonce: "7", enforceNonce: true };
    const [first, second] = [await asked.channel.send(once), await asked.channel.send(once)];
    report("sent", { same: first.id === second.id });
  },
};

client.on(Events.InteractionCreate, async (asked) => {
  if (asked.isChatInputCommand()) await run[asked.commandName](asked);
  else if (asked.isButton()) await asked.update({ content: "pressed" });
  else if (asked.isStringSelectMenu()) {
    await asked.reply({ content: `picked ${asked.values[0]}`, flags: MessageFlags.Ephemeral });
  } else if (asked.isModalSubmit()) {
    await asked.reply(`form: ${asked.fields.getTextInputValue("words")}`);
  }
});

client.on(Events.MessageReactionAdd, async (reaction, user) => {
  if (user.id !== client.user.id) await reaction.message.react(reaction.emoji);
});

client.once(Events.ClientReady, async (ready) => {
  await ready.application.commands.set(commands);
  report("ready", { servers: ready.guilds.cache.map((one) => one.name) });
});
client.on(Events.Error, (error) => report("error", { message: String(error) }));
process.on("unhandledRejection", (error) => {
  report("error", { message: String(error.stack) });
  process.exitCode = 1;
});
process.once("SIGTERM", () => client.destroy());

await client.login(process.env.TOKEN);
