/**
 * `--gdb PORT`: holds the core before its first instruction until a debugger attaches, so that start-up code
 * can be debugged too.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import type { Rp2040 } from "../chip/rp2040.ts";

/**
 * Without a terminal there may be no user to attach a debugger: after this time the run goes on by itself.
 */
const PATIENCE_MS = 30_000;

/** Throws an Error if no program can listen on that port of localhost. */
async function assertFree(port: number): Promise<void> {
  const probe = createServer();
  probe.listen(port, "127.0.0.1");
  await once(probe, "listening");
  probe.close();
  await once(probe, "close");
}

/**
 * Opens the port and holds the core. Returns a function that closes the port. Without `patient` the core runs
 * after 30 s even if no debugger is attached.
 */
export async function holdForDebugger(chip: Rp2040, port: number, patient: boolean): Promise<() => void> {
  await assertFree(port).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "EADDRINUSE" ? "another program listens there" : error.message;
    throw new Error(`--gdb ${port}: ${why}; choose another port`);
  });
  const detach = chip.attachDebugger(port);
  chip.debuggerHalted = true;
  const timer = setTimeout(() => {
    if (!chip.bus.debuggerAttached) chip.debuggerHalted = false;
  }, PATIENCE_MS);
  if (patient) clearTimeout(timer);
  return () => {
    clearTimeout(timer);
    detach();
  };
}
