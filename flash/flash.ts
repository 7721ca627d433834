/** `npm run flash`: writes a built image to a board in BOOTSEL mode. See command.ts. */
import { fileURLToPath } from "node:url";
import { flash } from "./command.ts";
import { surroundings } from "./volumes.ts";

process.exitCode = await flash(process.argv.slice(2), {
  project: fileURLToPath(new URL("..", import.meta.url)),
  // npm runs scripts in the project's folder, but the user's names are relative to the folder of the command.
  directory: process.env.INIT_CWD ?? process.cwd(),
  system: surroundings(),
  terminal: process.stdout.isTTY === true,
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
