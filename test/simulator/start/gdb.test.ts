import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { start } from "./run.ts";

const ELF = fileURLToPath(new URL("../../../build/slot-hat/firmware.elf", import.meta.url));

async function listen(): Promise<{ port: number; close: () => void }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as { port: number }).port, close: () => server.close() };
}

describe("--gdb", () => {
  it("lets gdb-multiarch stop in the host's C before anything has run, and go on to the end", async (context) => {
    if (spawnSync("gdb-multiarch", ["--version"]).status !== 0) {
      context.skip("gdb-multiarch is not installed");
      return;
    }
    const { port, close } = await listen();
    close();
    const commands = [
      `target remote localhost:${port}`,
      "break host_uart_write",
      "continue",
      "info args",
      "delete",
      "disconnect",
    ];
    let debugged: Promise<string> | null = null;
    const run = await start(["--gdb", String(port)], (_child, output) => {
      if (debugged || !output.includes("target remote")) return;
      const gdb = spawn("gdb-multiarch", ["-batch", ELF, ...commands.flatMap((command) => ["-ex", command])]);
      let said = "";
      gdb.stdout.on("data", (data: Buffer) => {
        said += data.toString();
      });
      debugged = once(gdb, "close").then(() => said);
    });
    const said = (await debugged) ?? "";
    assert.match(said, /Breakpoint 1, host_uart_write/);
    assert.match(said, /racklet-bmc .* type help/);
    assert.equal(run.status, 0, run.output);
  });

  it("refuses a port that is taken", async () => {
    const { port, close } = await listen();
    const run = await start(["--gdb", String(port)]);
    close();
    assert.equal(run.status, 1);
    assert.match(run.errors, new RegExp(`^error: --gdb ${port}: another program listens there`));
  });
});
