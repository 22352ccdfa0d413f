// A small discord.js bot for the Discord whose address is in the environment. It registers
// /postcard, answers it late with a file, and says which reactions it has seen. It reports what
// happens on standard output, one JSON object a line. SIGTERM ends it.

import {
  ApplicationCommandOptionType,
  AttachmentBuilder,
  Client,
  Events,
  GatewayIntentBits,
  Partials,
} from "discord.js";

const tell = (event, more = {}) => console.log(JSON.stringify({ event, ...more }));

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessageReactions],
  partials: [Partials.Message, Partials.Reaction, Partials.User],
  // discord.js appends the version, and asks the API for the gateway's address.
  rest: { api: process.env.API_WITHOUT_VERSION, version: "10", retries: 0 },
});

client.once(Events.ClientReady, async (ready) => {
  await ready.application.commands.set([
    {
      name: "postcard",
      description: "Write a postcard",
      options: [
        {
          name: "text",
          description: "What is on it",
          type: ApplicationCommandOptionType.String,
          required: true,
        },
        {
          name: "picture",
          description: "What is on its front",
          type: ApplicationCommandOptionType.Attachment,
        },
      ],
    },
  ]);
  tell("ready", { user: ready.user.username, servers: ready.guilds.cache.map((one) => one.name) });
});

client.on(Events.InteractionCreate, async (interaction) => {
  if (!interaction.isChatInputCommand()) return;
  await interaction.deferReply();
  const text = interaction.options.getString("text", true);
  const picture = interaction.options.getAttachment("picture");
  const size = picture === null ? 0 : (await (await fetch(picture.url)).arrayBuffer()).byteLength;
  const card = new AttachmentBuilder(Buffer.from(text), { name: "postcard.txt" });
  const message = await interaction.editReply({
    content: `A postcard from ${interaction.user.globalName}, with ${size} bytes on its front`,
    files: [card],
  });
  await message.react("📮");
  tell("answered", { message: message.id, channel: interaction.channel?.name });
});

client.on(Events.MessageReactionAdd, async (reaction, user) => {
  if (user.id === client.user.id) return;
  tell("reaction", { emoji: reaction.emoji.name, message: reaction.message.id, user: user.id });
});

client.on(Events.Error, (error) => tell("error", { message: String(error) }));
process.on("unhandledRejection", (error) => {
  tell("error", { message: String(error) });
  process.exitCode = 1;
});
process.once("SIGTERM", () => client.destroy());

await client.login(process.env.TOKEN);
