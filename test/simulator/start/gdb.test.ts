/**
 * `--gdb` with a real gdb-multiarch: breakpoints, steps and detaching, before the firmware's first
 * instruction and after it.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Finished, start } from "./run.ts";

const ELF = fileURLToPath(new URL("../../../build/slot-hat/firmware.elf", import.meta.url));

async function listen(): Promise<{ port: number; close: () => void }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as { port: number }).port, close: () => server.close() };
}

const skip =
  spawnSync("gdb-multiarch", ["--version"]).status === 0 ? false : "gdb-multiarch is not installed";

/** Runs the demonstration with GDB attached from before the first instruction; `said` is GDB's output. */
async function debug(commands: readonly string[]): Promise<{ run: Finished; said: string }> {
  const { port, close } = await listen();
  close();
  let debugged: Promise<string> | null = null;
  const run = await start(["--gdb", String(port)], (_child, output) => {
    if (debugged || !output.includes("target remote")) return;
    const all = [`target remote localhost:${port}`, ...commands].flatMap((command) => ["-ex", command]);
    // -nx ignores the user's own settings, such as a breakpoint style or a pager.
    const gdb = spawn("gdb-multiarch", ["-nx", "-batch", ELF, ...all]);
    let said = "";
    const listenTo = (data: Buffer) => {
      said += data.toString();
    };
    gdb.stdout.on("data", listenTo);
    gdb.stderr.on("data", listenTo);
    debugged = once(gdb, "close").then(() => said);
  });
  return { run, said: (await debugged) ?? "" };
}

describe("--gdb", () => {
  it("lets gdb-multiarch stop in the host's C before anything has run, and go on to the end", {
    skip,
  }, async () => {
    const { run, said } = await debug([
      "break host_uart_write",
      "continue",
      "info args",
      "delete",
      "disconnect",
    ]);
    assert.match(said, /Breakpoint 1, host_uart_write/);
    assert.match(said, /racklet-bmc .* type help/);
    assert.equal(run.status, 0, run.output + run.errors);
  });

  it("next, stepi and finish work, and after detach it runs on to the end", {
    skip,
  }, async () => {
    const symbol = (name: string) => `print/x (unsigned)&${name} & ~1`;
    const { run, said } = await debug([
      "break host_main",
      "continue",
      "backtrace",
      symbol("host_main"),
      "next",
      "info symbol $pc",
      "next",
      "info symbol $pc",
      "print/x $pc",
      "stepi",
      "print/x $pc",
      "tbreak host_uart_write",
      "continue",
      "finish",
      "detach",
    ]);
    assert.match(said, /Breakpoint 1, host_main \(\)/);
    assert.match(said, /#0 +host_main .*\n#1 .* in reset /);
    const symbols = [...said.matchAll(/^(\w+) \+ (\d+) in section/gm)];
    assert.deepEqual(
      symbols.map((match) => match[1]),
      ["host_main", "host_main"],
      said,
    );
    const offsets = symbols.map((match) => Number(match[2]));
    assert.ok((offsets[0] as number) > 0 && (offsets[1] as number) > (offsets[0] as number), `${offsets}`);
    const [entry, before, after] = [...said.matchAll(/^\$\d+ = 0x([0-9a-f]+)$/gm)].map((match) =>
      Number.parseInt(match[1] as string, 16),
    );
    assert.equal(before, (entry as number) + (offsets[1] as number));
    assert.notEqual(after, before);
    assert.match(said, /Temporary breakpoint 2, host_uart_write/);
    assert.match(said, /Value returned is \$\d+ = \d+/);
    assert.match(said, /Inferior 1 \(Remote target\) detached/);
    assert.doesNotMatch(said, /warning|Cannot|Error|SIG/, said);
    assert.equal(run.status, 0, run.output + run.errors);
    assert.deepEqual(run.problems, []);
    assert.equal(run.result?.warnings, 0);
  });

  it("refuses a port that is taken", async () => {
    const { port, close } = await listen();
    const run = await start(["--gdb", String(port)]);
    close();
    assert.equal(run.status, 1);
    assert.match(run.errors, new RegExp(`^error: --gdb ${port}: another program listens there`));
  });
});
