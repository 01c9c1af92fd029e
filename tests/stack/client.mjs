// The web client in a process of its own, for test_client.py: a JSON line per event on stdout, commands as JSON
// lines on stdin. Arguments: the package's folder, and the options as JSON.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, json] = process.argv.slice(2);
const { RealtimeClient, ticketFrom } = await import(pathToFileURL(`${folder}/dist/index.js`).href);
const { api, accessToken, ...options } = JSON.parse(json);
const client = new RealtimeClient({ ...options, ticket: ticketFrom(api, () => accessToken) });

const tell = (kind, event) => console.log(JSON.stringify({ kind, event }));
for (const kind of [
  "transcode_progress", "transcode_complete", "transcode_failed", "system_message",
  "unread", "state", "recovery", "problem",
]) {
  client.on(kind, (event) => tell(kind, event));
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.subscribe) client.subscribe(command.subscribe);
  if (command.read) await client.markRead(command.read);
  if (command.close) client.close();
}
