/**
 * The test's end of the stand-in for /dev/i2c-N (stand-in.c): an adapter with a bus behind it, at the
 * boundary of the kernel.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BusTimeoutError, NoAnswerError, NotAcknowledgedError, type SmbusBus } from "@racklet/client";

const { errno } = constants;
/** Linux' number for a byte that was not acknowledged, as the Raspberry Pi's driver and others have it. */
const EREMOTEIO = 121;
const I2C_M_RD = 1;

/** I2C_FUNC_I2C and I2C_FUNC_SMBUS_EMUL: what the adapter of a Raspberry Pi has. */
export const RASPBERRY_PI = 0x0eff0009;

export interface Adapter {
  bus: SmbusBus;
  functions: number;
  /** The number of the bus that is there. */
  number: number;
  /** Error numbers for the next calls of a kind, such as `open` or `transfer`; 0 lets one pass. */
  readonly errors: { open: number[]; address: number[]; transfer: number[] };
  /** Every transfer's line. */
  readonly transfers: string[];
}

/** Why the stand-in cannot be used on this machine, or undefined. */
export function whyNotHere(): string | undefined {
  if (process.platform !== "linux") return "/dev/i2c-N is Linux'";
  if (spawnSync("cc", ["--version"]).status !== 0) return "there is no C compiler, cc, to build the stand-in";
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  if (spawnSync("i2ctransfer", ["-V"], { env: { PATH: path } }).error) return "i2c-tools is not installed";
  return undefined;
}

/** Builds the library and answers for the adapter. The environment that is returned makes programs use it. */
export async function standIn(adapter: Adapter) {
  const folder = mkdtempSync(join(tmpdir(), "i2c-"));
  const library = join(folder, "stand-in.so");
  const source = fileURLToPath(new URL("stand-in.c", import.meta.url));
  const built = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-o", library, source, "-ldl"]);
  if (built.status !== 0) throw new Error(`cc failed: ${built.stderr}`);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", async (line) => {
      socket.write(`${await answer(adapter, line.split(" "))}\n`);
    });
  });
  const path = join(folder, "socket");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const close = () => {
    server.close();
    rmSync(folder, { recursive: true });
  };
  return { close, environment: { LD_PRELOAD: library, I2C_STAND_IN: path } };
}

async function answer(adapter: Adapter, [call = "", ...rest]: string[]): Promise<string> {
  const error = adapter.errors[call as keyof Adapter["errors"]]?.shift() ?? 0;
  if (error !== 0) return `${error}`;
  if (call === "open") return Number(rest[0]) === adapter.number ? "0" : `${errno.ENOENT}`;
  if (call === "functions") return `0 ${adapter.functions.toString(16)}`;
  if (call !== "transfer") return "0";
  adapter.transfers.push(rest.join(" "));
  try {
    return `0 ${Buffer.from(await carryOut(adapter.bus, rest)).toString("hex")}`;
  } catch (problem) {
    if (problem instanceof NoAnswerError || problem instanceof NotAcknowledgedError) return `${EREMOTEIO}`;
    if (problem instanceof BusTimeoutError) return `${errno.ETIMEDOUT}`;
    return `${errno.EIO}`;
  }
}

/** Messages of one transfer: one that writes, one that reads, or one of each. */
async function carryOut(bus: SmbusBus, parts: readonly string[]): Promise<Uint8Array> {
  let sent = Buffer.alloc(0);
  for (let at = 0; at < parts.length; at += 4) {
    const [address, flags, length] = parts.slice(at, at + 3).map(Number) as [number, number, number];
    const bytes = parts[at + 3] ?? "-";
    if (flags & I2C_M_RD) return bus.read(address, sent, length);
    sent = Buffer.from(bytes === "-" ? "" : bytes, "hex");
    if (at + 4 >= parts.length) await bus.write(address, sent);
  }
  return new Uint8Array(0);
}
