/** `npm run flash`: puts a built image on a board in BOOTSEL mode. */
import { fileURLToPath } from "node:url";
import { flash } from "./command.ts";
import { surroundings } from "./volumes.ts";

process.exitCode = await flash(process.argv.slice(2), {
  project: fileURLToPath(new URL("..", import.meta.url)),
  // npm runs scripts in the project's folder; the user means the one the command was typed in.
  directory: process.env.INIT_CWD ?? process.cwd(),
  system: surroundings(),
  terminal: process.stdout.isTTY === true,
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
